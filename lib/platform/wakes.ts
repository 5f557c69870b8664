import * as z from 'zod';

/**
 * What the queues carry: who has news, never what it says. Every shape has a version, so that old and new code can run
 * side by side during a deployment.
 */

/** signals.fifo, group = kf account (or `accounts:<app>`): "account X has news". */
export const Signal = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    /** Pull this account. */
    kind: z.literal('pull'),
    app: z.string(),
    openKfId: z.string(),
    /** The pull token of the callback, worth ten minutes from `receivedAt`; absent in signals of the sweep and of timers. */
    token: z.string().optional(),
    /** When WeCom made the callback (its CreateTime), and when it reached us; milliseconds. */
    createdAt: z.number(),
    receivedAt: z.number(),
  }),
  z.object({
    v: z.literal(1),
    /** Accounts were granted to the app or withdrawn from it. */
    kind: z.literal('accounts'),
    app: z.string(),
    granted: z.array(z.string()),
    withdrawn: z.array(z.string()),
    createdAt: z.number(),
    receivedAt: z.number(),
  }),
  z.object({
    v: z.literal(1),
    /** An agent tapped the card that offered him this customer. */
    kind: z.literal('card'),
    app: z.string(),
    openKfId: z.string(),
    customerId: z.string(),
    task: z.string(),
    agentId: z.string(),
    answer: z.enum(['take', 'pass']),
    /** Buys one change of the card. */
    code: z.string().optional(),
    createdAt: z.number(),
    receivedAt: z.number(),
  }),
  z.object({
    v: z.literal(1),
    /** Go on with taking the account over, or with letting it go. */
    kind: z.literal('run'),
    app: z.string(),
    openKfId: z.string(),
    run: z.string(),
    createdAt: z.number(),
    receivedAt: z.number(),
  }),
]);
export type Signal = z.infer<typeof Signal>;

/** contacts.fifo, group = customer: a verified customer-contact event, its allow-listed ids and codes only. */
export interface ContactNews {
  readonly v: 1;
  readonly app: string;
  /** WeCom's `Event`, e.g. `change_external_contact`. */
  readonly event: string;
  /** WeCom's `ChangeType`, e.g. `add_external_contact`; empty where the event has none. */
  readonly changeType: string;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly receivedAt: number;
  /** WeCom's own element names, e.g. `UserID`, `ExternalUserID`, `State`, `WelcomeCode`; never names or text. */
  readonly ids: Readonly<Record<string, string>>;
  /** Absent: WeCom told it. `reconcile`: WeCom never did, and it was found by reading. */
  readonly source?: 'reconcile' | undefined;
}

/** contacts.fifo, group = customer: "give what tags and remarks are still to be given". */
export const LabelWake = z.object({
  v: z.literal(1),
  kind: z.literal('label'),
  app: z.string(),
  customerId: z.string(),
});
export type LabelWake = z.infer<typeof LabelWake>;

/**
 * contacts.fifo, groups of their own: a step of the nightly comparison with WeCom. `night` is the day on which it began; `tries`, how
 * often this very step was put off because WeCom slept.
 */
