import * as z from 'zod';

/** What lies in a team's inbox: everything that changes its line. */
const request = {
  r: z.string(),
  conversationId: z.string(),
  openKfId: z.string(),
  askedAt: z.number(),
};

export const TeamEntry = z.discriminatedUnion('kind', [
  z.object({ ...request, kind: z.literal('request'), prefer: z.string().optional() }),
  /** WeCom did not let this agent take it: back in line, in its old order, without him for a while. */
  z.object({ ...request, kind: z.literal('refused'), n: z.number(), agentId: z.string(), at: z.number() }),
  z.object({ kind: z.literal('cancel'), r: z.string() }),
]);
export type TeamEntry = z.infer<typeof TeamEntry>;

export function teamEntryKey(entry: TeamEntry): string {
  return entry.kind === 'refused' ? `refused#${entry.r}#${entry.n}` : `${entry.kind}#${entry.r}`;
}

/** The team that owns an inbox of the routing table; undefined for what belongs to nobody's inbox. */
export const teamOfOwner = (owner: string): string | undefined =>
  owner.startsWith('team#') ? owner.slice('team#'.length) : undefined;
