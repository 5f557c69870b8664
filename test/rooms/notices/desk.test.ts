import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Desk, decide, emptyDesk, hear, lookAgainAt, putOff, settled } from '../../../lib/notices/desk.ts';
import type { Notice } from '../../../lib/notices/notice.ts';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { NOON, notice, offerExpired, situation, waiting } from './samples.ts';

const heard = (...notices: Notice[]): Desk => notices.reduce(hear, emptyDesk('lead'));

/** Decides, and takes it for granted that WeCom takes the message. The text, if there was one. */
function step(desk: Desk, at: ReturnType<typeof situation>): { desk: Desk; text: string | undefined } {
  const decided = decide(desk, at);
  const { telling } = decided.desk;
  if (!decided.sends || !telling) return { desk: decided.desk, text: undefined };
  return { desk: { ...settled(decided.desk, telling.id), version: desk.version + 1 }, text: telling.text };
}

test('the first of a kind is told at once, and more of the same gathers for a while', () => {
  const first = step(heard(offerExpired('amy')), situation());
  expect(first.text).toBe(
    '20:00 Customer service\n• Customers were given in team support and not answered in time, once: amy.',
  );

  const more = hear(hear(first.desk, offerExpired('bob', NOON + MINUTE)), offerExpired('amy', NOON + 2 * MINUTE));
  const early = situation({ now: NOON + 2 * MINUTE });
  expect(step(more, early).text).toBeUndefined();
  expect(lookAgainAt(more, early)).toBe(NOON + 5 * MINUTE);
  expect(step(more, situation({ now: NOON + 5 * MINUTE })).text).toContain('2 times: bob, amy.');
});

test('other teams and other kinds do not wait for it, and what is due together is one message, the most urgent first', () => {
  const { desk } = step(heard(offerExpired('amy')), situation());
  const closesAt = new Date(NOON + 2 * HOUR).toISOString();
  const two = [
    offerExpired('eve', NOON, 'sales'),
    notice('conversation.closing.v1', { teamId: 'support', waitedMs: 1, closesAt }),
  ].reduce(hear, desk);
  expect(step(two, situation({ now: NOON + SECOND })).text).toBe(
    [
      '20:00 Customer service',
      '• The 48 hours of 1 customer waiting in team support are almost over, the first at 22:00.',
      '• Customers were given in team sales and not answered in time, once: eve.',
    ].join('\n'),
  );
});

test('who waits is looked up when it is told; whoever was served meanwhile is no news', () => {
  const desk = heard(waiting('support'), waiting('support'));
  const lines = { support: { count: 5, since: NOON - 12 * MINUTE, receiving: 2 } };
  expect(step(desk, situation({ lines })).text).toContain('5 customers wait in team support, the longest for 12 min.');
  const served = step(desk, situation({ lines: { support: { count: 0, since: NOON, receiving: 2 } } }));
  expect(served).toMatchObject({ text: undefined, desk: { pending: [], told: [] } });
});

test('the same event a second time changes nothing', () => {
  const one = offerExpired('amy');
  const desk = heard(one);
  expect(hear(desk, one)).toBe(desk);
  const told = step(desk, situation()).desk;
  expect(hear(told, one)).toBe(told);
});

test('quiet hours pass in silence, and what happened then is told together when they end', () => {
  const quiet = { weekly: [{ days: ['thu'], from: '19:00', to: '07:00' }] };
  const at = (now: number) => situation({ now, supervisor: { quiet } });
  const desk = heard(offerExpired('amy'), offerExpired('bob', NOON + HOUR));
  expect(step(desk, at(NOON + HOUR)).text).toBeUndefined();
  expect(lookAgainAt(desk, at(NOON + HOUR))).toBe(NOON + 11 * HOUR);
  expect(step(desk, at(NOON + 11 * HOUR)).text).toContain('2 times: amy, bob');
});

test('somebody for whom it is always quiet is told nothing, and nobody looks again', () => {
  const quiet = { dates: {} };
  const desk = heard(offerExpired('amy'));
  const always = situation({ supervisor: { quiet } });
  expect(step(desk, always).text).toBeUndefined();
  expect(lookAgainAt(desk, always)).toBeUndefined();
});

test('a message whose sending was cut short is sent again with the same text, by one at a time', () => {
  const begun = decide(heard(offerExpired('amy')), situation());
  expect(begun.sends).toBe(true);
  const later = hear(begun.desk, offerExpired('bob', NOON + SECOND));
  expect(decide(later, situation({ now: NOON + SECOND })).sends).toBe(false);

  const again = decide(later, situation({ now: NOON + MINUTE }));
  expect(again.sends).toBe(true);
  expect(again.desk.telling).toMatchObject({ text: begun.desk.telling?.text, tries: 1 });
  const id = again.desk.telling?.id ?? '';
  const off = putOff(again.desk, id, NOON + 10 * MINUTE);
  expect(lookAgainAt(off, situation({ now: NOON + MINUTE }))).toBe(NOON + 10 * MINUTE);
  expect(settled(off, 'another').telling).toBeDefined();
  expect(settled(off, id).telling).toBeUndefined();
});

test('whatever happens, nobody gets more in an hour than the limits say, and nothing is left untold', () => {
  const kinds = ['offer.expired.v1', 'assignment.refused.v1', 'agent.off-duty.v1'] as const;
  const happening = fc.record({
    after: fc.integer({ min: 0, max: 10 * MINUTE }),
    type: fc.constantFrom(...kinds),
    team: fc.constantFrom('a', 'b', 'c'),
  });
  fc.assert(
    fc.property(
      fc.array(happening, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (happenings, perHour, perHourOfAKind) => {
        const terms = { perHour, perHourOfAKind, mergeMinutes: 1 };
        const sent: { at: number; text: string }[] = [];
        let desk = emptyDesk('lead');
        let now = NOON;
        const look = () => {
          const looked = step(desk, situation({ now, terms }));
          desk = looked.desk;
          if (looked.text !== undefined) sent.push({ at: now, text: looked.text });
        };
        for (const { after, type, team } of happenings) {
          now += after;
          desk = hear(desk, notice(type, { agentId: 'amy', teamId: team }, now));
          look();
        }
        for (let n = 0; n < 500 && desk.pending.length > 0; n += 1) {
          now = lookAgainAt(desk, situation({ now, terms })) ?? now;
          look();
        }
        expect(desk.pending).toEqual([]);
        const words = ['not answered in time', 'refused an assignment', 'off duty'];
        for (const { at } of sent) {
          const hour = sent.filter((one) => one.at > at - HOUR && one.at <= at);
          expect(hour.length).toBeLessThanOrEqual(perHour);
          for (const word of words) {
            expect(hour.filter(({ text }) => text.includes(word)).length).toBeLessThanOrEqual(perHourOfAKind);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
