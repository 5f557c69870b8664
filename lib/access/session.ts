import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';

/** What the browser of somebody who logged in keeps. What he may do is not in it: that is looked up at every request. */
export const Session = z.strictObject({
  corpId: z.string(),
  userid: z.string(),
  /** By which a logout names it. */
  id: z.string(),
  until: z.number(),
});
export type Session = Readonly<z.infer<typeof Session>>;

/** What the browser keeps while its owner is at WeCom: that he comes back to where he left is the proof that it was he who left. */
export const Journey = z.strictObject({ nonce: z.string(), back: z.string(), until: z.number() });
export type Journey = Readonly<z.infer<typeof Journey>>;

export const SESSION_LIVES = 8 * HOUR;
export const JOURNEY_LIVES = 10 * MINUTE;

/** Browsers take `__Host-` only over TLS, for the whole host and from the host itself: no neighbouring domain can plant one. */
const NAMES = { session: '__Host-concierge', journey: '__Host-concierge-login' } as const;
type Kind = keyof typeof NAMES;
const SHAPES = { session: Session, journey: Journey } as const;
/** A browser sends at most 180 cookies of a host. */
const MOST_COOKIES = 180;
/** Longer than any that we make. */
const MOST_CHARACTERS = 2000;

/** The `set-cookie` value. No script can read it, and other sites' forms do not send it. */
export function cookieOf(kind: 'session', key: string, content: Session, at: Instant): string;
export function cookieOf(kind: 'journey', key: string, content: Journey, at: Instant): string;
export function cookieOf(kind: Kind, key: string, content: Session | Journey, at: Instant): string {
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  const seconds = Math.max(0, Math.floor((content.until - at) / SECOND));
  const value = `${payload}.${signature(kind, key, payload).toString('base64url')}`;
  return `${NAMES[kind]}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;
}

export const endedCookie = (kind: Kind): string => `${NAMES[kind]}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;

export function readSession(key: string, cookies: string | undefined, at: Instant): Session | undefined {
  const read = Session.safeParse(contentOf('session', key, cookies));
  return read.success && read.data.until > at ? read.data : undefined;
}

export function readJourney(key: string, cookies: string | undefined, at: Instant): Journey | undefined {
  const read = Journey.safeParse(contentOf('journey', key, cookies));
  return read.success && read.data.until > at ? read.data : undefined;
}

/**
 * WeCom's `state` (letters and digits, at most 128 bytes): it belongs to one journey, and says nothing about it to whoever reads the address.
 */
export const stateOf = (key: string, { nonce }: Journey): string => signature('state', key, nonce).toString('hex');

/** In constant time. */
export function isState(key: string, journey: Journey, given: string): boolean {
  const [expected, sent] = [Buffer.from(stateOf(key, journey)), Buffer.from(given)];
  return expected.length === sent.length && timingSafeEqual(expected, sent);
}

function contentOf(kind: Kind, key: string, cookies: string | undefined): unknown {
  for (const cookie of (cookies ?? '').split(';').slice(0, MOST_COOKIES)) {
    const [name, value = ''] = cookie.trim().split('=', 2);
    if (name !== NAMES[kind] || value.length > MOST_CHARACTERS) continue;
    const [payload = '', signed = ''] = value.split('.');
    const [expected, given] = [signature(kind, key, payload), Buffer.from(signed, 'base64url')];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) continue;
    // Only we can have written it, so it is JSON of one of our shapes, though perhaps of an earlier version.
    return SHAPES[kind].safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data;
  }
  return undefined;
}

/** What is signed for one purpose is worth nothing for another. */
function signature(purpose: Kind | 'state', key: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\n${text}`).digest();
}
