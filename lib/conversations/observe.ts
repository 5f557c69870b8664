import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import type { HouseRules } from './decide.ts';
import { type MoveSession, type SendReply, type WeComEffect, withEffect, withEvent } from './effects.ts';
import { settleAsked } from './rating.ts';
import { withoutSent } from './window.ts';

/**
 * How an account is attended to. `observes`: everything is decided as if we served, and nothing is said or moved. `adopting`: what WeCom
 * shows is taken in, and nothing is decided until it is served. `released`: somebody else serves it.
 */
export type Attention = 'serves' | 'observes' | 'adopting' | 'released';

/** The rules for an account that we do not serve: nobody is offered anything, and no offer runs out. */
export function quietly(rules: HouseRules, attention: Attention): HouseRules {
  if (attention === 'serves') return rules;
  const { entranceOf, team, otherTeam } = rules;
  return {
    ...rules,
    ...(attention !== 'observes' && { rests: true }),
    ...(team && { team: withoutOffers(team) }),
    ...(otherTeam && { otherTeam: withoutOffers(otherTeam) }),
    ...(entranceOf && {
      entranceOf: (origin) => {
        const met = entranceOf(origin);
        return met && quietly(met, attention);
      },
    }),
  };
}

function withoutOffers<Team extends { readonly offer?: unknown }>({ offer: _, ...team }: Team): Omit<Team, 'offer'> {
  return team;
}

/** Whether this goes to WeCom although the account is not served: customers who wait are handed to WeCom's pool as it is released. */
export const isTold = (effect: WeComEffect, attention: Attention): boolean =>
  attention === 'serves' || (attention === 'released' && effect.kind === 'move' && effect.because === 'release');

/**
 * What we would have done, and did not: its outcome is unknown, so the state takes neither success nor failure from it. What it had claimed
 * goes back, the wish behind it is closed, and WeCom's session is read again before the next decision.
 */
export function settleObserved(conversation: Conversation, effect: WeComEffect, now: Instant): Conversation {
  const { verifiedAt: _, ...session } = conversation.session;
  const told = withEvent({ ...conversation, session }, 'effect.observed.v1', now, {
    effectId: effect.id,
    kind: effect.kind,
    ...factsOf(effect),
  });
  switch (effect.kind) {
    case 'send':
      return { ...told, window: withoutSent(told.window, 1) };
    case 'send-by-code':
      return settleAsked(told, effect.survey, 'refused', now);
    case 'move':
      return settleMove(told, effect);
  }
}

function factsOf(effect: WeComEffect): Readonly<Record<string, unknown>> {
  switch (effect.kind) {
    case 'send':
      return saidOf(effect);
    case 'send-by-code':
      return { purpose: effect.purpose };
    case 'move':
      return { to: effect.to.state, ...(effect.to.state === 'person' && { agentId: effect.to.agentId }) };
  }
}

function saidOf({ purpose, answers, rule }: SendReply): Readonly<Record<string, unknown>> {
  return {
    purpose,
    ...(answers.length > 0 && { answers: answers.map(({ id }) => id) }),
    ...(rule !== undefined && { rule }),
  };
}

function settleMove(conversation: Conversation, { to, rule }: MoveSession): Conversation {
  if (to.state === 'person') return withoutRequest(conversation);
  // A silence is seen once; the next one begins with the agent's next answer.
  const { lastAgentAt, handOver } = conversation;
  const seen = rule === undefined && lastAgentAt !== undefined && { silenceSeen: lastAgentAt };
  // A hand-over to the bot has been tried often enough.
  const given = handOver?.to === 'bot' && { handOver: { ...handOver, tries: Number.MAX_SAFE_INTEGER } };
  return { ...conversation, ...seen, ...given };
}

/** Takes the open request back, and the place that was claimed for it. */
export function withoutRequest(conversation: Conversation): Conversation {
  const { request, ...rest } = conversation;
  if (!request) return conversation;
  const { r, teamId, assigned, from } = request;
  const next = withEffect(rest, { kind: 'cancel-request', r, teamId });
  if (!assigned) return next;
  const { agentId, element } = assigned;
  if (element !== undefined) return withEffect(next, { kind: 'release-place', agentId, element });
  const { place, ...free } = next;
  return place && from === undefined ? withEffect(free, { kind: 'release-place', ...place }) : next;
}

/** Somebody wants a person, or has written since: as soon as the account is served, that is decided. */
export const waitsForService = ({ session, unanswered }: Conversation): boolean =>
  session.state === 'pool' || unanswered.length > 0;
