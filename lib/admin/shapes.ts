import * as z from 'zod';

/** What answers are made of; the views beside this file fill them. Times are ISO 8601. */

const id = z.string();
const time = z.string().describe('ISO 8601, UTC');
const count = z.int().min(0);
const milliseconds = z.number().min(0);
export const next = { next: z.string().optional().describe('The cursor of the next page; absent on the last one.') };
const anything = z.unknown();

const WaitingRequest = z.strictObject({
  r: id,
  conversationId: id,
  askedAt: time,
  waitedSeconds: count,
  place: z.int().min(1),
  priority: z.number(),
  estimateSeconds: count.optional(),
  skills: z.record(z.string(), z.number()).optional().describe('What the customer needs, and how well.'),
  language: z.string().optional(),
});

const Agent = z.strictObject({
  id,
  duty: z.enum(['on', 'off']),
  away: z.strictObject({ reason: z.string(), until: time.optional() }).optional(),
  left: z.strictObject({ reason: z.string(), at: time }).optional(),
  placesTaken: count,
  capacity: count,
  lastWorkAt: time.optional(),
  presence: z.array(z.strictObject({ account: id, status: z.string(), at: time })),
});

const Team = z
  .strictObject({
    id,
    accounts: z.array(id),
    endAfterSilenceSeconds: z.number(),
    terms: z.looseObject({}).describe('As the configuration says them; what is absent has its default.'),
    agents: z.array(Agent),
    waiting: z.array(WaitingRequest).describe('In the order in which they are served.'),
  })
  .meta({ id: 'Team' });

export const Teams = z.strictObject({ teams: z.array(Team), ...next });

export const DutyShown = z.strictObject({ id, duty: z.enum(['on', 'off']) }).meta({ id: 'Duty' });

export const Decisions = z.strictObject({
  r: id,
  decisions: z.array(
    z.strictObject({
      n: z.int(),
      status: z.string(),
      replays: z.boolean().describe('Whether the recorded facts still give the recorded choice.'),
      record: z.looseObject({}),
    }),
  ),
  ...next,
});

export const ConversationShown = z
  .strictObject({
    id,
    account: id,
    customerId: id,
    version: z.int(),
    session: z.strictObject({ state: z.string(), since: time, agentId: id.optional(), verifiedAt: time.optional() }),
    request: z
      .strictObject({
        id,
        teamId: id,
        because: z.string(),
        askedAt: time,
        waiting: z.boolean(),
        assignedTo: id.optional(),
        from: id.optional(),
        onlyFor: z.strictObject({ agentId: id, until: time }).optional(),
      })
      .optional(),
    place: z.strictObject({ agentId: id }).optional(),
    replyWindow: z.strictObject({ openedAt: time.optional(), sent: count }),
    tags: anything.optional(),
    unansweredQuestions: count,
    pendingEffects: z.array(
      z.strictObject({ id, kind: z.string(), deadline: time.optional(), tries: count.optional() }),
    ),
    parkedUntil: time.optional(),
    lastCustomerAt: time.optional(),
    lastAgentAt: time.optional(),
    endedAt: time.optional(),
    handOver: z.strictObject({ id, by: z.string(), to: anything, at: time, note: id.optional() }).optional(),
    unsentReplies: z.array(z.looseObject({ at: time })),
  })
  .meta({ id: 'Conversation' });

export const History = z.strictObject({
  id,
  entries: z.array(
    z.looseObject({ entry: id, at: time, kind: z.string() }).describe('Newest first, with what was written.'),
  ),
  more: z.boolean(),
  ...next,
});

export const MediaLink = z.strictObject({
  url: z.url(),
  expiresAt: time,
  bytes: count,
  contentType: z.string(),
});

export const HandOverAccepted = z.strictObject({
  id,
  conversationId: id,
  to: anything.optional(),
  repeated: z.literal(true).optional().describe('It was asked for before; what it said then stands.'),
});

const Times = z
  .strictObject({
    count,
    p50Ms: milliseconds.optional(),
    p90Ms: milliseconds.optional(),
    p99Ms: milliseconds.optional(),
  })
  .meta({ id: 'Times' });
