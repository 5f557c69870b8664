import { expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { dayOf } from '../../../lib/platform/wall-clock.ts';
import { namedRuleSet } from '../../../lib/replies/entrance.ts';
import type { ModelMessage } from '../../../lib/replies/model-prompt.ts';
import { type ModelOutcome, ModelTerms } from '../../../lib/replies/model-terms.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld, type WorldSettings } from '../../support/memory-world.ts';

const model = ModelTerms.parse({ instructions: 'A shoe shop. Be brief.', perConversationPerDay: 3 });
const rules = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to six' } },
    { id: 'still-lost', nth: { unmatched: 1 }, reply: { text: 'Is it one of these?' } },
  ],
  fallback: 'Pardon?',
  texts: { waiting: 'Wait', closed: 'Closed', connecting: 'Connecting', ended: 'Bye', nobody: 'Nobody' },
  model,
};

const answers = (text: string): ModelOutcome => ({ said: 'answer', text });
const handsOver: ModelOutcome = { said: 'hand-over', why: 'does-not-know' };

/** A world whose model says what it is told to, and remembers what it was shown. */
async function aWorld(says: (shown: readonly ModelMessage[], n: number) => ModelOutcome, more: WorldSettings = {}) {
  const shown: (readonly ModelMessage[])[] = [];
  const world = await memoryWorld({
    rules,
    model: async (messages) => says(messages, shown.push(messages)),
    ...more,
  });
  return { world, shown };
}
const heard = ({ wecom }: MemoryWorld) => wecom.delivered.map(({ content }) => textOf(content));

/** The customer writes, and everything is handled but what is asked of the model. */
async function writes(world: MemoryWorld, text: string, customer = 'eve') {
  world.wecom.says(customer, text);
  await world.news();
  await world.stepOf('signals');
  await world.stepOf('conversations');
}
async function asks(world: MemoryWorld, text: string, customer = 'eve') {
  world.wecom.says(customer, text);
  await world.callback();
}

test('what no rule knows is asked of the model, and its words are the answer; rules go before it', async () => {
  const { world, shown } = await aWorld(() => answers('Size 43 is in stock.'));
  await asks(world, 'hours?');
  await asks(world, 'Do you have size 43?');
  expect(heard(world)).toEqual(['Nine to six', 'Size 43 is in stock.']);
  expect(shown).toHaveLength(1);
  const [, answered] = world.events('message.answered.v1');
  expect(answered?.data).toMatchObject({ by: 'model', purpose: 'answer', afterMs: expect.any(Number) });
  expect((await world.figures()).map(({ what }) => what)).toEqual(['bot-answer', 'bot-answer']);
  expect((await world.conversation('eve')).asking).toBeUndefined();
});

test('the model sees instructions, the last turns and the question, and no id', async () => {
  const { world, shown } = await aWorld(() => answers('Yes.'));
  await asks(world, 'hours?');
  await asks(world, 'Is it waterproof?');
  const [messages = []] = shown;
  expect(messages[0]?.role).toBe('system');
  expect(messages[0]?.content).toContain('A shoe shop. Be brief.');
  expect(messages.slice(1)).toEqual([
    { role: 'user', content: 'hours?' },
    { role: 'assistant', content: '{"answer":"Nine to six"}' },
    { role: 'user', content: 'Is it waterproof?' },
  ]);
  expect(JSON.stringify(messages)).not.toMatch(/\beve\b|wkdesk|\bamy\b/);
});

test('where it does not know, a person takes over; where no team serves, the fallback counts', async () => {
  const { world } = await aWorld(() => handsOver);
  await asks(world, 'My heel broke off');
  expect(heard(world)).toEqual(['Connecting']);
  expect((await world.conversation('eve')).session).toMatchObject({ state: 'person', agentId: 'amy' });
  expect(world.events('conversation.assigned.v1')[0]?.data).toMatchObject({ because: 'model' });

  const { world: alone } = await aWorld(() => handsOver, { agents: {} });
  await asks(alone, 'My heel broke off');
  expect(heard(alone)).toEqual(['Is it one of these?']);
  expect((await alone.conversation('eve')).fallbacks).toBe(1);
});

