import { cut, LONGEST_LINE } from './log-line.ts';

/** What CloudWatch keeps metrics under; a stage each, since several stacks may live in one account. */
let namespace = 'WeComConcierge';

/** Called once by the door. The alarms of `stack/` look for metrics under the same name. */
export function configureMetrics(settings: { stage: string | undefined }): void {
  namespace = settings.stage === undefined ? 'WeComConcierge' : `WeComConcierge/${settings.stage}`;
}

/**
 * Metrics ride in log lines (CloudWatch's embedded metric format), so counting costs no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @param sets which dimensions CloudWatch adds up by; all together, unless said otherwise. `[]` is the sum of everything
 */
export function count(
  metric: string,
  dimensions: Readonly<Record<string, string>> = {},
  value = 1,
  sets: readonly (readonly string[])[] = [Object.keys(dimensions)],
): void {
  write(metric, dimensions, value, 'Count', sets);
}

/** As `count`, in milliseconds. */
export function duration(
  metric: string,
  dimensions: Readonly<Record<string, string>>,
  milliseconds: number,
  sets: readonly (readonly string[])[] = [Object.keys(dimensions)],
): void {
  write(metric, dimensions, milliseconds, 'Milliseconds', sets);
}

function write(
  metric: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  unit: string,
  sets: readonly (readonly string[])[],
): void {
  const one = { namespace, at: Date.now(), metric, dimensions, value, unit, sets };
  for (const line of metricLines(one)) process.stdout.write(`${line}\n`);
}

/** What CloudWatch adds up of one value. */
interface Counted {
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: string;
  readonly sets: readonly (readonly string[])[];
}

/** One line, or one for each set where one would be longer than a log line may be: CloudWatch makes the same metrics of both. */
export function metricLines(one: Counted): string[] {
  const whole = JSON.stringify(metricLine(one));
  if (Buffer.byteLength(whole) <= LONGEST_LINE) return [whole];
  return one.sets.map((set) => {
    const own = {
      ...one,
      sets: [set],
      dimensions: Object.fromEntries(set.map((name) => [name, one.dimensions[name] ?? ''])),
    };
    const line = JSON.stringify(metricLine(own));
    if (Buffer.byteLength(line) <= LONGEST_LINE) return line;
    const bare = set.map((name) => [name, ''] as const);
    const room =
      LONGEST_LINE - Buffer.byteLength(JSON.stringify(metricLine({ ...own, dimensions: Object.fromEntries(bare) })));
    const short = set.map((name) => [name, cut(own.dimensions[name] ?? '', Math.floor(room / set.length))] as const);
    return JSON.stringify(metricLine({ ...own, dimensions: Object.fromEntries(short) }));
  });
}

/** What CloudWatch reads of a log line. `sets` says by which dimensions it adds up; each makes a metric of its own. */
export function metricLine(one: Counted): object {
  const { namespace: Namespace, at: Timestamp, metric: Name, unit: Unit, sets: Dimensions } = one;
  return {
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace, Dimensions, Metrics: [{ Name, Unit }] }] },
    ...one.dimensions,
    [Name]: one.value,
  };
}
