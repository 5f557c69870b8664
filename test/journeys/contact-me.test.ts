import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';

// Customers scan a team's printed code. Every test has a code of its own.

const WELCOME = { standard: { text: '您好 · Welcome' } };

let yard: ContactYard;
beforeAll(async () => {
  yard = await openContactYard(['amy', 'ben', 'cat', { userid: 'dan', verified: false }]);
});
afterEach(() => {
  yard.stack.faults.clear();
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

const listed = async (wayId: string) => {
  const { code } = await yard.record(wayId);
  return yard.wecom.contacts.ways().find(({ configId }) => configId === code?.configId)?.users;
};
const customers = (name: string, count: number) => Array.from({ length: count }, (_, n) => `wm${name}${n + 1}`);
const totals = async (wayId: string) =>
  Object.fromEntries(Object.entries((await yard.record(wayId)).figures).map(([id, { total }]) => [id, total]));
const figures = { new: 0, again: 0, 'already-served': 0, lost: 0 };

test('twelve customers scan a turn code: the turns go round, each is counted once and welcomed', async () => {
  await yard.configure({ wayId: 'round', mode: 'turn', members: ['amy', 'ben', 'cat'].map(agent), welcome: WELCOME });
  const twelve = customers('Round', 12);

  const added = await yard.scan('round', ...twelve);

  expect(added).toEqual(Array.from({ length: 4 }, () => ['amy', 'ben', 'cat']).flat());
  const each = { ...figures, new: 4 };
  expect(await totals('round')).toEqual({ amy: each, ben: each, cat: each });
  expect(await listed('round')).toEqual(['amy']);
  for (const customer of twelve) {
    expect(
      yard.wecom
        .phone(customer)
        .welcomes()
        .map(({ text }) => text),
    ).toEqual(['您好 · Welcome']);
  }
  expect((await yard.record('round')).lags).toHaveLength(12);
});

const agent = (agentId: string) => ({ agentId });
