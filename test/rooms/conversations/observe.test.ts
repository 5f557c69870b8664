import { describe, expect, test } from '@jest/globals';
import { withAdopted, withReleased } from '../../../lib/conversations/change-of-hands.ts';
import { type Conversation, emptyConversation } from '../../../lib/conversations/conversation.ts';
import { silenceDue } from '../../../lib/conversations/due.ts';
import { isForWeCom, type SendReply, type WeComEffect } from '../../../lib/conversations/effects.ts';
import { isTold, settleObserved } from '../../../lib/conversations/observe.ts';
import { MINUTE } from '../../../lib/platform/clock.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const ID = 'wkDesk:wmEve';
const empty = emptyConversation(ID, NOON);
const send: SendReply = {
  ...{ kind: 'send', id: 's1', deadline: NOON + MINUTE, content: { type: 'text', text: 'words' }, purpose: 'answer' },
  answers: [{ id: 'm1', type: 'text', at: NOON, text: 'words' }],
};
const waiting: Conversation = {
  ...empty,
  session: { state: 'bot', since: NOON, verifiedAt: NOON },
  request: { r: 'r1', teamId: 'support', askedAt: NOON, because: 'customer', assigned: { n: 1, agentId: 'ann' } },
  place: { agentId: 'ann', element: `${ID}#r1` },
};
const kinds = (conversation: Conversation) => conversation.pending.map(({ kind }) => kind);
const published = ({ pending }: Conversation) =>
  pending.flatMap((effect) => (effect.kind === 'publish' ? [{ type: effect.type, data: effect.data }] : []));

describe('what was observed', () => {
  test('a reply leaves the window as it was, is told without its words, and has the session read again', () => {
    const told = settleObserved({ ...waiting, window: { openedAt: NOON, sent: [NOON] } }, send, NOON);
    expect(told.window.sent).toEqual([]);
    expect(told.session.verifiedAt).toBeUndefined();
    expect(published(told)).toEqual([
      { type: 'effect.observed.v1', data: { effectId: 's1', kind: 'send', purpose: 'answer', answers: ['m1'] } },
    ]);
    expect(JSON.stringify(told)).not.toContain('words');
  });

  test('a hand-over gives the claimed place back and closes the request', () => {
    const move: WeComEffect = { kind: 'move', id: 'e1', to: { state: 'person', agentId: 'ann' } };
    const told = settleObserved(waiting, move, NOON);
    expect([told.request, told.place]).toEqual([undefined, undefined]);
    expect(kinds(told)).toEqual(['publish', 'cancel-request', 'release-place']);
  });

  test('a silence is seen once, and the next one begins with the agent’s next answer', () => {
    const silent: Conversation = {
      ...{ ...empty, session: { state: 'person', agentId: 'ann', since: NOON } },
      ...{ lastAgentAt: NOON, lastSpeaker: 'agent' },
    };
    const told = settleObserved(silent, { kind: 'move', id: 'e1', to: { state: 'ended' } }, NOON + MINUTE);
    expect(silenceDue(silent, MINUTE)).toBe(NOON + MINUTE);
    expect(silenceDue(told, MINUTE)).toBeUndefined();
    expect(silenceDue({ ...told, lastAgentAt: NOON + MINUTE }, MINUTE)).toBe(NOON + 2 * MINUTE);
  });

  test('nothing goes to WeCom but the customers of an account that is released', () => {
    const pool: WeComEffect = { kind: 'move', id: 'e1', to: { state: 'pool' }, because: 'release' };
    const told = (['serves', 'observes', 'adopting', 'released'] as const).map((one) => [
      isTold(send, one),
      isTold(pool, one),
    ]);
    expect(told).toEqual([
      [true, true],
      [false, false],
      [false, false],
      [false, true],
    ]);
  });
});

describe('a change of hands', () => {
  const adopted = { kind: 'adopted' as const, run: 'run1', app: 'main', at: NOON };

  test('nothing older is answered, and nothing that was under way goes on', () => {
    const busy: Conversation = {
      ...waiting,
      unanswered: send.answers,
      window: { openedAt: NOON, sent: [NOON] },
      pending: [send],
    };
    const taken = withAdopted(busy, adopted);
    expect(taken.unanswered).toEqual([]);
    expect(taken.window.sent).toEqual([]);
    expect(taken.pending.filter(isForWeCom)).toEqual([]);
    expect(taken.session.toRead).toBe(true);
    expect(kinds(taken)).toEqual(['cancel-request', 'release-place']);
  });

  test('the holder’s recorded place is the conversation’s, and there is one only', () => {
    const place = { agentId: 'ann', element: `${ID}#adopted-run1` };
    const fresh = withAdopted(empty, { ...adopted, ...place });
    expect(fresh.place).toEqual(place);
    // Told again, nothing changes.
    expect(withAdopted(fresh, { ...adopted, ...place }).place).toEqual(place);
    const known = withAdopted(
      { ...empty, place: { agentId: 'ann', element: `${ID}#seen1` } },
      { ...adopted, ...place },
    );
    expect(known.place?.element).toBe(`${ID}#seen1`);
    expect(known.pending).toMatchObject([{ kind: 'release-place', ...place }]);
    const other = withAdopted(
      { ...empty, place: { agentId: 'bob', element: `${ID}#seen1` } },
      { ...adopted, ...place },
    );
    expect(kinds(other)).toEqual(['release-place', 'record-place']);
  });

  test('released, who waits is moved to the pool, and whoever a person serves stays where he is', () => {
    const left = withReleased(waiting, NOON);
    expect(left.pending.filter(isForWeCom)).toMatchObject([{ to: { state: 'pool' }, because: 'release' }]);
    expect([left.request, left.place]).toEqual([undefined, undefined]);
    const served = withReleased(
      { ...empty, session: { state: 'person', agentId: 'ann', since: NOON }, place: { agentId: 'ann', element: 'e' } },
      NOON,
    );
    expect(served.pending.filter(isForWeCom)).toEqual([]);
    expect(published(served)).toEqual([{ type: 'conversation.released.v1', data: { waited: false, agentId: 'ann' } }]);
  });

  test('released, an idle conversation has nothing to tell', () => {
    expect(withReleased({ ...empty, session: { state: 'bot', since: NOON } }, NOON).pending).toEqual([]);
  });
});
