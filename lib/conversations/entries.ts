import * as z from 'zod';

/**
 * What lies in a conversation's inbox: everything that may change it. Pulled items keep their WeCom order; the rest is
 * ordered by arrival. Past this border the types are promises; an entry that does not parse is poison and is set aside.
 */
const pulled = { id: z.string(), app: z.string(), sentAt: z.number(), old: z.literal(true).optional() };

export const Entry = z.discriminatedUnion('kind', [
  /** The customer wrote. `content` is kept as WeCom sent it; `old` ones are history and are not answered. */
  z.object({
    ...pulled,
    kind: z.literal('message'),
    type: z.string(),
    text: z.string().optional(),
    menuId: z.string().optional(),
    content: z.unknown().optional(),
  }),
  /** An agent wrote in WeCom's own client. */
  z.object({
    ...pulled,
    kind: z.literal('answer'),
    agentId: z.string(),
    type: z.string(),
    content: z.unknown().optional(),
  }),
  z.object({
    ...pulled,
    kind: z.literal('entered'),
    scene: z.string().optional(),
    channel: z.string().optional(),
    welcomeCode: z.string().optional(),
    content: z.unknown().optional(),
  }),
  z.object({ ...pulled, kind: z.literal('send-failed'), failedId: z.string(), failType: z.number() }),
  /** Something an agent did to the session in WeCom's client. A signal to read the session, not a fact (rule 13). */
  z.object({
    ...pulled,
    kind: z.literal('session-changed'),
    change: z.string(),
    oldAgentId: z.string().optional(),
    newAgentId: z.string().optional(),
    code: z.string().optional(),
  }),
  z.object({ ...pulled, kind: z.literal('recalled'), by: z.enum(['customer', 'agent']), messageId: z.string() }),
  /** Kept for the history, without effect: events we do not know yet. */
  z.object({ ...pulled, kind: z.literal('noted'), event: z.string(), content: z.unknown().optional() }),

  /** The team claimed a place for request `r`; `n` counts its choices. */
  z.object({
    kind: z.literal('assigned'),
    r: z.string(),
    n: z.number(),
    agentId: z.string(),
    element: z.string(),
    at: z.number(),
  }),
  /** The team has no free place; request `r` stands in its line. */
  z.object({
    kind: z.literal('waiting'),
    r: z.string(),
    at: z.number(),
    /** Its place in line, 1 is next, and how long that takes; absent, where nobody can say. */
    ahead: z.number().optional(),
    estimateMs: z.number().optional(),
    /** The question for the place that this answers; absent, the first that is said of it. */
    n: z.number().optional(),
  }),
  /** The team asks whether a place is still taken: only the conversation releases (rule 14). */
  z.object({ kind: z.literal('place-asked'), agentId: z.string(), element: z.string(), at: z.number() }),
  /** Somebody wants the conversation to go to an agent, a team, or back to the bot. A note's words are not here. */
  z.object({
    kind: z.literal('hand-over'),
    id: z.string(),
    by: z.string(),
    to: z.union([
      z.literal('bot'),
      z.object({ agentId: z.string(), teamId: z.string().optional() }),
      z.object({ teamId: z.string() }),
    ]),
    noteId: z.string().optional(),
    at: z.number(),
  }),
  /** WeCom took the card; `code` buys one change of it. */
  z.object({ kind: z.literal('card-shown'), task: z.string(), code: z.string().optional(), at: z.number() }),
  /** WeCom does not show this agent the card. */
  z.object({ kind: z.literal('card-refused'), task: z.string(), errcode: z.number(), at: z.number() }),
  /** The agent tapped the card. */
  z.object({
    kind: z.literal('card-answered'),
    task: z.string(),
    agentId: z.string(),
    answer: z.enum(['take', 'pass']),
    code: z.string().optional(),
    at: z.number(),
  }),
  /** The agent, who holds a place for this conversation, has left. */
  z.object({ kind: z.literal('holder-left'), agentId: z.string(), at: z.number() }),
  /** What the operator's model said to question `a`. */
  z.object({
    kind: z.literal('model-answered'),
    a: z.string(),
    said: z.enum(['answer', 'hand-over', 'no-budget']),
    text: z.string().optional(),
    /** Of a hand-over why, in a word of ours. */
    why: z.string().optional(),
    at: z.number(),
  }),
  /** The customer is to be forgotten, with everything of before `at`. */
  z.object({ kind: z.literal('erased'), id: z.string(), at: z.number() }),
  /** We serve the account from now on; WeCom showed this. `element` is the place recorded for whoever serves. */
  z.object({
    kind: z.literal('adopted'),
    run: z.string(),
    app: z.string(),
    agentId: z.string().optional(),
    element: z.string().optional(),
    lastCustomerAt: z.number().optional(),
    scene: z.string().optional(),
    channel: z.string().optional(),
    at: z.number(),
  }),
  /** We do not serve the account any more. */
  z.object({ kind: z.literal('released'), run: z.string(), at: z.number() }),
]);
export type Entry = z.infer<typeof Entry>;
export type PulledEntry = Exclude<Entry, OwnEntry>;
/** What the team tells, what is told of its cards, what the model said, and what people want. */
export type OwnEntry =
  | Extract<
      Entry,
      {
        kind:
          | 'assigned'
          | 'waiting'
          | 'place-asked'
          | 'hand-over'
          | 'holder-left'
          | 'model-answered'
          | 'erased'
          | 'adopted'
          | 'released';
      }
    >
  | CardEntry;
export type CardEntry = Extract<Entry, { kind: 'card-shown' | 'card-refused' | 'card-answered' }>;

/** The keys that make a repeat the same entry (rule 2). */
export function entryKey(entry: Entry): string {
  switch (entry.kind) {
    case 'assigned':
      return `assigned#${entry.r}#${entry.n}`;
    case 'waiting':
      return entry.n === undefined ? `waiting#${entry.r}` : `waiting#${entry.r}#${entry.n}`;
    case 'place-asked':
      return `asked#${entry.element}#${entry.agentId}#${entry.at}`;
    case 'hand-over':
      return handOverKey(entry.id);
    case 'card-shown':
    case 'card-refused':
      return `${entry.kind}#${entry.task}`;
    case 'card-answered':
      return `${entry.kind}#${entry.task}#${entry.answer}#${entry.code ?? entry.at}`;
    case 'holder-left':
      return `holder-left#${entry.agentId}#${entry.at}`;
    case 'model-answered':
      return `model#${entry.a}`;
    case 'erased':
      return `erased#${entry.id}`;
    case 'adopted':
    case 'released':
      return `${entry.kind}#${entry.run}`;
    default:
      return messageKey(entry.id);
  }
}

export const messageKey = (msgid: string): string => `msg#${msgid}`;
/** Where the history keeps what we sent. */
export const sentKey = (msgid: string): string => `sent#${msgid}`;
export const handOverKey = (id: string): string => `hand-over#${id}`;
/** Where the history keeps the note that goes with a hand-over. */
export const noteKey = (id: string): string => `note#${id}`;
