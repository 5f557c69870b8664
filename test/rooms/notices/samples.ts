import type { Situation } from '../../../lib/notices/desk.ts';
import { type BusNews, type Notice, noticeOf } from '../../../lib/notices/notice.ts';
import type { Line } from '../../../lib/notices/say.ts';
import { NoticeTerms, Supervisor } from '../../../lib/notices/supervisor.ts';
import { MINUTE } from '../../../lib/platform/clock.ts';

/** Thursday, 20:00 in Shanghai. */
export const NOON = Date.UTC(2026, 0, 15, 12);

let ids = 0;
/** An event as the bus hands it over. */
export function news(type: string, data: Record<string, unknown>, at = NOON, subject = `wk:wm${++ids}`): BusNews {
  return { detail: { id: `event-${++ids}`, type, subject, time: new Date(at).toISOString(), data } };
}

export function notice(type: string, data: Record<string, unknown>, at = NOON, subject?: string): Notice {
  const found = noticeOf(news(type, data, at, subject));
  if (!found) throw new Error(`${type} is no supervisor’s business`);
  return found;
}

export const offerExpired = (agentId: string, at = NOON, teamId = 'support'): Notice =>
  notice('offer.expired.v1', { agentId, teamId, missed: 1, afterMs: MINUTE }, at);

export const waiting = (teamId: string, at = NOON): Notice =>
  notice('conversation.waiting.v1', { teamId, because: 'customer' }, at);

export function situation(
  given: {
    now?: number;
    supervisor?: Record<string, unknown>;
    terms?: Record<string, unknown>;
    lines?: Record<string, Line>;
  } = {},
): Situation {
  return {
    supervisor: Supervisor.parse({ id: 'lead', language: 'en', ...given.supervisor }),
    terms: NoticeTerms.parse(given.terms ?? {}),
    zone: 'Asia/Shanghai',
    now: given.now ?? NOON,
    lines: new Map(Object.entries(given.lines ?? {})),
  };
}
