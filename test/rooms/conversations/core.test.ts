import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Conversation, emptyConversation, type Heard, idFrom } from '../../../lib/conversations/conversation.ts';
import { decide, foldAll } from '../../../lib/conversations/decide.ts';
import { nextDue, passiveEndDue, silenceDue } from '../../../lib/conversations/due.ts';
import type { Effect } from '../../../lib/conversations/effects.ts';
import { Entry } from '../../../lib/conversations/entries.ts';
import { fold } from '../../../lib/conversations/fold.ts';
import { houseRules, merge } from '../../../lib/conversations/house-rules.ts';
import { adopt, needsReading } from '../../../lib/conversations/session.ts';
import { type Outcome, settle, withdrawUntouched } from '../../../lib/conversations/settle.ts';
import { allowance, maySend, windowEnd } from '../../../lib/conversations/window.ts';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { DEFAULT_ZONE } from '../../../lib/platform/wall-clock.ts';
import { questionKey } from '../../../lib/replies/asked.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { validateContent } from '../../../lib/wecom/outgoing-messages.ts';
import { NOON } from '../../support/memory-wecom.ts';

const team = { teamId: 'support', endAfterSilenceSeconds: 1800 };
const ruleSet = RuleSet.parse({
  greeting: { text: 'Welcome' },
  rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } }],
});
const house = houseRules({ ruleSet, version: 1 }, team, DEFAULT_ZONE);
const pulled = { app: 'main', sentAt: NOON };
const message = (id: string, text: string, more: object = {}): Entry =>
  Entry.parse({ ...pulled, kind: 'message', id, type: 'text', text, content: {}, ...more });
const base: Conversation = {
  ...emptyConversation('wk:eve', NOON),
  app: 'main',
  session: { state: 'bot', since: NOON, verifiedAt: NOON },
};
const served: Conversation = {
  ...base,
  session: { state: 'person', agentId: 'amy', since: NOON, verifiedAt: NOON },
  place: { agentId: 'amy', element: 'wk:eve#r1' },
  lastCustomerAt: NOON,
};
const waiting: Conversation = {
  ...base,
  window: { openedAt: NOON, sent: [] },
  request: { r: 'r1', teamId: 'support', askedAt: NOON, because: 'customer' },
};
const kinds = ({ pending }: Conversation): string[] =>
  pending.map((effect) => (effect.kind === 'publish' ? effect.type : effect.kind));
const effectOf = <Kind extends Effect['kind']>({ pending }: Conversation, kind: Kind) =>
  pending.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
const settled = (conversation: Conversation, outcome: Outcome, kind: Effect['kind'] = 'send', now = NOON) =>
  settle(
    conversation,
    new Map(conversation.pending.filter((e) => e.kind === kind).map(({ id }) => [id, outcome])),
    now,
    house,
  );

