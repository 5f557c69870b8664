import { describe, expect, test } from '@jest/globals';
import { type Conversation, emptyConversation } from '../../../lib/conversations/conversation.ts';
import { decide } from '../../../lib/conversations/decide.ts';
import type { SendReply } from '../../../lib/conversations/effects.ts';
import { houseRules } from '../../../lib/conversations/house-rules.ts';
import { settle, withdrawUntouched } from '../../../lib/conversations/settle.ts';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { fillPlaceholders } from '../../../lib/replies/placeholders.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { NOON, textOf } from '../../support/memory-wecom.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const ruleSet = RuleSet.parse({
  rules: [
    { id: 'meet', contains: ['meet'], replies: [{ text: 'At {time}' }, { card: 'amy' }, { text: 'See you' }] },
    { id: 'hush', exact: ['...'], silent: true },
    { id: 'money', contains: ['refund'], handOver: { team: 'finance' } },
    { id: 'lost', nth: { unmatched: 2 }, reply: { text: 'Still lost' } },
  ],
});
const team = { teamId: 'support', endAfterSilenceSeconds: 1800 };
const house = houseRules({ ruleSet, version: 7 }, team, 'Asia/Shanghai');
const asked = (text: string, more: Partial<Conversation> = {}): Conversation => ({
  ...emptyConversation('wk:eve', NOON),
  app: 'main',
  session: { state: 'bot', since: NOON, verifiedAt: NOON },
  window: { openedAt: NOON, sent: [] },
  unanswered: [{ id: 'm1', type: 'text', text, at: NOON }],
  ...more,
});
const sends = ({ pending }: Conversation): SendReply[] => pending.flatMap((one) => (one.kind === 'send' ? [one] : []));
const done = (conversation: Conversation, at: number) =>
  settle(conversation, new Map(sends(conversation).map(({ id }) => [id, { is: 'done' as const }])), at, house);

describe('several messages in one answer', () => {
  test('go out in order, each counted, the questions with the first, the rule and its version with all', () => {
    const decided = decide(asked('meet'), NOON, house);
    expect(sends(decided)).toMatchObject([
      {
        content: { text: fillPlaceholders('At {time}', { now: NOON, zone: 'Asia/Shanghai' }) },
        answers: [{ id: 'm1' }],
        rule: 'meet',
        ruleSetVersion: 7,
      },
      { content: { type: 'business-card', agentId: 'amy' }, answers: [], rule: 'meet' },
      { content: { text: 'See you' }, answers: [], ruleSetVersion: 7 },
    ]);
    expect(decided.window.sent).toHaveLength(3);
    const answered = done(decided, NOON + 5).pending.flatMap((one) => (one.kind === 'publish' ? [one.data] : []));
    expect(answered).toMatchObject([
      { rule: 'meet', ruleSetVersion: 7, answers: ['m1'] },
      { rule: 'meet' },
      { rule: 'meet' },
    ]);
    expect(done(decided, NOON + 5).window.sent).toEqual([NOON + 5, NOON + 5, NOON + 5]);
  });

  test('are as many as the window leaves, one kept for the hand-over; the rest is told as not said', () => {
    const decided = decide(asked('meet', { window: { openedAt: NOON, sent: [NOON, NOON] } }), NOON, house);
    expect(sends(decided).map(({ content }) => content.type)).toEqual(['text', 'business-card']);
    const failed = decided.pending.flatMap((one) => (one.kind === 'publish' ? [one.data] : []));
    expect(failed).toEqual([{ reason: 'window', purpose: 'answer', rule: 'meet', ruleSetVersion: 7 }]);
  });

  test('are withdrawn together while nothing of them went out', () => {
    const decided = decide(asked('meet'), NOON, house);
    const [first] = sends(decided);
    const outcome = { is: 'parked', until: NOON + MINUTE, untouched: true } as const;
    const taken = withdrawUntouched(settle(decided, new Map([[first?.id ?? '', outcome]]), NOON, house));
    expect(sends(taken)).toEqual([]);
    expect(taken.unanswered.map(({ id }) => id)).toEqual(['m1']);
    expect(taken.window.sent).toEqual([]);
  });

  test('are told to their end once the first went out, whatever the customer writes meanwhile', () => {
    const decided = decide(asked('meet'), NOON, house);
    const [first, second] = sends(decided);
    const parked = settle(
      decided,
      new Map([
        [first?.id ?? '', { is: 'done' as const }],
        [second?.id ?? '', { is: 'parked' as const, until: NOON + MINUTE, untouched: true }],
      ]),
      NOON + 1,
      house,
    );
    expect(sends(withdrawUntouched(parked)).map(({ content }) => content.type)).toEqual(['business-card', 'text']);
    expect(parked.window.sent).toEqual([NOON + 1, NOON, NOON]);
  });

  test('reach the customer once, before the answer to what he wrote meanwhile, also when WeCom is away in between', async () => {
    const world = await memoryWorld({ rules: ruleSet });
    world.wecom.says('eve', 'meet');
    world.wecom.befall('sendMessage', 'lost-before');
    await world.callback();
    world.wecom.says('eve', 'hm');
    await world.callback();
    await world.wait(MINUTE);
    const heard = world.wecom.delivered.map(({ content }) => content.type);
    expect(heard).toEqual(['text', 'business-card', 'text', 'text']);
    expect(world.wecom.delivered.slice(3).map(({ content }) => textOf(content))).toEqual([ruleSet.fallback]);
  });
});

test('a rule that wants nothing said leaves the customer in peace, and no fallback counts', () => {
  const decided = decide(asked('...', { fallbacks: 2 }), NOON, house);
  expect(decided).toMatchObject({ pending: [], unanswered: [], fallbacks: 0 });
});

test('a rule hands over to the team that it names', () => {
  expect(decide(asked('refund'), NOON, house)).toMatchObject({ request: { teamId: 'finance', because: 'rule' } });
  const alone = houseRules({ ruleSet, version: 7 }, undefined, 'Asia/Shanghai');
  expect(decide(asked('refund'), NOON, alone)).toMatchObject({ request: { teamId: 'finance' } });
});

test('words in the fallback’s place count as one, and a person still takes over after enough of them', () => {
  const second = decide(asked('hm', { fallbacks: 1 }), NOON, house);
  expect(sends(second)).toMatchObject([{ purpose: 'fallback', content: { text: 'Still lost' }, rule: 'lost' }]);
  expect(second.fallbacks).toBe(2);
  expect(decide(asked('hm', { fallbacks: 2 }), NOON, house)).toMatchObject({ request: { because: 'fallbacks' } });
});
