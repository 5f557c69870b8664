import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { asksToLeave, placeText } from '../../../lib/replies/line-terms.ts';
import { Rule, RuleSet } from '../../../lib/replies/rule-set.ts';
import type { WaitingRequest } from '../../../lib/routing/agent.ts';
import { orderOf } from '../../../lib/routing/line-order.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM } from '../../support/memory-world.ts';

const texts = { waiting: 'Wait', place: 'No. {place}', placeAndTime: 'No. {place}, {minutes} min', left: 'Left' };
const rules = [
  { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } },
  { id: 'urgent', contains: ['urgent'], handOver: { priority: 1 } },
].map((rule) => Rule.parse(rule));

/** Amy serves one customer at a time, and `holder` has her. */
async function busyDesk(more: Partial<Parameters<typeof RuleSet.parse>[0] & object> = {}) {
  const world = await memoryWorld({ rules: { rules, texts, ...more } });
  const write = async (customer: string, ...said: string[]) => {
    for (const text of said) world.wecom.says(customer, text);
    await world.callback();
    // So that nobody asks in the same millisecond as somebody else.
    world.skip(SECOND);
  };
  const end = async (customer: string) => {
    world.wecom.agentEnds(customer);
    await world.callback();
  };
  await write('holder', 'agent');
  return { world, write, end, read: (customer: string) => readBy(world, customer) };
}

const readBy = ({ wecom }: MemoryWorld, customer: string): string[] =>
  wecom.delivered
    .filter(({ customerId }) => customerId === customer)
    .map(({ content }) => (content.type === 'text' ? content.text : content.type));
const lineOf = async ({ routing }: MemoryWorld): Promise<string[]> =>
  (await routing.line(TEAM)).map(({ conversationId }) => conversationId.slice(DESK.length + 1));

describe('what a customer in line is told', () => {
  test('his place when he joins, and again when it is better; nothing for standing still', async () => {
    const { world, write, end, read } = await busyDesk();
    for (const customer of ['a', 'b', 'c']) await write(customer, 'agent');
    expect(read('c')).toEqual(['No. 3']);
    await world.pass(20 * MINUTE);
    expect(read('c')).toEqual(['No. 3']);

    await end('holder');
    await world.pass(6 * MINUTE);
    expect(read('c')).toEqual(['No. 3', 'No. 2']);
  });

  test('how long it takes as soon as the team has a pace', async () => {
    const { world, write, end, read } = await busyDesk();
    for (let n = 0; n < 6; n += 1) {
      await world.pass(2 * MINUTE);
      await end(n === 0 ? 'holder' : `quick${n - 1}`);
      await write(`quick${n}`, 'agent');
    }
    await write('a', 'agent');
    expect(read('a')).toEqual([expect.stringMatching(/^No\. 1, \d+ min$/)]);
  });

  test('never with the message that is kept for the hand-over', async () => {
    const { world, write, end, read } = await busyDesk();
    const before = ['a', 'b', 'c', 'd', 'e'];
    for (const customer of before) await write(customer, 'agent');
    await write('last', 'agent');
    let holder = 'holder';
    for (const next of before) {
      await end(holder);
      holder = next;
      await world.pass(6 * MINUTE);
    }
    expect(read('last')).toEqual(['No. 6', 'No. 5', 'No. 4', 'No. 3']);
    await end(holder);
    expect(read('last').at(-1)).toMatch(/Connecting/);
  });

  test('only the plain text where the business has no words for places, and 0 asks for none', async () => {
    const plain = await busyDesk({ texts: { waiting: 'Wait' } });
    await plain.write('a', 'agent');
    await plain.world.pass(20 * MINUTE);
    expect(plain.read('a')).toEqual(['Wait']);

    const once = await busyDesk({ line: { everySeconds: 0 } });
    for (const customer of ['a', 'b']) await once.write(customer, 'agent');
    await once.end('holder');
    await once.world.pass(20 * MINUTE);
    expect(once.read('b')).toEqual(['No. 2']);
  });

  test('our own words have all forms, in both languages', () => {
    const own = RuleSet.parse({});
    expect(placeText(own, { ahead: 2 })).toMatch(/第 2 位[^{]*number 2/s);
    expect(placeText(own, { ahead: 2, estimateMs: 90_000 })).toMatch(/2 分钟[^{]*2 min/s);
    expect(placeText(RuleSet.parse({ texts: { waiting: 'Wait' } }), { ahead: 2 })).toBeUndefined();
  });
});

describe('leaving the line', () => {
  test.each(['取消', ' 取消排队。', 'Cancel!', '不用了'])('is asked for with %s', (text) => {
    expect(asksToLeave(RuleSet.parse({}), { type: 'text', text })).toBe(true);
  });
  test.each(['取消订单', 'how do I cancel my order?', ''])('is not asked for with %s', (text) => {
    expect(asksToLeave(RuleSet.parse({}), { type: 'text', text })).toBe(false);
  });

  test('frees the place, is told once, and counts as abandoned', async () => {
    const { world, write, read } = await busyDesk();
    for (const customer of ['a', 'b']) await write(customer, 'agent');
    await write('a', '取消');

    expect(read('a')).toEqual(['No. 1', 'Left']);
    expect(await lineOf(world)).toEqual(['b']);
    expect((await world.conversation('a')).request).toBeUndefined();
    expect(world.events('conversation.left.v1').map(({ data }) => data)).toEqual([
      { teamId: TEAM, because: 'customer', reason: 'customer', waitedMs: expect.any(Number), place: 1 },
    ]);
    expect((await world.figures()).filter(({ what }) => what === 'abandoned')).toHaveLength(1);
  });

  test('what was written after it is answered', async () => {
    const { write, read } = await busyDesk();
    await write('a', 'agent');
    await write('a', 'cancel', 'hours', 'thanks');
    expect(read('a')).toEqual(['No. 1', 'Left', 'Nine to five']);
  });

  test('outside the line the word is a word like any other', async () => {
    const { world, write } = await busyDesk();
    await write('a', 'cancel');
    expect(world.events('conversation.left.v1')).toEqual([]);
  });

  test('a claim that comes after the customer has left is given back', async () => {
    const { world, write } = await busyDesk();
    await write('a', 'agent');
    const { request } = await world.conversation('a');
    await write('a', 'cancel');
    const element = `${DESK}:a#${request?.r}`;
    await world.routing.release('amy', (await world.places()).amy?.[0] ?? '', world.clock());
    await world.routing.claim('amy', element, world.clock());
    await world.post.tell(`${DESK}:a`, {
      kind: 'assigned',
      r: request?.r ?? '',
      n: 1,
      agentId: 'amy',
      element,
      at: world.clock(),
    });
    await world.run();

    expect(await world.places()).toEqual({ amy: [] });
  });

  test("at the end of WeCom's 48 hours nobody could answer any more", async () => {
    const { world, write } = await busyDesk();
    await write('a', 'agent');
    await world.pass(48 * HOUR + 2 * MINUTE, 30 * MINUTE);

    expect(await lineOf(world)).toEqual([]);
    const left = world.events('conversation.left.v1').map(({ subject, data }) => ({ subject, reason: data.reason }));
    expect(left).toEqual([{ subject: `${DESK}:a`, reason: 'window' }]);
  });
});

test('a repeated question for the place changes nothing, and one of somebody who left is nobody’s', async () => {
  const { world, write, read } = await busyDesk();
  for (const customer of ['a', 'b']) await write(customer, 'agent');
  const { request } = await world.conversation('b');
  const asked = { r: request?.r ?? '', askedAt: request?.askedAt ?? 0 };
  for (let n = 0; n < 3; n += 1) await world.desk.askPlace(TEAM, asked, 1);
  await world.run();
  await write('b', 'cancel');
  await world.desk.askPlace(TEAM, asked, 2);
  await world.run();

  expect(read('b')).toEqual(['No. 2', 'Left']);
  expect(await lineOf(world)).toEqual(['a']);
});

const CUSTOMERS = ['a', 'b', 'c', 'd', 'e'];
const anyCustomer = fc.constantFrom(...CUSTOMERS);
const anyStep = fc.oneof(
  fc.record({ do: fc.constant('write' as const), customer: anyCustomer, text: fc.constantFrom('agent', 'urgent') }),
  fc.record({ do: fc.constant('write' as const), customer: anyCustomer, text: fc.constant('cancel') }),
  fc.record({ do: fc.constant('end' as const) }),
  fc.record({ do: fc.constant('repeat' as const) }),
  fc.record({ do: fc.constant('both' as const), customer: anyCustomer }),
  fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 7, 49 * 60) }),
);

