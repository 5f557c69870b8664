import type { Conversation } from './conversation.ts';
import type { OfferTerms } from './offer.ts';

/** A team's terms, as far as they hold for a conversation that it serves. */
export interface TeamRules {
  readonly teamId: string;
  /** The customer's silence after an agent's answer that ends a session, in milliseconds. */
  readonly endAfterSilence: number;
  readonly offer?: OfferTerms;
}

/** The team that the conversation is with: whose agent it asks for, or whose agent serves it. Undefined: the account's. */
export function teamWith({ request, offer, session, servedFor }: Conversation): string | undefined {
  return request?.teamId ?? offer?.teamId ?? (session.state === 'person' ? servedFor : undefined);
}

/** The terms that hold for the conversation now: those of the team that it is with, whatever team serves its account. */
export function teamServing<Team extends { readonly teamId: string }>(
  conversation: Conversation,
  { team, otherTeam }: { readonly team?: Team; readonly otherTeam?: Team },
): Team | undefined {
  const teamId = teamWith(conversation);
  return otherTeam && otherTeam.teamId === teamId ? otherTeam : team;
}
