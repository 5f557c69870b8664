import * as z from 'zod';
import { ACCOUNT, type Yard } from './yard.ts';

const Published = z.object({ id: z.string(), type: z.string(), subject: z.string(), sequence: z.number() });
export type Published = z.infer<typeof Published>;

/** The events about one customer, each id once, in the order of their sequence. Fails when one id stands for two facts. */
export function published(yard: Yard, customer: string): Published[] {
  const byId = new Map<string, Published>();
  for (const { detail } of yard.stack.events) {
    const event = Published.parse(detail);
    if (event.subject !== `${ACCOUNT}:${customer}`) continue;
    const known = byId.get(event.id);
    if (known && (known.type !== event.type || known.sequence !== event.sequence)) {
      throw new Error(`One event id for ${known.type} ${known.sequence} and ${event.type} ${event.sequence}`);
    }
    byId.set(event.id, event);
  }
  return [...byId.values()].toSorted((a, b) => a.sequence - b.sequence);
}

const HistoryItem = z.looseObject({
  entry: z.string(),
  kind: z.string().optional(),
  purpose: z.string().optional(),
  outcome: z.string().optional(),
  unread: z.string().optional(),
  dead: z.string().optional(),
  body: z.looseObject({ kind: z.string() }).optional().catch(undefined),
});

/** What is left in the inbox: entries that nobody handled. */
export async function unread(yard: Yard, customer: string): Promise<string[]> {
  const items = (await yard.history(customer)).map((item) => HistoryItem.parse(item));
  return items.flatMap(({ entry, unread }) => (unread === undefined ? [] : [entry]));
}

/** What the history says, without the ids that differ from one customer to the next. */
export async function recorded(yard: Yard, customer: string): Promise<string[]> {
  const items = (await yard.history(customer)).map((item) => HistoryItem.parse(item));
  return (
    items
      // The hourly audit asks after places when its hour has come, whatever happened on the way.
      .filter(({ body }) => body?.kind !== 'place-asked')
      .map(({ kind, purpose, outcome, dead, body }) =>
        [kind ?? body?.kind ?? 'entry', purpose, outcome, dead && 'dead'].filter(Boolean).join(' '),
      )
      .toSorted()
  );
}

/**
 * Everything that has to be the same in the end, whatever happened on the way: what both sides believe, what was shown,
 * recorded and published, and that nothing is left to do.
 */
export async function finalState(yard: Yard, customer: string) {
  const { session, place, request, pending, unanswered, fallbacks } = await yard.conversation(customer);
  const agents = await yard.agents();
  const { state, servicer } = yard.wecom.session(ACCOUNT, customer);
  return {
    session: { state: session.state, agentId: session.agentId, toRead: session.toRead },
    inWeCom: { state, servicer },
    place: place?.agentId,
    request: request !== undefined,
    left: { pending: pending.length, unanswered: unanswered.length, unread: await unread(yard, customer) },
    line: (await yard.line()).length,
    serving: Object.fromEntries(agents.map(({ agentId, serving }) => [agentId, serving.size])),
    fallbacks,
    shown: yard.shown(customer),
    history: await recorded(yard, customer),
    events: published(yard, customer).map(({ type }) => type),
  };
}
