import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AddedFault } from '../../local/faults.ts';
import { finalState } from '../support/final-state.ts';
import { callsOf, deathsIn } from '../support/outside-calls.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// A function may die at any moment. Each story is told once undisturbed; then again for every call that it made, with a
// new customer, while the function that makes this call dies just before or just after it. The end has to be the same.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 1 } } });
});
afterAll(() => yard.close());

type End = Awaited<ReturnType<typeof finalState>>;

interface Story {
  /** What happens before, undisturbed. */
  readonly before?: (customer: string) => Promise<void>;
  /** The part in which functions die. */
  readonly told: (customer: string) => Promise<void>;
  /** The functions that die; all of them, unless another story showed the others' deaths already. */
  readonly dying?: readonly string[];
  readonly deaths?: 'all' | 'afterChanges';
  /** The message of this story that a code buys, and the event that tells that it may not have arrived. */
  readonly byCode?: { readonly purpose: string; readonly missed: string };
  /** What follows, undisturbed, so that the next customer finds the same house. */
  readonly after?: (customer: string) => Promise<void>;
}

let customers = 0;

/** Tells the story to everyone who can die in it; what came out differently, by where the function died. */
async function endsThatDiffer(story: Story): Promise<Record<string, unknown>> {
  const tell = async (disturb: () => void = () => undefined) => {
    const customer = `wmKilled${++customers}`;
    await story.before?.(customer);
    disturb();
    const calls = await callsOf(yard, () => story.told(customer));
    yard.stack.faults.clear();
    const end = await finalState(yard, customer);
    await story.after?.(customer);
    return { end, calls };
  };
  // The first time everything is cold; the second is what the others repeat.
  await tell();
  const undisturbed = await tell();
  const offered = deathsIn(undisturbed.calls, story.deaths);
  const deaths = offered.filter(({ function: name }) => story.dying?.includes(name) ?? true);
  const different: Record<string, unknown> = {};
  let died = 0;
  for (const death of deaths) {
    let fault: AddedFault | undefined;
    const { end } = await tell(() => {
      fault = yard.stack.faults.add({ function: death.function, skip: death.nth - 1, fault: death.fault });
    });
    died += fault?.hits ?? 0;
    const same = [undisturbed.end, ...uncertain(undisturbed.end, story)].some((right) => isDeepStrictEqual(end, right));
    if (!same) different[death.says] = end;
  }
  // Which call is the n-th varies a little where a function makes two at once; hardly any death may miss its call.
  if (died < deaths.length * 0.9) throw new Error(`Only ${died} of ${deaths.length} deaths took place`);
  return different;
}

/**
 * WeCom has no answer that says whether a code was used by us, so a function that dies between using one and writing it
 * down leaves it open whether the message arrived. Then everything has to say so: the history and the event.
 */
function uncertain(end: End, { byCode }: Story): End[] {
  if (!byCode) return [];
  const sent = `sent ${byCode.purpose} sent`;
  return [
    {
      ...end,
      history: end.history.map((line) => (line === sent ? `sent ${byCode.purpose} uncertain` : line)).toSorted(),
      events: [...end.events.slice(0, -1), byCode.missed],
    },
  ];
}

const write = async (customer: string, text: string) => {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
};
const agentEnds = async (customer: string) => {
  await yard.wecom.client('zhangsan').end(ACCOUNT, customer);
  await yard.quiet();
};

test('a question is answered once, wherever a function dies on the way', async () => {
  expect(await endsThatDiffer({ told: (customer) => write(customer, 'hours') })).toEqual({});
});

test('a customer who enters is greeted, wherever a function dies on the way', async () => {
  expect(
    await endsThatDiffer({
      told: async (customer) => {
        await yard.wecom.phone(customer).enter(ACCOUNT);
        await yard.quiet();
      },
      dying: ['route-message'],
      byCode: { purpose: 'greeting', missed: 'greeting.missed.v1' },
    }),
  ).toEqual({});
});

test('a customer who asks for a person gets one, wherever a function dies on the way', async () => {
  const told = (customer: string) => write(customer, '人工');
  const story: Story = { told, dying: ['route-message', 'assign-agent'], deaths: 'afterChanges', after: agentEnds };
  expect(await endsThatDiffer(story)).toEqual({});
});

test('a session that the agent ends frees the place, wherever a function dies on the way', async () => {
  expect(
    await endsThatDiffer({
      before: (customer) => write(customer, '人工'),
      told: agentEnds,
      dying: ['route-message'],
      deaths: 'afterChanges',
      byCode: { purpose: 'ended', missed: 'reply.failed.v1' },
    }),
  ).toEqual({});
});

test('who waits in line is served when a place is free, wherever the team dies on the way', async () => {
  expect(
    await endsThatDiffer({
      before: (customer) => write(`${customer}First`, '人工'),
      told: async (customer) => {
        await write(customer, '人工');
        await agentEnds(`${customer}First`);
      },
      dying: ['assign-agent'],
      deaths: 'afterChanges',
      after: agentEnds,
    }),
  ).toEqual({});
});