test('whatever happens, the line has those who wait and nobody else, and serves by priority, then time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), fc.nat(1000), async (steps, seed) => {
      const world = await memoryWorld({ rules: { rules, texts }, seed, agents: { amy: 1 } });
      const served = () => CUSTOMERS.filter((one) => world.wecom.session(one).state === 'person');
      for (const step of steps) {
        const before: WaitingRequest[] = (await world.routing.line(TEAM)).toSorted(orderOf({}));
        const had = served();
        if (step.do === 'write' || step.do === 'both') {
          world.wecom.says(step.customer, step.do === 'both' ? 'cancel' : step.text);
        }
        if (step.do === 'end' || step.do === 'both') for (const one of had) world.wecom.agentEnds(one);
        if (step.do === 'repeat') await world.wakeAll();
        if (step.do === 'wait') await world.pass(step.minutes * MINUTE, step.minutes > 60 ? HOUR : MINUTE);
        await world.callback();
        await world.pass(MINUTE);

        const line = await world.routing.line(TEAM);
        const waiting: string[] = [];
        for (const one of CUSTOMERS) {
          const { request } = await world.conversation(one);
          if (request && !request.assigned) waiting.push(`${DESK}:${one}`);
        }
        // Nobody who left is kept, nobody who waits is forgotten, and nobody waits for an agent who is free.
        expect(line.map(({ conversationId }) => conversationId).sort()).toEqual(waiting.sort());
        const places = (await world.places()).amy ?? [];
        expect(line.length > 0 ? places : [places[0] ?? '']).toHaveLength(1);
        // Of those who stood in line and still do, nobody stood before the one who was taken out of it to be served.
        const next = before.findIndex(
          ({ conversationId, r }) =>
            served().includes(conversationId.slice(DESK.length + 1)) && !line.some((one) => one.r === r),
        );
        const stayed = before.slice(0, Math.max(0, next)).filter(({ r }) => line.some((one) => one.r === r));
        expect(stayed).toEqual([]);
      }
      expect(world.setAside).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 120_000);
