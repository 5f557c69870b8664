import type { AgentRequest, Conversation } from './conversation.ts';

/** What a team is asked: who waits, and what is wanted of whoever serves him. */
export interface TeamRequest {
  readonly teamId: string;
  readonly r: string;
  readonly conversationId: string;
  readonly openKfId: string;
  readonly askedAt: number;
  readonly exclude?: readonly string[] | undefined;
  readonly prefer?: string | undefined;
  readonly owner?: string | undefined;
  readonly priority?: number | undefined;
  readonly skills?: Readonly<Record<string, number>> | undefined;
  readonly language?: string | undefined;
  readonly seenLanguage?: string | undefined;
  /** Nobody but this agent, until then. */
  readonly only?: AgentRequest['only'];
}

/** The member who has this customer as a contact in WeCom; undefined, when nobody has. */
export type OwnerOf = (customerId: string) => Promise<string | undefined>;

/**
 * The request as the team gets it. Who holds the session is not asked to relieve himself. Who owns the relation is looked up when it
 * is told, so that the state need not keep it.
 */
export async function teamRequest(
  { conversationId, openKfId, customerId }: Conversation,
  { r, teamId, askedAt, exclude = [], from, only, wanted }: AgentRequest,
  prefer: string | undefined,
  ownerOf: OwnerOf,
): Promise<TeamRequest> {
  const owner = await ownerOf(customerId);
  const passedOver = [...new Set(from === undefined ? exclude : [...exclude, from])];
  return {
    teamId,
    r,
    conversationId,
    openKfId,
    askedAt,
    prefer,
    owner,
    only,
    ...(passedOver.length > 0 && { exclude: passedOver }),
    ...wanted,
  };
}
