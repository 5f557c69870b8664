import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { emptyConversation } from '../../../lib/conversations/conversation.ts';
import { MOST_TAGS, withTags } from '../../../lib/conversations/tags.ts';
import { HOUR } from '../../../lib/platform/clock.ts';
import { chooseReply } from '../../../lib/replies/choose-reply.ts';
import { Rule, RuleSet } from '../../../lib/replies/rule-set.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const rules = [
  { id: 'gold', contains: ['gold card'], tag: ['vip', 'gold'], reply: { text: 'Noted' } },
  { id: 'adviser', tags: ['vip'], contains: ['adviser'], reply: { text: 'Your adviser is Amy' } },
  { id: 'plain', contains: ['adviser'], reply: { text: 'Advice is for members' } },
  { id: 'bye', contains: ['bye'], end: true, reply: { text: 'See you' } },
  { id: 'hush', exact: ['stop'], end: true },
  { id: 'claim', contains: ['claim'], tag: ['claimant'], handOver: true },
  { id: 'first', first: 'session', contains: ['hello'], reply: { text: 'Welcome' } },
].map((rule) => Rule.parse(rule));

async function talk(agents: Record<string, number> = {}) {
  const world = await memoryWorld({ agents, rules: { rules, fallback: 'Pardon?' } });
  const write = async (...texts: string[]) => {
    for (const text of texts) world.wecom.says('eve', text);
    await world.callback();
  };
  const read = () =>
    world.wecom.delivered.map(({ content }) => (content.type === 'text' ? content.text : content.type));
  return { world, write, read };
}

describe('tags', () => {
  test('a tag is kept on the conversation, told once by its id, and known to the rules of the next message', async () => {
    const { world, write, read } = await talk();
    await write('who is my adviser?');
    await write('I have a gold card');
    await write('still the gold card');
    await write('who is my adviser?');

    expect(read()).toEqual(['Advice is for members', 'Noted', 'Noted', 'Your adviser is Amy']);
    expect((await world.conversation('eve')).tags).toEqual(['vip', 'gold']);
    expect(world.events('customer.tagged.v1').map(({ data }) => data)).toEqual([{ tags: ['vip', 'gold'] }]);
  });

  test('and to those of the next message of the same burst', () => {
    const texts = ['gold card', 'adviser please'].map((text) => ({ type: 'text', text }));
    expect(chooseReply(RuleSet.parse({ rules }), { questions: texts, tags: [] })).toMatchObject({
      do: 'reply',
      replies: [{ rule: 'gold' }, { rule: 'adviser' }],
      tags: ['vip', 'gold'],
    });
  });

  test('are given with a hand-over, too', async () => {
    const { world, write } = await talk({ amy: 1 });
    await write('I claim');
    expect(await world.conversation('eve')).toMatchObject({ tags: ['claimant'], session: { state: 'person' } });
  });

  test('one that is given once more is one of the latest, and is not the first to go', () => {
    const old = Array.from({ length: MOST_TAGS }, (_, n) => `t${n}`);
    const full = withTags(emptyConversation('wk:eve', 0), old, 0);
    const again = withTags(full, ['t0', 'new'], 0);
    expect(again.tags).toEqual([...old.slice(2), 't0', 'new']);
    expect(again.pending.at(-1)).toMatchObject({ type: 'customer.tagged.v1', data: { tags: ['new'] } });

    // Also where nothing new came with it; then there is nothing to tell.
    const known = withTags(full, ['t0'], 0);
    expect(known.pending).toEqual(full.pending);
    expect(withTags(known, ['other'], 0).tags).toContain('t0');
  });

  test('are bounded, and the latest are kept', () => {
    const anyTag = fc.integer({ min: 0, max: 120 }).map(String);
    fc.assert(
      fc.property(fc.array(fc.array(anyTag, { maxLength: 10 }), { maxLength: 40 }), (given) => {
        const after = given.reduce((one, tags) => withTags(one, tags, 0), emptyConversation('wk:eve', 0));
        const tags = after.tags ?? [];
        expect(new Set(tags).size).toBe(tags.length);
        expect(tags.length).toBeLessThanOrEqual(MOST_TAGS);
        for (const tag of (given.at(-1) ?? []).slice(-MOST_TAGS)) expect(tags).toContain(tag);
      }),
    );
  });
});

describe('a rule that ends the session', () => {
  test('says its reply first; where WeCom knows no such step, only our side ends', async () => {
    const { world, write, read } = await talk();
    await write('hello');
    await write('hello');
    await write('bye');
    await write('hello');

    expect(read()).toEqual(['Welcome', 'Pardon?', 'See you', 'Welcome']);
    expect(world.events('session.closed.v1').map(({ data }) => data)).toEqual([{ rule: 'bye', inWeCom: false }]);
    expect((await world.conversation('eve')).session.state).toBe('bot');
    expect(world.failures).toEqual([]);
  });

  test('may say nothing', async () => {
    const { world, write, read } = await talk();
    await write('stop');
    expect(read()).toEqual([]);
    expect(world.events('session.closed.v1')).toHaveLength(1);
  });

  test('does not send away who stands in line', async () => {
    const { world, write } = await talk({ amy: 0 });
    await write('agent');
    await write('bye');
    expect((await world.conversation('eve')).request).toMatchObject({ waiting: true });
    expect(world.events('session.closed.v1')).toEqual([]);
  });

  test('ends nothing that a person has by now', async () => {
    const { world, write } = await talk({ amy: 1 });
    await write('hello');
    // WeCom cannot be reached for the end alone; meanwhile an agent takes the session.
    world.wecom.befall('moveSession', 'not-connected');
    await write('bye');
    world.wecom.poolTakes('eve');
    world.wecom.agentTakes('eve', 'amy');
    await world.pass(HOUR);

    expect(world.wecom.session('eve')).toMatchObject({ state: 'person', agentId: 'amy' });
    expect(world.events('session.closed.v1')).toEqual([]);
  });
});
