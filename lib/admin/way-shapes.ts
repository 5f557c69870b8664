import * as z from 'zod';
import { next } from './shapes.ts';

/** What answers about contact ways, entries and quick replies are made of. */

const id = z.string();
const time = z.string().describe('ISO 8601, UTC');
const count = z.int().min(0);

const Adds = z.strictObject({ new: count, again: count, alreadyServed: count, lost: count }).meta({ id: 'Adds' });
const TodayAndTotal = z.strictObject({ today: Adds, total: Adds });
const Turns = z.strictObject({ today: count, total: count }).meta({ id: 'Turns' });

const summary = {
  id,
  name: z.string(),
  mode: z.enum(['pool', 'turn', 'link']),
  strategy: z.string(),
  paused: z.boolean(),
  next: id.optional(),
  hasCode: z.boolean(),
  configId: id.optional(),
  alarm: z.string().optional(),
  trouble: z.string().optional(),
  linksRefused: z.string().optional(),
  labelsRefused: z.array(z.unknown()).optional(),
  parkedUntil: time.optional(),
  waitsBecause: z.string().optional(),
  turns: Turns,
  adds: TodayAndTotal,
  elsewhere: z.unknown(),
};

export const WaySummaries = z.strictObject({
  contactWays: z.array(z.strictObject(summary).meta({ id: 'ContactWaySummary' })),
  ...next,
});

const Finding = z.strictObject({ path: z.string(), problem: z.string(), mend: z.string() });

export const WayShown = z
  .strictObject({
    ...summary,
    configuration: z.looseObject({ id }).describe('What PUT takes.'),
    rotation: z.looseObject({ validUntil: time.optional() }),
    members: z.array(
      z.looseObject({
        id,
        role: z.enum(['member', 'backup', 'former']),
        duty: z.enum(['on', 'off']),
        next: z.boolean(),
        passedOver: z.string().optional(),
        turns: Turns,
        adds: TodayAndTotal,
      }),
    ),
    list: z.strictObject({ members: z.array(id).optional(), since: time.optional(), changing: z.boolean() }),
    rotationLag: z.strictObject({ samples: count, p50Ms: z.number().optional(), p99Ms: z.number().optional() }),
  })
  .meta({ id: 'ContactWay' });

export const WaySaved = z.strictObject({ configuration: z.looseObject({ id }), warnings: z.array(Finding) });
export const WayPaused = z.strictObject({ id, paused: z.boolean() });

export const StrangeCodes = z.strictObject({
  lastNight: z.strictObject({ day: z.iso.date(), startedAt: time }).optional(),
  strangeCodes: z.array(z.looseObject({})),
  ...next,
});

const Visits = z.looseObject({});
export const EntryShown = z
  .strictObject({
    id,
    account: id,
    scene: z.string(),
    channel: z.string().optional(),
    team: id.optional(),
    language: z.string().optional(),
    rules: z.string().optional(),
    link: z.url().optional(),
    day: z.iso.date(),
    today: Visits,
    total: Visits,
  })
  .meta({ id: 'Entry' });
export const Entries = z.strictObject({ entries: z.array(EntryShown), ...next });

const replyShown = {
  id,
  zh: z.string().optional(),
  en: z.string().optional(),
  said: z.strictObject({ today: count, total: count }),
  namedBy: z
    .array(z.strictObject({ account: id, rules: z.array(id), upToDate: z.boolean() }))
    .describe('The rules that say it, and whether they have these words already.'),
};
export const QuickReplyShown = z
  .strictObject({
    ...replyShown,
    folder: z.string(),
    days: z.array(z.strictObject({ day: z.string(), said: count })),
  })
  .meta({ id: 'QuickReply' });
export const QuickReplies = z.strictObject({
  folders: z.array(z.strictObject({ folder: z.string(), quickReplies: z.array(z.strictObject(replyShown)) })),
  ...next,
});
export const QuickReplyRemoved = z.strictObject({ id, removed: z.literal(true), namedBy: replyShown.namedBy });