export const ReconcileWake = z.discriminatedUnion('step', [
  z.object({
    v: z.literal(1),
    kind: z.literal('reconcile'),
    /** Look for adds of these members, made since then, that never reached us. */
    step: z.literal('adds'),
    app: z.string(),
    night: z.string(),
    since: z.number(),
    agentIds: z.array(z.string()),
    /** Where WeCom's list goes on; absent at its beginning. */
    cursor: z.string().optional(),
    tries: z.number(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('reconcile'),
    /** Look for codes that are not ours. */
    step: z.literal('codes'),
    app: z.string(),
    night: z.string(),
    /** How many codes may still be read tonight. */
    reads: z.number(),
    tries: z.number(),
  }),
]);
export type ReconcileWake = z.infer<typeof ReconcileWake>;

/** contacts.fifo, group = customer: "forget this customer, with everything of before `at`". */
export const ForgetWake = z.object({
  v: z.literal(1),
  kind: z.literal('forget'),
  customerId: z.string(),
  at: z.number(),
});
export type ForgetWake = z.infer<typeof ForgetWake>;

/** What contacts.fifo carries. News have no `kind`, as they were there first. */
export type ContactWake = ContactNews | LabelWake | ReconcileWake | ForgetWake;

/** conversations.fifo, group = conversation: "look into your inbox". */
export const ConversationWake = z.object({ v: z.literal(1), conversationId: z.string() });
export type ConversationWake = z.infer<typeof ConversationWake>;

/** assignments.fifo, group = team: "look into your inbox and your line". */
export const TeamWake = z.object({ v: z.literal(1), teamId: z.string() });
export type TeamWake = z.infer<typeof TeamWake>;

/** rotations.fifo, group = contact way: "look into your inbox, and at WeCom's list". */
export const WayWake = z.object({ v: z.literal(1), wayId: z.string() });
export type WayWake = z.infer<typeof WayWake>;

/** notices (a standard queue): "look at what this supervisor is still to be told". The bus puts its events there as well. */
export const NoticeWake = z.object({ v: z.literal(1), supervisorId: z.string() });
export type NoticeWake = z.infer<typeof NoticeWake>;

/** notices: "tell this agent about a conversation that is his now". Ids, codes and numbers; the note's words lie in the history. */
export const AgentBrief = z.object({
  v: z.literal(1),
  /** A repeat has the same. */
  brief: z.string(),
  conversationId: z.string(),
  agentId: z.string(),
  at: z.number(),
  /** Who handed it over, and the note that goes with it. */
  by: z.string().optional(),
  noteId: z.string().optional(),
  waitedMs: z.number().optional(),
  /** Replies that did not reach the customer: how many, by reason. */
  unsent: z.record(z.string(), z.number()),
  /** How often WeCom slept when it was to be told. */
  tries: z.number().optional(),
});
export type AgentBrief = z.infer<typeof AgentBrief>;
/** model (a standard queue): "ask the model question `a` of this conversation". The question lies in the conversation's state. */
export const ModelWake = z.object({ v: z.literal(1), conversationId: z.string(), a: z.string() });
export type ModelWake = z.infer<typeof ModelWake>;

/** timers (a standard queue with a delay per message): whom to wake when it is due. */
export const Timer = z.object({
  v: z.literal(1),
  /** Milliseconds. SQS delays at most 15 minutes, so a timer may have to be sent on. */
  dueAt: z.number(),
  do: z.discriminatedUnion('what', [
    z.object({
      what: z.literal('pull'),
      app: z.string(),
      openKfId: z.string(),
      /** The callback's pull token and its arrival, where a pull with one was put off. */
      token: z.string().optional(),
      receivedAt: z.number().optional(),
    }),
    z.object({ what: z.literal('wake-conversation'), conversationId: z.string() }),
    z.object({ what: z.literal('wake-team'), teamId: z.string() }),
    z.object({ what: z.literal('wake-way'), wayId: z.string() }),
    z.object({ what: z.literal('label-contact'), customerId: z.string(), app: z.string() }),
    z.object({ what: z.literal('reconcile'), wake: ReconcileWake }),
    z.object({ what: z.literal('run'), app: z.string(), openKfId: z.string(), run: z.string() }),
  ]),
});
export type Timer = z.infer<typeof Timer>;

/** cards (a standard queue): what is to be shown to one agent, or changed in what he sees. */
const card = {
  v: z.literal(1),
  /** The app in whose name. */
  app: z.string(),
  task: z.string(),
  agentId: z.string(),
  language: z.enum(['zh', 'en']),
  /** Past this moment nobody needs it any more. Milliseconds. */
  deadline: z.number(),
  /** How often it was put off. */
  tries: z.number().optional(),
};
export const CardJob = z.discriminatedUnion('kind', [
  z.object({
    ...card,
    kind: z.literal('show'),
    conversationId: z.string(),
    openKfId: z.string(),
    /** Why a person is wanted. */
    because: z.string(),
    waitedMs: z.number(),
    answerWithin: z.number(),
  }),
  z.object({
    ...card,
    kind: z.literal('change'),
    /** WeCom's `response_code`. */
    code: z.string(),
    ending: z.enum(['taken', 'passed', 'expired', 'refused', 'gone']),
  }),
]);
export type CardJob = z.infer<typeof CardJob>;
/**
 * media (a standard queue): "see to the file of this message", or "upload this file again before its three days end" (`ref` is its name
 * in our library: a hash). `tries`: how often WeCom slept when it was tried.
 */
export const MediaWake = z.discriminatedUnion('what', [
  z.object({
    v: z.literal(1),
    what: z.literal('inbound'),
    conversationId: z.string(),
    messageId: z.string(),
    tries: z.number().default(0),
  }),
  z.object({ v: z.literal(1), what: z.literal('refresh'), app: z.string(), ref: z.string() }),
]);
export type MediaWake = z.infer<typeof MediaWake>;