const ByHours = z.strictObject({ open: Times, closed: Times });
const dayCounts = { assigned: count, transferred: count, offersExpired: count, abandoned: count };
const ratings = z.record(z.string(), z.looseObject({ asked: count, answered: count })).optional();

export const FiguresShown = z
  .strictObject({
    team: id.optional(),
    account: id.optional(),
    day: z.iso.date(),
    zone: z.string(),
    firstResponse: z.strictObject({ bot: ByHours, person: ByHours }),
    waitedUntilAssigned: ByHours,
    ...dayCounts,
    ratings,
    agents: z.array(
      z.strictObject({
        id,
        answers: count,
        firstResponse: Times,
        ...dayCounts,
        mostAtOnce: count.optional(),
        ratings,
      }),
    ),
  })
  .meta({ id: 'Figures' });

const Reason = z.strictObject({ zh: z.string(), en: z.string() });

export const Accounts = z.strictObject({
  accounts: z.array(z.strictObject({ id, managed: z.boolean(), served: z.boolean() })),
  ...next,
});

export const Servicers = z.strictObject({
  account: id,
  served: z.boolean(),
  wanted: z.array(id),
  actual: z.array(z.strictObject({ id, status: z.string() })),
  departments: z.array(z.number()),
  missing: z.array(id),
  surplus: z.array(z.strictObject({ id, holds: count })),
});

export const ServicersChanged = z.strictObject({
  account: id,
  results: z.array(z.strictObject({ id, what: z.string(), errcode: z.number().optional(), reason: Reason.optional() })),
  more: z.boolean().describe('Whether this has to be asked again, for what is left.'),
});

export const KnowledgeShown = z.strictObject({
  faq: z.array(z.looseObject({})).describe('WeCom’s items as entries of the section `faq`.'),
  left: z.array(z.strictObject({ intentId: id, problems: z.array(z.string()) })),
});

export const KnowledgeChanged = z.strictObject({
  steps: z.array(z.looseObject({ do: z.string(), id })),
  done: count,
  refused: z.array(z.strictObject({ id, problem: z.string() })),
  more: z.boolean().describe('Whether this has to be asked again, for what is left.'),
});

export const AuditShown = z.strictObject({
  records: z.array(
    z.strictObject({
      id,
      at: time,
      by: z.strictObject({ kind: z.enum(['iam', 'member']), name: z.string(), role: z.string() }),
      operation: z.string(),
      target: z.record(z.string(), z.string()),
      wish: z.record(z.string(), z.unknown()).optional(),
      body: z.string().optional().describe('The hash of what was sent.'),
      before: z.string().optional().describe('The ETag of what was changed.'),
      after: z.string().optional().describe('The ETag of what it was changed to.'),
      outcome: z.enum(['begun', 'done', 'refused', 'failed']).describe('`begun`: nobody noted the end.'),
      status: z.int().optional(),
      traceId: z.string().optional(),
    }),
  ),
  ...next,
});

export const Me = z.strictObject({
  kind: z.enum(['iam', 'member']),
  name: z.string(),
  role: z.enum(['viewer', 'supervisor', 'operator']),
  teams: z.array(z.string()),
});

export const Health = z.strictObject({ status: z.literal('ok') });

export const AccountDutyShown = z.strictObject({
  account: id,
  mode: z.string(),
  since: time.optional(),
  answersFrom: time.optional(),
  run: z
    .strictObject({
      id,
      kind: z.enum(['adopt', 'release']),
      startedAt: time,
      done: z.boolean(),
      steps: z.int(),
      customers: z.int(),
      withAgents: z.int(),
      inPool: z.int(),
      refused: z.int(),
    })
    .optional(),
});

export const Standing = z.strictObject({
  id,
  unread: z.int(),
  moreUnread: z.boolean(),
  places: z.array(z.strictObject({ agentId: id, held: z.boolean() })),
  line: z.strictObject({ teamId: id, waiting: z.int(), place: z.int().optional() }).optional(),
});

export const PlacesAsked = z.strictObject({ id, asked: z.array(id).describe('The agents of those places.') });
