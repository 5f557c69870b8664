import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { watched } from '../../stack/alarms.ts';
import { GROWING } from '../../stack/call-quotas.ts';
import { readStackSettings } from '../../stack/settings.ts';
import { readTree } from '../support/source-tree.ts';

const Query = z.object({
  Id: z.string(),
  ReturnData: z.boolean(),
  Expression: z.string().optional(),
  MetricStat: z
    .object({
      Metric: z.object({ Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })) }),
      Stat: z.string(),
      Period: z.number(),
    })
    .optional(),
});
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Threshold: z.number(),
  ComparisonOperator: z.literal('GreaterThanThreshold'),
  EvaluationPeriods: z.literal(1),
  TreatMissingData: z.literal('notBreaching'),
  Metrics: z.array(Query),
});

const place = { stage: 'prod', region: 'cn-north-1', where: 'cloud' } as const;
const defaults: object = parse(readFileSync('config/default.yml', 'utf8'));
const settings = readStackSettings(
  { ...defaults, domain: 'none', outgoing: 'any', alarmAddress: 'ops@example.com' },
  place,
);
const { Resources } = watched(settings, place, 'house')({ Resources: {}, Outputs: {} });
const alarms = Object.entries(Resources)
  .filter(([, { Properties }]) => String(Properties?.AlarmName).includes('-calls-near-quota-'))
  .map(([, { Properties }]) => Alarm.parse(Properties));

/** Whether it rings when these were the calls of its period, by API; none of the others. */
function rings({ Metrics, Threshold }: z.infer<typeof Alarm>, calls: Readonly<Record<string, number>>): boolean {
  const [, terms = '', most = ''] = /^100 \* MAX\(\[(.*)\]\) \/ (\d+)$/.exec(Metrics[0]?.Expression ?? '') ?? [];
  const values = terms.split(/, (?=FILL)/).map((term) => {
    const [, id] = /^FILL\((\w+), 0\)$/.exec(term) ?? [];
    const stat = Metrics.find(({ Id }) => Id === id)?.MetricStat;
    const api = stat?.Metric.Dimensions.find(({ Name }) => Name === 'api')?.Value ?? '';
    return calls[api] ?? 0;
  });
  return (100 * Math.max(...values)) / Number(most) > Threshold;
}

test.each([
  ['minute', 60, 8000],
  ['hour', 3600, 120_000],
])('four fifths of what WeCom allows one API in a %s are no alarm, one call more is', (span, seconds, calls) => {
  const some = alarms.filter(({ AlarmName }) => AlarmName.endsWith(`-${span}`));
  expect(some.map(({ AlarmName }) => AlarmName)).toEqual([
    `house-calls-near-quota-customer-service-${span}`,
    `house-calls-near-quota-contacts-${span}`,
  ]);
  const [kf, contacts] = some;
  if (!kf || !contacts) throw new Error('no alarm');
  for (const { MetricStat } of [...kf.Metrics, ...contacts.Metrics])
    if (MetricStat) expect(MetricStat).toMatchObject({ Stat: 'Sum', Period: seconds });
  expect(rings(kf, { 'kf/send_msg': calls, 'kf/sync_msg': calls })).toBe(false);
  expect(rings(kf, { 'kf/send_msg': calls, 'kf/sync_msg': calls + 1 })).toBe(true);
  expect(rings(contacts, { 'kf/sync_msg': calls + 1 })).toBe(false);
  expect(rings(contacts, { 'user/get': calls + 1 })).toBe(true);
  expect(rings(contacts, {})).toBe(false);
});

test('CloudWatch takes them: ten metrics and expressions at most, one of which is watched', () => {
  expect(alarms).toHaveLength(4);
  for (const { Metrics } of alarms) {
    expect(Metrics.length).toBeLessThanOrEqual(10);
    expect(Metrics.filter(({ ReturnData }) => ReturnData)).toHaveLength(1);
  }
});

/** What is called by operators, once for a code, by the night, or does not count for these quotas. */
const OTHERS: readonly string[] = [
  ...['agent/get', 'auth/getuserinfo', 'department/simplelist', 'user/simplelist', 'gettoken'],
  ...['kf/account/list', 'kf/add_contact_way'],
  ...[
    'add_contact_way',
    'list_contact_way',
    'del_contact_way',
    'get_follow_user_list',
    'customer_acquisition_quota',
  ].map((name) => `externalcontact/${name}`),
  ...['message/send', 'message/update_template_card'],
];

test('every API that we call is watched, or known to stay far from its quota', () => {
  const source = readTree(process.cwd(), ['lib/wecom']);
  const called = Object.entries(source).flatMap(([path, text]) => [
    ...[...text.matchAll(/api\.(?:get|call|send|download)\(app, '([^']+)'/g)].map(([, api = '']) => api),
    ...(path.endsWith('/contact-api.ts')
      ? [...text.matchAll(/\bcall\('([a-z_/]+)'/g)].map(([, name = '']) => `externalcontact/${name}`)
      : []),
  ]);
  expect(called.length).toBeGreaterThan(25);
  const growing: readonly string[] = Object.values(GROWING).flat();
  expect([...new Set(called)].filter((api) => !growing.includes(api) && !OTHERS.includes(api))).toEqual([]);
  expect(growing.filter((api) => !called.includes(api))).toEqual([]);
});
