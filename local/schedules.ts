import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from './clock.ts';
import { PLACE, type Resolver, type Template } from './template.ts';

/** A rule that invokes a function regularly. */
export interface Schedule {
  readonly ruleArn: string;
  readonly everyMs: number;
  readonly functionId: string;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
export const RuleTargets = z.array(
  z.object({ Arn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
);

/** Reads the template's schedules. Throws for an expression that is not `rate(…)`. */
export function readSchedules(template: Template, resolver: Resolver): Schedule[] {
  return template.ofType('AWS::Events::Rule').flatMap(({ logicalId, properties }) => {
    const expression = properties.ScheduleExpression;
    if (expression === undefined || properties.State === 'DISABLED') return [];
    const everyMs = readRate(String(expression), logicalId);
    return RuleTargets.parse(properties.Targets).map((target) => ({
      ruleArn: resolver.arnOf(logicalId),
      everyMs,
      functionId: target.Arn['Fn::GetAtt'][0],
    }));
  });
}

/** `rate(5 minutes)` in milliseconds. */
function readRate(expression: string, place: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = UNITS[unit ?? ''];
  if (ms === undefined) throw new Error(`${place}: the local runtime knows rate(…), not ${expression}`);
  return Number(count) * ms;
}

/** Starts the schedules; the first run comes after one period. @returns what stops them */
export function startSchedules(options: {
  schedules: readonly Schedule[];
  clock: Clock;
  timeScale: number;
  invoke(functionId: string, event: unknown): void;
}): () => void {
  const timers = options.schedules.map((schedule) =>
    setInterval(
      () => options.invoke(schedule.functionId, scheduledEvent(schedule, options.clock.now())),
      schedule.everyMs * options.timeScale,
    ),
  );
  return () => timers.forEach(clearInterval);
}

/** The event that EventBridge sends for a schedule. */
export function scheduledEvent({ ruleArn }: Pick<Schedule, 'ruleArn'>, now: number): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: PLACE.account,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: PLACE.region,
    resources: [ruleArn],
    detail: {},
  };
}
