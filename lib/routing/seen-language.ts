import type { Agent, WaitingRequest } from './agent.ts';
import type { Standing } from './standing.ts';

/**
 * The language that a customer was seen to write is a preference, not a demand: of those who could take the conversation at once, with
 * all that is wanted, whoever speaks it comes first. Where none of them does, it is as if nothing had been seen, so that nobody
 * ever waits for it: a customer may well have copied one word of a foreign language from our own text.
 *
 * @param standings the team's own first, as `chooseAgent` made them without regard to this language
 */
export function preferSeenLanguage(
  standings: readonly Standing[],
  { seenLanguage, language }: WaitingRequest,
  levels: readonly number[],
  agents: readonly Agent[],
): readonly Standing[] {
  if (seenLanguage === undefined || language !== undefined) return standings;
  const speakers = new Set(agents.filter(({ languages }) => languages?.includes(seenLanguage) ?? true).map(idOf));
  const couldTakeIt = ({ agentId, out, levels: has }: Standing): boolean =>
    out === undefined && speakers.has(agentId) && levels.every((level, index) => (has[index] ?? 0) >= level);
  if (!standings.some(couldTakeIt)) return standings;
  return standings.map((standing) => (speakers.has(standing.agentId) ? standing : { ...standing, speaks: false }));
}

const idOf = ({ agentId }: Agent): string => agentId;
