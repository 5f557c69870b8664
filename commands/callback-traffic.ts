import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';
import { type Instant, MINUTE } from '../lib/platform/clock.ts';
import { AwsRefused, type StageAccess } from './stage-access.ts';

/** What callbacks a pair of credentials verified, as far as the functions' metrics tell. The proof of an address is no callback. */
export interface PairTraffic {
  readonly count: number;
  /** The beginning of the last minute in which there was one. */
  readonly lastAt: Instant | undefined;
  /** WeCom's names of what came, with how many of each. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Both mean that the pair verified a callback (`lib/wecom/callback-report.ts`). */
const METRICS = ['CallbacksAccepted', 'CallbacksIgnored'];
const QUERIES_AT_ONCE = 100;
const PROOF = 'url-verification';

type Dimensions = Readonly<Record<string, string | undefined>>;
interface Metric {
  readonly name: string;
  readonly dimensions: Dimensions;
}
type Sums = readonly { readonly at: Instant; readonly sum: number }[];

/** What each of an app's pairs verified in a time, minute by minute. Throws `AwsRefused`. */
export async function pairTraffic(
  access: StageAccess,
  stage: string,
  { app, pairs, from, to }: { app: string; pairs: readonly string[]; from: Instant; to: Instant },
): Promise<Map<string, PairTraffic>> {
  const namespace = `WeComConcierge/${stage}`;
  const whole = pairs.flatMap((credential) => METRICS.map((name) => ({ name, dimensions: { app, credential } })));
  const parts = (await Promise.all(METRICS.map((name) => listMetrics(access, namespace, name, { app }))))
    .flat()
    .filter(({ dimensions: { kind, credential } }) => kind && kind !== PROOF && pairs.includes(credential ?? ''));
  const metrics: Metric[] = [...whole, ...parts];
  const sums = await sumsOf(access, namespace, metrics, from, to);

  const counted = metrics.map(({ dimensions }, index) => {
    const { kind, credential } = dimensions;
    return { kind, credential, sums: sums[index] ?? [] };
  });
  return new Map(
    pairs.map((pair) => {
      const mine = counted.filter(({ credential }) => credential === pair);
      const all = mine.filter(({ kind }) => kind === undefined).flatMap((one) => one.sums);
      const kinds: Record<string, number> = {};
      for (const { kind, sums: some } of mine) {
        if (kind !== undefined && total(some) > 0) kinds[kind] = (kinds[kind] ?? 0) + total(some);
      }
      const times = all.filter(({ sum }) => sum > 0).map(({ at }) => at);
      return [pair, { count: total(all), lastAt: times.length > 0 ? Math.max(...times) : undefined, kinds }];
    }),
  );
}

const total = (sums: Sums): number => sums.reduce((all, { sum }) => all + sum, 0);

const members = <T extends z.ZodType>(one: T) =>
  z
    .union([z.object({ member: z.array(one).default([]) }), z.literal('')])
    .default('')
    .transform((list): z.output<T>[] => (list === '' ? [] : list.member));
const NextToken = z.string().optional();
const Listed = z.object({
  ListMetricsResponse: z.object({
    ListMetricsResult: z.object({
      Metrics: members(
        z.object({ MetricName: z.string(), Dimensions: members(z.object({ Name: z.string(), Value: z.string() })) }),
      ),
      NextToken,
    }),
  }),
});
const Data = z.object({
  GetMetricDataResponse: z.object({
    GetMetricDataResult: z.object({
      MetricDataResults: members(
        z.object({
          Id: z.string(),
          StatusCode: z.string(),
          Timestamps: members(z.string()),
          Values: members(z.coerce.number()),
        }),
      ),
      NextToken,
    }),
  }),
});
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  isArray: (name) => name === 'member',
});

async function listMetrics(access: StageAccess, Namespace: string, MetricName: string, wanted: Dimensions) {
  const found: Metric[] = [];
  let token: string | undefined;
  do {
    const xml = await access.metrics({
      ...{ Action: 'ListMetrics', Namespace, MetricName },
      ...dimensionFields('Dimensions', wanted),
      ...(token !== undefined && { NextToken: token }),
    });
    const { Metrics, NextToken: next } = Listed.parse(parser.parse(xml)).ListMetricsResponse.ListMetricsResult;
    for (const { MetricName: name, Dimensions } of Metrics)
      found.push({ name, dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])) });
    token = next;
  } while (token !== undefined);
  return found;
}

/** In the order of `metrics`. */
async function sumsOf(
  access: StageAccess,
  namespace: string,
  metrics: readonly Metric[],
  from: Instant,
  to: Instant,
): Promise<Sums[]> {
  const sums: { at: Instant; sum: number }[][] = metrics.map(() => []);
  for (let first = 0; first < metrics.length; first += QUERIES_AT_ONCE) {
    const queries = metrics.slice(first, first + QUERIES_AT_ONCE).map((metric, index) => {
      const query = `MetricDataQueries.member.${index + 1}`;
      return {
        [`${query}.Id`]: `m${first + index}`,
        [`${query}.MetricStat.Stat`]: 'Sum',
        [`${query}.MetricStat.Period`]: '60',
        [`${query}.MetricStat.Metric.Namespace`]: namespace,
        [`${query}.MetricStat.Metric.MetricName`]: metric.name,
        ...dimensionFields(`${query}.MetricStat.Metric.Dimensions`, metric.dimensions),
      };
    });
    let token: string | undefined;
    do {
      const xml = await access.metrics({
        Action: 'GetMetricData',
        StartTime: wholeMinute(from),
        EndTime: wholeMinute(to + MINUTE),
        ...Object.assign({}, ...queries),
        ...(token !== undefined && { NextToken: token }),
      });
      const answer = Data.parse(parser.parse(xml)).GetMetricDataResponse.GetMetricDataResult;
      token = answer.NextToken;
      for (const { Id, StatusCode, Timestamps, Values } of answer.MetricDataResults) {
        // An old pair of which CloudWatch would not say anything must not pass for one that is quiet.
        const isWhole = StatusCode === 'Complete' || (StatusCode === 'PartialData' && token !== undefined);
        if (!isWhole) throw new AwsRefused('cloudwatch:GetMetricData', StatusCode);
        for (const [index, at] of Timestamps.entries())
          sums[Number(Id.slice(1))]?.push({ at: Date.parse(at), sum: Values[index] ?? 0 });
      }
    } while (token !== undefined);
  }
  return sums;
}

function dimensionFields(prefix: string, dimensions: Dimensions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dimensions).flatMap(([name, value], index) => [
      [`${prefix}.member.${index + 1}.Name`, name],
      [`${prefix}.member.${index + 1}.Value`, value ?? ''],
    ]),
  );
}

const wholeMinute = (at: Instant): string =>
  `${new Date(Math.floor(at / MINUTE) * MINUTE).toISOString().slice(0, 19)}Z`;
