import * as z from 'zod';

/** What lies in a team's inbox: everything that changes its line. */
const request = {
  r: z.string(),
  conversationId: z.string(),
  openKfId: z.string(),
  askedAt: z.number(),
};

export const TeamEntry = z.discriminatedUnion('kind', [
  z.object({
    ...request,
    kind: z.literal('request'),
    prefer: z.string().optional(),
    owner: z.string().optional(),
    skills: z.record(z.string(), z.number()).optional(),
    language: z.string().optional(),
    priority: z.number().optional(),
    /** Who let an offer of this conversation expire: passed over for a while, as if refused. */
    exclude: z.array(z.string()).optional(),
    /** The customer's language where none is demanded: preferred, and nobody waits for it. */
    seenLanguage: z.string().optional(),
    only: z.object({ agentId: z.string(), until: z.number() }).optional(),
  }),
  /** WeCom did not let this agent take it: back in line, in its old order, without him for a while. */
  z.object({
    ...request,
    kind: z.literal('refused'),
    n: z.number(),
    agentId: z.string(),
    at: z.number(),
    errcode: z.number().optional(),
  }),
  z.object({ kind: z.literal('cancel'), r: z.string() }),
  /** The agent whom request `r` was given let its time pass without a word. */
  z.object({
    kind: z.literal('offer-missed'),
    conversationId: z.string(),
    r: z.string(),
    agentId: z.string(),
    at: z.number(),
  }),
  /** The agent answered a customer whom he was offered. */
  z.object({ kind: z.literal('offer-answered'), conversationId: z.string(), agentId: z.string(), at: z.number() }),
  /** The agent has left: whom he serves is given to others. */
  z.object({
    kind: z.literal('agent-left'),
    agentId: z.string(),
    reason: z.enum(['deleted', 'unknown-member', 'no-servicer']),
    at: z.number(),
  }),
  /** The conversation wants to know once more where it stands; `n` counts that. */
  z.object({ kind: z.literal('line-asked'), r: z.string(), askedAt: z.number(), n: z.number() }),
]);
export type TeamEntry = z.infer<typeof TeamEntry>;

/** The keys that make a repeat the same entry (rule 2). */
export function teamEntryKey(entry: TeamEntry): string {
  switch (entry.kind) {
    case 'refused':
      return `refused#${entry.r}#${entry.n}`;
    // A request gets an agent only once who does not refuse, so he misses it only once.
    case 'offer-missed':
      return `offer-missed#${entry.r}#${entry.agentId}`;
    case 'offer-answered':
      return `offer-answered#${entry.conversationId}#${entry.agentId}#${entry.at}`;
    case 'agent-left':
      return `agent-left#${entry.agentId}#${entry.at}`;
    case 'line-asked':
      return `line-asked#${entry.r}#${entry.n}`;
    default:
      return `${entry.kind}#${entry.r}`;
  }
}

/** The team that owns an inbox of the routing table; undefined for what belongs to nobody's inbox. */
export const teamOfOwner = (owner: string): string | undefined =>
  owner.startsWith('team#') ? owner.slice('team#'.length) : undefined;