describe('fold', () => {
  test('a message opens a new window, is announced by its id alone, and waits for an answer', () => {
    const after = fold(
      { ...base, window: { openedAt: 1, sent: [1, 2, 3, 4, 5] } },
      message('m1', 'a secret'),
      NOON,
      house,
    );
    expect(after.window).toEqual({ openedAt: NOON, sent: [] });
    // What we said after it was written, before we had heard of it, counts; what we said in its second does not.
    const meanwhile = { openedAt: 1, sent: [NOON - 1, NOON + 999, NOON + 1000] };
    expect(fold({ ...base, window: meanwhile }, message('m2', 'hello'), NOON, house).window.sent).toEqual([
      NOON + 1000,
    ]);
    expect(after.unanswered.map(({ id }) => id)).toEqual(['m1']);
    expect(JSON.stringify(after.pending)).not.toContain('secret');
  });

  test('an old message is history: it moves the window and asks nothing', () => {
    const after = fold(base, message('m1', 'hours', { old: true }), NOON, house);
    expect(after).toMatchObject({ unanswered: [], pending: [], lastCustomerAt: NOON });
  });

  test('the first message of a session makes us read it', () => {
    const ended: Conversation = { ...base, session: { state: 'ended', since: NOON } };
    expect(fold(ended, message('m1', 'hi'), NOON, house).session.toRead).toBe(true);
    expect(fold(base, message('m1', 'hi'), NOON, house).session.toRead).toBeUndefined();
  });

  test('a courtesy right after the end opens nothing; the same words later do', () => {
    const over: Conversation = { ...base, session: { state: 'ended', since: NOON }, endedAt: NOON - MINUTE };
    expect(fold(over, message('m1', '谢谢'), NOON, house).unanswered).toEqual([]);
    expect(fold({ ...over, endedAt: NOON - HOUR }, message('m1', '谢谢'), NOON, house).unanswered).toHaveLength(1);
  });

  test('thanks that come with the news of the end open nothing either', () => {
    const changed = Entry.parse({ ...pulled, kind: 'session-changed', id: 'e1', change: 'ended' });
    const folded = foldAll(served, [changed, message('m1', 'thanks')], NOON, house);
    const after = decide(folded, NOON, house, { state: 'new' });
    expect(kinds(after)).not.toContain('request-agent');
    expect(kinds(after)).not.toContain('send');
    expect(after.unanswered).toEqual([]);
  });

  test("an agent's answer takes the questions off; one by somebody unexpected makes us read", () => {
    const answer = Entry.parse({ ...pulled, kind: 'answer', id: 'a1', agentId: 'amy', type: 'text', content: {} });
    const asked: Conversation = { ...base, unanswered: [{ id: 'm1', type: 'text', at: NOON }] };
    expect(fold(asked, answer, NOON, house)).toMatchObject({ unanswered: [], session: { toRead: true } });
    expect(fold(served, answer, NOON, house).session.toRead).toBeUndefined();
  });

  test('a recall before the answer takes the question back', () => {
    const recall = Entry.parse({ ...pulled, kind: 'recalled', id: 'e1', by: 'customer', messageId: 'm1' });
    const after = foldAll(base, [message('m1', 'hours'), message('m2', 'hm'), recall], NOON, house);
    expect(after.unanswered.map(({ id }) => id)).toEqual(['m2']);
    expect(kinds(after)).toContain('forget-text');
  });

  test('a failed delivery is recorded; for a session that is over it is read, after five messages the window is full', () => {
    const failed = (failType: number) =>
      fold(base, Entry.parse({ ...pulled, kind: 'send-failed', id: 'e1', failedId: 's1', failType }), NOON, house);
    expect(kinds(failed(0))).toEqual(['mark-failed', 'reply.failed.v1']);
    expect(failed(5).session.toRead).toBe(true);
    expect(failed(6).window.sent).toHaveLength(5);
  });

  test('a place for a request that is not open is given back, and the same place twice is one', () => {
    const assigned = (r: string, n: number) =>
      Entry.parse({ kind: 'assigned', r, n, agentId: 'amy', element: `wk:eve#${r}`, at: NOON });
    expect(kinds(fold(waiting, assigned('other', 1), NOON, house))).toEqual(['release-place']);
    const once = fold(waiting, assigned('r1', 1), NOON, house);
    expect(once.place).toEqual({ agentId: 'amy', element: 'wk:eve#r1' });
    expect(fold(once, assigned('r1', 1), NOON, house)).toEqual(once);
  });

  test('a place that the team asks for is released unless it is taken', () => {
    const asked = (element: string) => Entry.parse({ kind: 'place-asked', agentId: 'amy', element, at: NOON });
    expect(kinds(fold(served, asked('wk:eve#r1'), NOON, house))).toEqual([]);
    expect(kinds(fold(served, asked('wk:eve#r0'), NOON, house))).toEqual(['release-place']);
  });
});

