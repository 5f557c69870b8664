import { ofCallQuotas } from './call-quotas.ts';
import { ofType, ref, type Template } from './template.ts';

/** One alarm. `id` is its section in docs/operations/alarms.md; `of` tells alarms with the same section apart. */
export interface Alarm {
  readonly id: string;
  readonly of?: string;
  /** What is wrong, for who is woken by it. */
  readonly says: string;
  readonly metric: Metric | Share | Busiest;
  /** Above this it is wrong: milliseconds, seconds, a count, or percent, as the metric has it. */
  readonly over: number;
  readonly periodMinutes: number;
  /** How many periods in a row it has to be wrong. */
  readonly periods: number;
  /** What silence of the metric means. */
  readonly silence: 'fine' | 'wrong';
}

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly statistic: 'Sum' | 'Maximum' | 'Average';
}

/** How much of all calls, in percent, has one of these outcomes; 0 where there are fewer than `of.least` calls. */
export interface Share {
  readonly part: readonly Metric[];
  readonly whole: Metric;
  readonly least: number;
}

/** How much of a quota, in percent, the largest of these uses up. */
export interface Busiest {
  readonly busiest: readonly Metric[];
  readonly most: number;
}

/** The namespace of a stage's own metrics: the same words as in lib/platform/metrics.ts. */
export const namespaceOf = (stage: string): string => `WeComConcierge/${stage}`;

/** A queue whose oldest message is older than this (seconds) has no reader, or one that fails. Others: five minutes. */
const PATIENCE: Readonly<Record<string, number>> = {
  // A list in WeCom waits for WeCom's calls of the minute; a timer may be set for a quarter of an hour.
  RotationsQueue: 900,
  TimersQueue: 1800,
  NoticesQueue: 1800,
  CardsQueue: 900,
  ModelQueue: 120,
  MediaQueue: 3600,
};
const FIVE_MINUTES = 300;
const MINUTE_MS = 60_000;

/** By kind of owner, how late (minutes) the sweep may find one that should have been looked at. */
const OVERDUE: Readonly<Record<string, number>> = {
  conversations: 10,
  ways: 30,
  desks: 60,
  accounts: 15,
  media: 360,
};

const counted = { periodMinutes: 5, periods: 1, silence: 'fine' } as const;

/** Every alarm of a stack. What has a queue or a function of its own has an alarm of its own, also what is added later. */
export function alarmsOf(template: Template, stage: string): Alarm[] {
  const ours = (name: string, statistic: Metric['statistic'], dimensions: Metric['dimensions'] = {}): Metric => ({
    namespace: namespaceOf(stage),
    name,
    dimensions,
    statistic,
  });
  return [
    ...ofQueues(template),
    ...ofFunctions(template),
    ...ofWeCom(ours),
    ...ofUndone(ours),
    ...ofDoors(ours, template),
    ...ofQuotas(ours),
    ...ofCallQuotas(ours),
  ];
}

export type Ours = (name: string, statistic: Metric['statistic'], dimensions?: Metric['dimensions']) => Metric;

function ofQueues(template: Template): Alarm[] {
  const queues = ofType(template, 'AWS::SQS::Queue');
  const metric = (id: string, name: string): Metric => ({
    namespace: 'AWS/SQS',
    name,
    dimensions: { QueueName: { 'Fn::GetAtt': [id, 'QueueName'] } },
    statistic: 'Maximum',
  });
  return queues.flatMap(([id, { Properties }]): Alarm[] => {
    const isRead = Properties?.RedrivePolicy !== undefined;
    const of = id.replace(/(DeadLetter)?Queue$/, '').toLowerCase();
    if (!isRead) {
      const says = `What could not be done lies among the dead letters of ${of}.`;
      const waiting = metric(id, 'ApproximateNumberOfMessagesVisible');
      return [{ ...counted, id: 'dead-letters', of, says, metric: waiting, over: 0 }];
    }
    const says = `The oldest wake-up of ${of} is not handled.`;
    const age = metric(id, 'ApproximateAgeOfOldestMessage');
    return [{ ...counted, id: 'work-waits', of, says, metric: age, over: PATIENCE[id] ?? FIVE_MINUTES, periods: 2 }];
  });
}

