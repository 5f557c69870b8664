import type { Figure } from '../conversations/effects.ts';
import { ratingsView } from './ratings-view.ts';

/** How often, and how long it took the fastest half, nine tenths and 99 of 100, in milliseconds; no times where there were none. */
type Times = { readonly count: number } & { readonly [name in 'p50Ms' | 'p90Ms' | 'p99Ms']?: number };

/** A day of one team, or of an account that has none, as supervisors see it. */
export function figuresView(figures: readonly Figure[]) {
  const of = (...what: Figure['what'][]) => figures.filter((figure) => what.includes(figure.what));
  const agents = [...new Set(figures.flatMap(({ agentId }) => agentId ?? []))].toSorted();
  return {
    firstResponse: { bot: byHours(of('bot-answer')), person: byHours(of('person-answer')) },
    waitedUntilAssigned: byHours(of('assigned')),
    assigned: of('assigned').length,
    transferred: of('transferred').length,
    offersExpired: of('expired').length,
    abandoned: of('abandoned').length,
    ...ratingsView(figures),
    agents: agents.map((agentId) => {
      const his = figures.filter((figure) => figure.agentId === agentId);
      return agentView(agentId, his);
    }),
  };
}

function agentView(agentId: string, his: readonly Figure[]) {
  const of = (what: Figure['what']) => his.filter((figure) => figure.what === what);
  const given = his.flatMap(({ serving }) => serving ?? []);
  return {
    id: agentId,
    answers: of('person-answer').length,
    firstResponse: timesOf(of('person-answer')),
    assigned: of('assigned').length,
    transferred: of('transferred').length,
    offersExpired: of('expired').length,
    abandoned: of('abandoned').length,
    ...(given.length > 0 && { mostAtOnce: Math.max(...given) }),
    ...ratingsView(his),
  };
}

/** Whoever wrote while the account was closed waits for another reason, so his times stand apart. */
function byHours(figures: readonly Figure[]): { open: Times; closed: Times } {
  return {
    open: timesOf(figures.filter(({ closed }) => !closed)),
    closed: timesOf(figures.filter(({ closed }) => closed)),
  };
}

function timesOf(figures: readonly Figure[]): Times {
  const sorted = figures.flatMap(({ ms }) => ms ?? []).toSorted((a, b) => a - b);
  if (sorted.length === 0) return { count: 0 };
  return {
    count: sorted.length,
    p50Ms: percentile(sorted, 50),
    p90Ms: percentile(sorted, 90),
    p99Ms: percentile(sorted, 99),
  };
}

/** The smallest of the values, which are sorted and at least one, that so many percent do not exceed. */
const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