describe('decide', () => {
  const asking = (...texts: string[]): Conversation =>
    foldAll(
      base,
      texts.map((text, index) => message(`m${index}`, text)),
      NOON,
      house,
    );

  test('without the reading that is needed nothing is decided', () => {
    const doubtful: Conversation = { ...asking('hours'), session: { state: 'bot', since: NOON, toRead: true } };
    expect(decide(doubtful, NOON, house)).toBe(doubtful);
  });

  test('fallbacks count, and after enough of them a person is asked for', () => {
    const first = decide(asking('hm'), NOON, house);
    expect(effectOf(first, 'send')).toMatchObject([{ purpose: 'fallback' }]);
    expect(first.fallbacks).toBe(1);
    const third = decide({ ...asking('hm'), fallbacks: 2 }, NOON, house);
    expect(effectOf(third, 'request-agent')).toMatchObject([{ request: { because: 'fallbacks' } }]);
  });

  test('where no team serves, whoever asks for a person is told so', () => {
    const alone = houseRules({ ruleSet, version: 1 }, undefined, DEFAULT_ZONE);
    expect(effectOf(decide(asking('human'), NOON, alone), 'send')).toMatchObject([{ purpose: 'nobody' }]);
  });

  test('a second wish for a person opens no second request', () => {
    const again = decide(
      { ...waiting, unanswered: [{ id: 'm1', type: 'text', text: 'human', at: NOON }] },
      NOON,
      house,
    );
    expect(effectOf(again, 'request-agent')).toEqual([]);
    expect(again.request).toEqual(waiting.request);
  });

  test('a conversation in line is still answered by the rules', () => {
    const asked = decide(
      { ...waiting, unanswered: [{ id: 'm1', type: 'text', text: 'hours', at: NOON }] },
      NOON,
      house,
    );
    expect(effectOf(asked, 'send')).toMatchObject([{ purpose: 'answer' }]);
  });

  test("in WeCom's own pool nobody can speak: an agent is asked for, and moved to without a word", () => {
    const pool = decide(base, NOON, house, { state: 'pool' });
    expect(kinds(decide({ ...pool, session: { ...pool.session, state: 'pool' } }, NOON, house))).toContain(
      'request-agent',
    );
    const assigned: Conversation = {
      ...waiting,
      session: { state: 'pool', since: NOON, verifiedAt: NOON },
      request: { r: 'r1', teamId: 'support', askedAt: NOON, because: 'pool', assigned: { n: 1, agentId: 'amy' } },
    };
    expect(kinds(decide(assigned, NOON, house))).toEqual(['move']);
  });

  test('without room in the window the answer is recorded as failed, not tried', () => {
    const late = { ...asking('hours'), window: { openedAt: NOON, sent: [NOON, NOON, NOON, NOON] } };
    const after = decide(late, NOON, house);
    expect(effectOf(after, 'send')).toEqual([]);
    expect(kinds(after)).toContain('reply.failed.v1');
  });

  test('the end code buys the end text while the session is over, and nothing else', () => {
    const ended: Conversation = { ...served, endCode: { code: 'c1', deadline: NOON + 20 * SECOND } };
    const doubtful: Conversation = { ...ended, session: { ...ended.session, toRead: true } };
    expect(effectOf(decide(doubtful, NOON, house, { state: 'ended' }), 'send-by-code')).toMatchObject([
      { code: 'c1', purpose: 'ended' },
    ]);
    expect(effectOf(decide(doubtful, NOON, house, { state: 'new' }), 'send-by-code')).toEqual([]);
    expect(effectOf(decide(doubtful, NOON + 20 * SECOND, house, { state: 'ended' }), 'send-by-code')).toEqual([]);
  });

  test('a person who serves answers alone', () => {
    const asked: Conversation = { ...served, unanswered: [{ id: 'm1', type: 'text', text: 'hours', at: NOON }] };
    expect(decide(asked, NOON, house)).toMatchObject({ unanswered: [], pending: [] });
  });
});

describe('settle', () => {
  const answering = decide(foldAll(base, [message('m1', 'hours')], NOON, house), NOON, house);
  const handingOver: Conversation = decide(
    {
      ...waiting,
      place: { agentId: 'amy', element: 'wk:eve#r1' },
      request: { r: 'r1', teamId: 'support', askedAt: NOON, because: 'customer', assigned: { n: 1, agentId: 'amy' } },
    },
    NOON,
    house,
  );

  test('a sent answer is told as answered, and the session is ours', () => {
    expect(kinds(settled(answering, { is: 'done' }))).toContain('message.answered.v1');
  });

  test('a refusal for the session gives the question back, twice; then it has failed', () => {
    const refused = settled(answering, { is: 'refused', errcode: 95018 });
    expect(refused).toMatchObject({ refusedSends: 1, session: { toRead: true } });
    expect(refused.unanswered.map(({ id }) => id)).toEqual(['m1']);
    const last = settled({ ...answering, refusedSends: 2 }, { is: 'refused', errcode: 95018 });
    expect(last.unanswered).toEqual([]);
    expect(kinds(last)).toContain('reply.failed.v1');
  });

  test('a parked effect stays first in its lane, and rests longer every time', () => {
    const parked = settled(answering, { is: 'parked', until: NOON + SECOND, untouched: true });
    expect(parked.pending[0]).toMatchObject({ kind: 'send', untouched: true });
    expect(parked).toMatchObject({ parkedUntil: NOON + SECOND, parkedTimes: 1 });
    expect(settled(parked, { is: 'parked', until: NOON + MINUTE, untouched: true }).parkedTimes).toBe(2);
  });

  test('how long nothing has got through is counted from the first time it was parked', () => {
    const outcome = { is: 'parked', until: NOON + MINUTE, untouched: true } as const;
    const again = settled(settled(answering, outcome), outcome, 'send', NOON + MINUTE);
    expect(again.parkedSince).toBe(NOON);
    expect(settled(again, { is: 'done' }, 'send', NOON + 2 * MINUTE)).not.toHaveProperty('parkedSince');
  });

  test('only an answer that was certainly never tried is withdrawn, with its questions and its place in the window', () => {
    const parked = settled(answering, { is: 'parked', until: NOON + SECOND, untouched: true });
    expect(withdrawUntouched(parked)).toMatchObject({ window: { sent: [] }, unanswered: [{ id: 'm1' }] });
    const tried = settled(answering, { is: 'parked', until: NOON + SECOND, untouched: false });
    expect(withdrawUntouched(tried)).toBe(tried);
  });

  test('an agent who cannot take it gives the place back, and the same request asks for another', () => {
    const refused = settled(handingOver, { is: 'refused', errcode: 95014 }, 'move');
    expect(refused.place).toBeUndefined();
    expect(refused.request).toMatchObject({ r: 'r1' });
    expect(refused.request?.assigned).toBeUndefined();
    expect(kinds(refused)).toEqual(['send', 'release-place', 'agent-refused', 'assignment.refused.v1']);
  });

  test('a hand-over that succeeded closes the request and keeps the place', () => {
    const done = settled(handingOver, { is: 'done' }, 'move');
    expect(done.request).toBeUndefined();
    expect(done).toMatchObject({ session: { state: 'person', agentId: 'amy' }, place: { agentId: 'amy' } });
  });

  test('an end for silence frees the place and buys the end text with its code', () => {
    const silent: Conversation = { ...served, lastAgentAt: NOON, lastSpeaker: 'agent' };
    const ending = decide(silent, NOON + HOUR, house);
    expect(kinds(ending)).toEqual(['move']);
    const over = settled(ending, { is: 'done', code: 'c1' }, 'move', NOON + HOUR);
    expect(kinds(over)).toEqual(['release-place', 'send-by-code', 'session.ended.v1']);
    expect(over.place).toBeUndefined();
  });
});