function ofFunctions(template: Template): Alarm[] {
  return ofType(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
    const of = String(Properties?.Handler).replace(/^functions\/(.*)\.handler$/, '$1');
    const metric: Metric = {
      namespace: 'AWS/Lambda',
      name: 'Errors',
      dimensions: { FunctionName: ref(id) },
      statistic: 'Sum',
    };
    return { ...counted, id: 'function-fails', of, says: `The function ${of} ends with errors.`, metric, over: 2 };
  });
}

function ofWeCom(ours: Ours): Alarm[] {
  const calls = (outcome: string) => ours('WeComCalls', 'Sum', { outcome });
  const share = (outcomes: readonly string[]): Share => ({
    part: outcomes.map(calls),
    whole: ours('WeComCalls', 'Sum'),
    least: 10,
  });
  return [
    {
      ...counted,
      id: 'address-refused',
      says: 'WeCom answers 60020: our outgoing address is not on the app’s list of trusted addresses.',
      metric: calls('address'),
      over: 0,
    },
    {
      ...counted,
      id: 'secret-refused',
      says: 'WeCom refuses a corp id or the secret of an app; trying on gets our address barred for an hour.',
      metric: calls('secret'),
      over: 0,
    },
    {
      ...counted,
      id: 'token-failures',
      says: 'WeCom refuses access tokens again and again.',
      metric: calls('token'),
      over: 20,
      periods: 3,
    },
    {
      ...counted,
      id: 'wecom-refuses',
      says: 'WeCom refuses more than a fifth of our calls.',
      metric: share(['refused']),
      over: 20,
      periods: 3,
    },
    {
      ...counted,
      id: 'wecom-sleeps',
      says: 'WeCom does not answer, or is busy, for more than a fifth of our calls.',
      metric: share(['unreachable']),
      over: 20,
      periods: 2,
    },
    {
      ...counted,
      id: 'permission-missing',
      says: 'WeCom refuses calls for want of a permission of the app.',
      metric: calls('configuration'),
      over: 0,
      periods: 2,
    },
  ];
}

function ofUndone(ours: Ours): Alarm[] {
  const every = { periodMinutes: 5, periods: 2, silence: 'fine' } as const;
  return [
    ...Object.entries(OVERDUE).map(
      ([kind, minutes]): Alarm => ({
        ...every,
        id: 'overdue',
        of: kind,
        says: `The oldest of ${kind} that should have been looked at is ${minutes} minutes late.`,
        metric: ours('OldestOverdue', 'Maximum', { kind }),
        over: minutes * MINUTE_MS,
      }),
    ),
    {
      ...every,
      id: 'sweep-silent',
      says: 'The sweep has not run for ten minutes; nobody would see what is forgotten.',
      metric: ours('OldestOverdue', 'Maximum', { kind: 'conversations' }),
      // It is the silence that counts: nothing is forgotten for so long.
      over: 365 * 24 * 60 * MINUTE_MS,
      silence: 'wrong',
    },
    {
      ...every,
      id: 'line-waits',
      says: 'The first customer of a team’s waiting line has waited for half an hour, or nobody reads what the team is told.',
      // Who stands in line asks for attention after a minute, so that the sweep finds him.
      metric: ours('OldestOverdue', 'Maximum', { kind: 'teams' }),
      over: 29 * MINUTE_MS,
    },
    {
      ...every,
      id: 'effects-wait',
      says: 'Something decided for a customer, a reply for example, has not been told to WeCom for ten minutes.',
      metric: ours('OldestPendingEffect', 'Maximum'),
      over: 10 * MINUTE_MS,
    },
    {
      ...every,
      id: 'rotation-lags',
      says: 'A team code reaches the last member still, fifteen minutes after his turn.',
      metric: ours('RotationWaits', 'Maximum'),
      over: 15 * MINUTE_MS,
      periods: 1,
    },
    {
      ...counted,
      id: 'welcomes-missed',
      says: 'Customers who added a member were not welcomed.',
      metric: ours('WelcomesMissed', 'Sum'),
      over: 2,
      periodMinutes: 15,
    },
    {
      ...counted,
      id: 'set-aside',
      says: 'A message or an effect could not be handled and was set aside.',
      metric: ours('EntrySetAside', 'Sum'),
      over: 0,
    },
    {
      ...counted,
      id: 'set-aside',
      of: 'effects',
      says: 'An effect could not be told and was set aside.',
      metric: ours('EffectSetAside', 'Sum'),
      over: 0,
    },
    {
      ...counted,
      id: 'account-stopped',
      says: 'A customer service account is not pulled any more.',
      metric: ours('AccountsStopped', 'Sum'),
      over: 0,
    },
  ];
}

