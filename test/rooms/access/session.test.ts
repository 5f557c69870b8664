import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  cookieOf,
  isState,
  type Journey,
  readJourney,
  readSession,
  SESSION_LIVES,
  type Session,
  stateOf,
} from '../../../lib/access/session.ts';
import { HOUR } from '../../../lib/platform/clock.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const KEY = 'a key';
const session: Session = { corpId: 'ww1', userid: 'boss', id: 's1', until: NOON + SESSION_LIVES };
const journey: Journey = { nonce: 'n1', back: '/console/v1/me', until: NOON + HOUR };
/** What a browser sends back of a `set-cookie`. */
const sent = (cookie: string): string => cookie.split(';')[0] ?? '';

test('a session comes back as it was, for eight hours and no longer', () => {
  const cookie = cookieOf('session', KEY, session, NOON);
  expect(readSession(KEY, `other=1; ${sent(cookie)}`, NOON)).toEqual(session);
  expect(readSession(KEY, sent(cookie), NOON + 8 * HOUR - 1)).toEqual(session);
  expect(readSession(KEY, sent(cookie), NOON + 8 * HOUR)).toBeUndefined();
});

test('no script reads it, no other site’s form sends it, and no neighbouring domain can set it', () => {
  const cookie = cookieOf('session', KEY, session, NOON);
  expect(cookie).toMatch(/^__Host-concierge=/);
  expect(cookie.split('; ').slice(1)).toEqual(['Path=/', 'Max-Age=28800', 'HttpOnly', 'Secure', 'SameSite=Lax']);
});

test('a cookie in which anything was changed is none', () => {
  const value = sent(cookieOf('session', KEY, session, NOON));
  const start = '__Host-concierge='.length;
  // The last letter has bits that stand for nothing.
  const places = fc.integer({ min: start, max: value.length - 2 });
  fc.assert(
    fc.property(places, fc.constantFrom(...'aZ09-_.'), (at, letter) => {
      fc.pre(value[at] !== letter);
      expect(readSession(KEY, value.slice(0, at) + letter + value.slice(at + 1), NOON)).toBeUndefined();
    }),
  );
});

describe('what is signed for one purpose is worth nothing for another', () => {
  test('a journey is no session, and another key’s cookie is none', () => {
    const left = sent(cookieOf('journey', KEY, journey, NOON));
    expect(readSession(KEY, left.replace('__Host-concierge-login', '__Host-concierge'), NOON)).toBeUndefined();
    expect(readSession('another key', sent(cookieOf('session', KEY, session, NOON)), NOON)).toBeUndefined();
  });

  test('a state belongs to one journey, and is made of letters and digits as WeCom wants', () => {
    const state = stateOf(KEY, journey);
    expect(state).toMatch(/^[a-zA-Z0-9]{1,128}$/);
    expect(isState(KEY, journey, state)).toBe(true);
    expect(isState(KEY, { ...journey, nonce: 'n2' }, state)).toBe(false);
    expect(isState('another key', journey, state)).toBe(false);
    expect(readJourney(KEY, sent(cookieOf('journey', KEY, journey, NOON)), NOON)).toEqual(journey);
  });
});