describe('adopt', () => {
  test('a person whom WeCom names gets a place, and an open request is taken back', () => {
    const after = adopt(waiting, { state: 'person', agentId: 'ben' }, NOON + SECOND);
    expect(kinds(after)).toEqual(['cancel-request', 'record-place', 'conversation.assigned.v1', 'note-figure']);
    expect(after.request).toBeUndefined();
    expect(after.place?.agentId).toBe('ben');
  });

  test('the same person again changes nothing but when we looked', () => {
    const after = adopt(served, { state: 'person', agentId: 'amy' }, NOON + HOUR);
    expect(after).toEqual({ ...served, session: { ...served.session, verifiedAt: NOON + HOUR } });
  });

  test('a transfer moves the place', () => {
    const after = adopt(served, { state: 'person', agentId: 'ben' }, NOON);
    expect(kinds(after)).toEqual(['release-place', 'record-place', 'conversation.transferred.v1', 'note-figure']);
    expect(after.lastSpeaker).toBe('customer');
  });

  test('a session that is over frees the place; one that is new again keeps what the customer asked since', () => {
    const asked: Conversation = { ...served, unanswered: [{ id: 'm1', type: 'text', at: NOON }] };
    expect(kinds(adopt(asked, { state: 'ended' }, NOON))).toEqual(['release-place', 'session.ended.v1']);
    const anew = adopt(asked, { state: 'new' }, NOON);
    expect(anew.place).toBeUndefined();
    expect(anew.unanswered).toHaveLength(1);
  });
});

describe('window and dues', () => {
  test('five messages in 48 hours, one of them kept for the hand-over', () => {
    const open = (sent: number): Conversation => ({
      ...base,
      window: { openedAt: NOON, sent: Array<number>(sent).fill(NOON) },
    });
    expect([0, 3, 4, 5, 9].map((sent) => allowance(open(sent), NOON))).toEqual([5, 2, 1, 0, 0]);
    expect([3, 4].map((sent) => maySend(open(sent), 'reply', NOON))).toEqual([true, false]);
    expect([4, 5].map((sent) => maySend(open(sent), 'hand-over', NOON))).toEqual([true, false]);
    expect(allowance(open(0), NOON + 48 * HOUR)).toBe(0);
    expect(allowance(base, NOON)).toBe(0);
    expect(windowEnd(base)).toBeUndefined();
  });

  test('silence counts from the last answer of the agent who serves, never before the session began', () => {
    const silent: Conversation = { ...served, lastAgentAt: NOON + MINUTE, lastSpeaker: 'agent' };
    expect(silenceDue(silent, HOUR)).toBe(NOON + MINUTE + HOUR);
    expect(silenceDue({ ...silent, lastSpeaker: 'customer' }, HOUR)).toBeUndefined();
    expect(silenceDue({ ...silent, lastAgentAt: NOON - HOUR }, HOUR)).toBe(NOON + HOUR);
  });

  test('after 48 hours the session is read, and again every hour while a person is still there', () => {
    expect(passiveEndDue(base)).toBeUndefined();
    expect(passiveEndDue(served)).toBe(NOON + 48 * HOUR);
    const looked: Conversation = { ...served, session: { ...served.session, verifiedAt: NOON + 49 * HOUR } };
    expect(passiveEndDue(looked)).toBe(NOON + 50 * HOUR);
    expect(needsReading(served, NOON + 48 * HOUR)).toBe(true);
    expect(nextDue({ ...served, parkedUntil: NOON + 5 }, HOUR)).toBe(NOON + 5);
  });

  test('a question makes us read a session that was not looked at for hours', () => {
    const asked: Conversation = { ...base, unanswered: [{ id: 'm1', type: 'text', at: NOON }] };
    expect(needsReading(asked, NOON + HOUR)).toBe(false);
    expect(needsReading(asked, NOON + 3 * HOUR)).toBe(true);
  });
});