test('a model that says nothing in its time hands over, and its late answer is nothing', async () => {
  const { world } = await aWorld(() => answers('Late'));
  await writes(world, 'Do you have size 43?');
  const [question] = world.queues.model.contents();
  // Whoever was to ask never comes to it.
  for (const { receiptHandle } of world.queues.model.receive()) world.queues.model.delete(receiptHandle);
  await world.wait(model.deadlineSeconds * SECOND + 9 * SECOND);
  expect(heard(world)).toEqual([]);
  await world.wait(10 * SECOND);
  expect(heard(world)).toEqual(['Connecting']);
  if (question)
    await world.post.tell(question.conversationId, {
      kind: 'model-answered',
      a: question.a,
      said: 'answer',
      text: 'Late',
      at: world.clock(),
    });
  await world.pass(2 * MINUTE);
  expect(heard(world)).toEqual(['Connecting']);
});

test('other customers are answered while one waits for the model', async () => {
  const { world } = await aWorld(() => answers('Yes'));
  await writes(world, 'Is it waterproof?');
  await writes(world, 'hours', 'bob');
  expect(heard(world)).toEqual(['Nine to six']);
});

test('what a rule knows of a message that came in meanwhile follows the model’s answer', async () => {
  const { world } = await aWorld(() => answers('Yes, it is.'));
  await writes(world, 'Is it waterproof?');
  await writes(world, 'and your hours?');
  expect(heard(world)).toEqual([]);
  await world.run();
  expect(heard(world)).toEqual(['Yes, it is.', 'Nine to six']);
});

test('what nobody knows of a message that came in meanwhile is asked anew, with all of it, within the conversation’s budget', async () => {
  const { world, shown } = await aWorld((_, n) => answers(`answer ${n}`));
  await writes(world, 'Do you have');
  world.onCall('model', () => {
    world.onCall('model', undefined);
    world.wecom.says('eve', 'size 43?');
  });
  await world.stepOf('model');
  await world.callback();
  expect(
    shown
      .at(-1)
      ?.slice(-2)
      .map(({ content }) => content),
  ).toEqual(['Do you have', 'size 43?']);
  expect(shown).toHaveLength(2);
  expect(heard(world)).toEqual(['answer 2']);
});

test('who asks for a person meanwhile gets one at once, and what the model says then is nothing', async () => {
  const { world } = await aWorld(() => answers('Never said'));
  await writes(world, 'My heel broke off');
  await writes(world, '人工');
  await world.run();
  expect(heard(world)).toEqual(['Connecting']);
});

test('a question that was taken back is not answered', async () => {
  const { world } = await aWorld(() => answers('Never said'));
  const id = world.wecom.says('eve', 'My secret');
  await world.news();
  await world.stepOf('signals');
  await world.stepOf('conversations');
  world.wecom.recalls('eve', id);
  await world.callback();
  expect(heard(world)).toEqual([]);
  expect(await world.conversation('eve')).not.toHaveProperty('asking');
});

test('an agent who takes the session meanwhile answers alone', async () => {
  const { world } = await aWorld(() => answers('Never said'));
  await writes(world, 'My heel broke off');
  world.wecom.agentTakes('eve', 'amy');
  await world.callback();
  expect(heard(world)).toEqual([]);
  expect((await world.conversation('eve')).session).toMatchObject({ state: 'person', agentId: 'amy' });
});

test('a conversation’s budget of a day is kept, and comes back the next day', async () => {
  const { world, shown } = await aWorld((_, n) => answers(`answer ${n}`), { agents: {} });
  for (let n = 1; n <= 5; n += 1) await asks(world, `strange ${n}`);
  expect(shown).toHaveLength(3);
  expect(heard(world).slice(-2)).toEqual(['Is it one of these?', 'Is it one of these?']);
  world.skip(24 * 60 * MINUTE);
  await asks(world, 'strange 6');
  expect(shown).toHaveLength(4);
});

