import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Instant, SECOND } from '../platform/clock.ts';

/**
 * What a visitor's browser remembers of his turn, so that opening the same code again leads to the same member without a write. It is signed:
 * otherwise anybody could choose a member.
 */
export interface Visit {
  readonly turn: number;
  readonly agentId: string;
  readonly until: Instant;
}

const NAME = 'turn';

/** The `set-cookie` header. It is sent back to this way only, and no script can read it. */
export function visitCookie(key: string, wayId: string, visit: Visit, at: Instant): string {
  const payload = [visit.turn, visit.until, Buffer.from(visit.agentId).toString('base64url')].join('.');
  const seconds = Math.max(0, Math.ceil((visit.until - at) / SECOND));
  const value = `${payload}.${signature(key, wayId, payload).toString('base64url')}`;
  return `${NAME}=${value}; Path=/contact/${wayId}; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;
}

/** The visit that a `cookie` header tells of; undefined when there is none that we signed for this way, or it is over. */
export function readVisit(key: string, wayId: string, cookies: string | undefined, at: Instant): Visit | undefined {
  for (const cookie of (cookies ?? '').split(';').slice(0, MOST_COOKIES)) {
    const [name, value = ''] = cookie.trim().split('=', 2);
    const visit = name === NAME ? parse(key, wayId, value) : undefined;
    if (visit && visit.until > at) return visit;
  }
  return undefined;
}

const MOST_COOKIES = 50;

function parse(key: string, wayId: string, value: string): Visit | undefined {
  const found = /^((\d{1,15})\.(\d{1,15})\.([\w-]{1,100}))\.([\w-]{43})$/.exec(value);
  if (!found) return undefined;
  const [, payload = '', turn, until, agentId = '', signed = ''] = found;
  const given = Buffer.from(signed, 'base64url');
  const expected = signature(key, wayId, payload);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return { turn: Number(turn), until: Number(until), agentId: Buffer.from(agentId, 'base64url').toString() };
}

/** The way's id is signed, too: a visit of one way is none of another. */
function signature(key: string, wayId: string, payload: string): Buffer {
  return createHmac('sha256', key).update(`visit\n${wayId}\n${payload}`).digest();
}