describe('merged replies', () => {
  const menu = (head: string) => ({ menu: { head, items: [{ type: 'click' as const, id: 'y', content: 'Yes' }] } });

  test('texts follow one another; a menu comes last, with the texts above it', () => {
    expect(merge([{ text: 'One' }, { text: 'Two' }])).toEqual([{ type: 'text', text: 'One\n\nTwo' }]);
    expect(merge([menu('Choose'), { text: 'One' }])).toMatchObject([{ type: 'menu', head: 'One\n\nChoose' }]);
  });

  test('what merging would lose is said in several messages, in order', () => {
    expect(merge([menu('First'), menu('Second')])).toMatchObject([{ head: 'First' }, { head: 'Second' }]);
    const long = 'x'.repeat(1500);
    expect(merge([{ text: long }, { text: long }, { text: 'end' }])).toEqual([
      { type: 'text', text: long },
      { type: 'text', text: `${long}\n\nend` },
    ]);
    expect(merge([{ text: long }, menu('Choose')])).toMatchObject([{ text: long }, { type: 'menu', head: 'Choose' }]);
    expect(merge([{ text: 'Ask her' }, { card: 'amy' }, { text: 'or us' }])).toEqual([
      { type: 'text', text: 'Ask her' },
      { type: 'business-card', agentId: 'amy' },
      { type: 'text', text: 'or us' },
    ]);
  });

  test('nothing is lost, and every message is one that WeCom takes', () => {
    const long = fc.stringMatching(/^[a-z]{1,900}$/);
    const said = fc.oneof(
      long.map((text) => ({ text })),
      long.map((head) => menu(head)),
      fc.constant({ card: 'amy' }),
    );
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 6 }), (replies) => {
        const merged = merge(replies);
        for (const content of merged) expect(validateContent(content, 'reply')).toEqual([]);
        const words = merged.flatMap((content) =>
          content.type === 'text'
            ? content.text.split('\n\n')
            : content.type === 'menu'
              ? (content.head ?? '').split('\n\n')
              : ['card'],
        );
        const wanted = replies.map((reply) =>
          'text' in reply ? reply.text : 'menu' in reply ? reply.menu.head : 'card',
        );
        expect(words.toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });
});

test('ids are at most 32 characters that WeCom takes, the same for the same cause, and another for another', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (cause, number) => {
      expect(idFrom(cause, number)).toMatch(/^[0-9a-zA-Z_-]{1,32}$/);
      expect(idFrom(cause, number)).toBe(idFrom(cause, number));
      expect(idFrom(cause, number)).not.toBe(idFrom(cause, number + 1));
    }),
  );
});

test('of what a customer asked the latest twenty are remembered, in whatever order the table gives them back', () => {
  const texts = Array.from({ length: 40 }, (_, n) => `matter ${n}`);
  const keys = texts.map((text) => questionKey({ type: 'text', text }) ?? '');
  let heard: Heard = { ever: 1, session: 1, same: {} };
  for (const [n, text] of [...texts, 'matter 20'].entries()) {
    const question = { id: `m${n}`, type: 'text', text, at: NOON };
    heard = decide({ ...base, heard, unanswered: [question] }, NOON, house).heard ?? heard;
    // DynamoDB keeps no order in a map.
    heard = { ...heard, same: Object.fromEntries(Object.entries(heard.same).toSorted()) };
  }
  expect(heard.same).toEqual(Object.fromEntries(keys.slice(20).map((key, n) => [key, n === 0 ? 2 : 1])));
});