function ofDoors(ours: Ours, template: Template): Alarm[] {
  const door = 'ReceiveDashcallbackLambdaFunction';
  const api: Metric = {
    namespace: 'AWS/ApiGateway',
    name: '5xx',
    dimensions: { ApiId: ref('HttpApi') },
    statistic: 'Sum',
  };
  const slow: Metric = {
    namespace: 'AWS/Lambda',
    name: 'Duration',
    dimensions: { FunctionName: ref(door) },
    statistic: 'Maximum',
  };
  return [
    {
      ...counted,
      id: 'callbacks-refused',
      says: 'Many callbacks are refused: a wrong token or key, or somebody who is not WeCom.',
      metric: ours('CallbacksRefused', 'Sum'),
      over: 20,
    },
    {
      ...counted,
      id: 'callbacks-not-queued',
      says: 'Callbacks could not be put on their queue; WeCom repeats them three times at most.',
      metric: ours('CallbacksNotQueued', 'Sum'),
      over: 0,
    },
    ...(door in template.Resources
      ? [
          {
            ...counted,
            id: 'callbacks-slow',
            says: 'A callback took over four seconds; WeCom waits for five.',
            metric: slow,
            over: 4000,
          },
        ]
      : []),
    { ...counted, id: 'api-fails', says: 'The HTTP API answers with errors of ours.', metric: api, over: 5 },
  ];
}

function ofQuotas(ours: Ours): Alarm[] {
  const throttles: Metric = { namespace: 'AWS/Lambda', name: 'Throttles', dimensions: {}, statistic: 'Sum' };
  const balance = (kind: string): Alarm => ({
    ...counted,
    id: 'acquisition-quota',
    of: kind,
    says: `WeCom tells of the corp's customer-acquisition quota: ${kind}.`,
    metric: ours('AcquisitionEvents', 'Sum', { kind }),
    over: 0,
  });
  return [
    {
      ...counted,
      id: 'calls-limited',
      says: 'WeCom limits how often we call (45009, 45033).',
      metric: ours('WeComCalls', 'Sum', { outcome: 'limited' }),
      over: 10,
      periods: 3,
    },
    {
      ...counted,
      id: 'rotation-budget',
      says: 'Contact ways use up the calls per minute that the settings allow (rotationsPerMinute).',
      metric: ours('ContactWaysDeferred', 'Sum'),
      over: 50,
      periods: 3,
    },
    {
      ...counted,
      id: 'model-budget',
      says: 'The model’s calls of the day are used up (modelCallsPerDay).',
      metric: ours('ModelAsked', 'Sum', { outcome: 'no-budget' }),
      over: 0,
    },
    ...['balance-low', 'balance-exhausted', 'quota-expires'].map(balance),
    {
      ...counted,
      id: 'concurrency-used-up',
      says: 'Lambda throttles functions of this account: its concurrency is used up.',
      metric: throttles,
      over: 0,
      periods: 2,
    },
  ];
}