test('the day’s budget of all conversations is counted before asking; without it the answer is as if there were no model', async () => {
  const { world, shown } = await aWorld(() => answers('Yes'), { modelCallsPerDay: 2 });
  for (const customer of ['ann', 'bob', 'eve']) await asks(world, 'Is it waterproof?', customer);
  expect(shown).toHaveLength(2);
  expect(heard(world)).toEqual(['Yes', 'Yes', 'Is it one of these?']);
  const key = { id: 'model-days', entry: dayOf('Asia/Shanghai', world.clock()) };
  expect(await world.tables.replies.get(key)).toMatchObject({ used: 2 });
});

test('whoever asks may die at any call: one answer in the end, the model asked twice at most, and nothing overspent', async () => {
  let calls = 0;
  for (let n = 1; n <= 24; n += 1) {
    for (const harm of ['dies-before', 'dies-after'] as const) {
      const { world, shown } = await aWorld(() => answers('Yes, it is.'));
      await asks(world, 'hours?');
      world.harm(n, harm);
      world.wecom.says('eve', 'Is it waterproof?');
      await world.callback();
      await world.pass(3 * MINUTE);
      calls = Math.max(calls, shown.length);
      const key = { id: 'model-days', entry: dayOf('Asia/Shanghai', world.clock()) };
      const spent = Number((await world.tables.replies.get(key))?.used);
      expect({ n, harm, heard: heard(world), overspent: shown.length > spent }).toEqual({
        n,
        harm,
        heard: ['Nine to six', 'Yes, it is.'],
        overspent: false,
      });
    }
  }
  // Some of these deaths came after it had been asked.
  expect(calls).toBe(2);
});

test('a question whose askers die again and again is asked twice, then a person takes over', async () => {
  const { world, shown } = await aWorld(() => answers('Yes'));
  await writes(world, 'Is it waterproof?');
  // Both die with the answer in their hands.
  let deaths = 0;
  world.trouble('conversations put model#', () => {
    deaths += 1;
    return deaths <= 2;
  });
  await world.run();
  expect(shown).toHaveLength(2);
  expect(heard(world)).toEqual(['Connecting']);
});

test('a session that WeCom has given to somebody since is never answered by the model', async () => {
  const { world } = await aWorld(() => answers('Never said'));
  await writes(world, 'Is it waterproof?');
  world.wecom.agentTakes('eve', 'amy');
  world.wecom.agentAnswers('eve', 'amy', 'It is');
  await world.run();
  await world.callback();
  expect(heard(world)).toEqual([]);
  expect(world.events('message.answered.v1').map(({ data }) => data.by)).toEqual(['agent']);
});

test('a rule set that asks for a model in a stage without one answers as if it did not', async () => {
  const world = await memoryWorld({ rules });
  await asks(world, 'Is it waterproof?');
  expect(heard(world)).toEqual(['Is it one of these?']);
});

test('who came by an entry with rules of its own is answered by the model as those rules say', async () => {
  const { model: _, ...withoutModel } = rules;
  const { world, shown } = await aWorld(() => answers('In hall 2.'), { rules: withoutModel });
  const ofFair = { ...rules, model: { instructions: 'A stand at the fair.' } };
  await world.replies.save(namedRuleSet('fair'), RuleSet.parse(ofFair));
  await world.entrances.saveEntrances([{ id: 'fair', account: DESK, scene: 'fair', rules: 'fair' }]);
  world.wecom.enters('eve', 'fair');
  await asks(world, 'Where are you?');
  expect(heard(world)).toEqual(['In hall 2.']);
  expect(shown[0]?.[0]?.content).toContain('A stand at the fair.');
});
