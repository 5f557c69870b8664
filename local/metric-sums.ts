import * as z from 'zod';

/** What CloudWatch makes of the metrics that functions print: sums per minute. Its other statistics are not here. */
export interface MetricSums {
  /** A line of a function's output; it counts if it is in CloudWatch's embedded format. */
  note(line: string): void;
  /** Answers a call of CloudWatch's query protocol, in XML; undefined for an action that is not known here. */
  handle(form: URLSearchParams): string | undefined;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

type Dimensions = readonly (readonly [name: string, value: string])[];

interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  /** By the minute's beginning, in milliseconds since 1970. */
  readonly sums: Map<number, number>;
}

const MINUTE = 60_000;
/** Of a stack that stays up for days, the last hours are enough. */
const KEPT_MINUTES = 24 * 60;

export function createMetricSums(): MetricSums {
  const all = new Map<string, Series>();

  function add(namespace: string, name: string, dimensions: Dimensions, at: number, value: number): void {
    const key = keyOf(namespace, name, dimensions);
    const series = all.get(key) ?? { namespace, name, dimensions, sums: new Map<number, number>() };
    all.set(key, series);
    const minute = Math.floor(at / MINUTE) * MINUTE;
    series.sums.set(minute, (series.sums.get(minute) ?? 0) + value);
    const [oldest] = series.sums.keys();
    if (series.sums.size > KEPT_MINUTES && oldest !== undefined) series.sums.delete(oldest);
  }

  function listMetrics(form: URLSearchParams): string {
    const wanted = dimensionsIn(form, 'Dimensions.member');
    const found = [...all.values()].filter(
      ({ namespace, name, dimensions }) =>
        namespace === form.get('Namespace') &&
        name === form.get('MetricName') &&
        wanted.every(([dimension, value]) => dimensions.some((own) => own[0] === dimension && own[1] === value)),
    );
    const members = found.map(({ namespace, name, dimensions }) => {
      const written = dimensions.map(([n, v]) =>
        element('member', element('Name', text(n)) + element('Value', text(v))),
      );
      return element(
        'member',
        element('Namespace', text(namespace)) +
          element('MetricName', text(name)) +
          element('Dimensions', written.join('')),
      );
    });
    return element('Metrics', members.join(''));
  }

  function getMetricData(form: URLSearchParams): string {
    const from = Date.parse(form.get('StartTime') ?? '');
    const to = Date.parse(form.get('EndTime') ?? '');
    const results: string[] = [];
    for (let n = 1; form.has(`MetricDataQueries.member.${n}.Id`); n++) {
      const query = `MetricDataQueries.member.${n}`;
      const metric = `${query}.MetricStat.Metric`;
      const [namespace, name] = [form.get(`${metric}.Namespace`) ?? '', form.get(`${metric}.MetricName`) ?? ''];
      const series = all.get(keyOf(namespace, name, dimensionsIn(form, `${metric}.Dimensions.member`)));
      const sums = [...(series?.sums ?? [])].filter(([minute]) => minute >= from && minute < to);
      sums.sort(([a], [b]) => b - a);
      results.push(
        element(
          'member',
          element('Id', text(form.get(`${query}.Id`) ?? '')) +
            element('StatusCode', 'Complete') +
            element('Timestamps', sums.map(([minute]) => element('member', new Date(minute).toISOString())).join('')) +
            element('Values', sums.map(([, sum]) => element('member', String(sum))).join('')),
        ),
      );
    }
    return element('MetricDataResults', results.join(''));
  }

  return {
    note(line) {
      if (!line.includes('"CloudWatchMetrics"')) return;
      const read = Line.safeParse(parsed(line));
      if (!read.success) return;
      const { _aws, ...fields } = read.data;
      for (const { Namespace, Dimensions: sets, Metrics } of _aws.CloudWatchMetrics) {
        for (const { Name } of Metrics) {
          for (const set of sets) {
            const dimensions = set.map((dimension) => [dimension, String(fields[dimension])] as const);
            add(Namespace, Name, dimensions, _aws.Timestamp, Number(fields[Name]));
          }
        }
      }
    },
    handle(form) {
      const action = form.get('Action') ?? '';
      const result =
        action === 'ListMetrics' ? listMetrics(form) : action === 'GetMetricData' ? getMetricData(form) : undefined;
      return result && element(`${action}Response`, element(`${action}Result`, result));
    },
  };
}

function dimensionsIn(form: URLSearchParams, prefix: string): Dimensions {
  const found: (readonly [string, string])[] = [];
  for (let n = 1; form.has(`${prefix}.${n}.Name`); n++) {
    found.push([form.get(`${prefix}.${n}.Name`) ?? '', form.get(`${prefix}.${n}.Value`) ?? '']);
  }
  return found;
}

/** A metric is its name with its dimensions, in whatever order they are given. */
function keyOf(namespace: string, name: string, dimensions: Dimensions): string {
  return JSON.stringify([namespace, name, ...dimensions.map((one) => one.join('=')).sort()]);
}

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const text = (raw: string): string => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
