import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { MINUTE } from '../../lib/platform/clock.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { callsOf, deathsIn } from '../support/outside-calls.ts';

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

const agent = (agentId: string) => ({ agentId });
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

test('the half add, the full one and their repeats are one add, in whatever order they come', async () => {
  await yard.configure({ wayId: 'halves', mode: 'turn', members: ['amy', 'ben'].map(agent), welcome: WELCOME });
  yard.wecom.faults.callbacks.repeat(2);
  const [first = ''] = await yard.scan('halves', 'wmHalf1');
  await yard.wecom.client(first).accept('wmHalf1');
  await yard.quiet();

  yard.wecom.switches.skipVerifyAdds = 'fullThenHalf';
  await yard.scan('halves', 'wmHalf2');
  yard.wecom.switches.skipVerifyAdds = 'halfThenFull';
  yard.wecom.faults.callbacks.reorder();
  await yard.scan('halves', 'wmHalf3');
  yard.wecom.switches.skipVerifyAdds = 'half';

  expect(await totals('halves')).toEqual({ amy: { ...figures, new: 2 }, ben: { ...figures, new: 1 } });
  const added = yard.stack.events.filter((event) => event['detail-type'] === 'contact.added.v1');
  const ids = added.map(({ detail }) => detail).filter((detail) => JSON.stringify(detail).includes('wmHalf'));
  expect(new Set(ids.map((detail) => Object(detail).id)).size).toBe(3);
});

test('who comes back after deleting is no new customer, and a second member’s customer is already served', async () => {
  await yard.configure({ wayId: 'again', mode: 'turn', members: ['amy', 'ben'].map(agent), welcome: WELCOME });
  const [first = ''] = await yard.scan('again', 'wmAgain');
  await yard.scan('again', 'wmAgain');
  // Events count whole seconds.
  yard.travel(2000);
  await yard.wecom.phone('wmAgain').deleteMember(first);
  await yard.quiet();

  expect(await totals('again')).toEqual({
    amy: { ...figures, new: 1, lost: 1 },
    ben: { ...figures, 'already-served': 1 },
  });
});

test.each(['turn', 'pool'] as const)(
  'a member without a real name is set aside with the reason, and the %s code works for the others',
  async (mode) => {
    const wayId = `aside-${mode}`;
    await yard.configure({ wayId, mode, members: ['dan', 'amy', 'ben'].map(agent), welcome: WELCOME });

    const [member] = await yard.scan(wayId, `wmAside${mode}`);

    expect(member).not.toBe('dan');
    expect((await yard.record(wayId)).refused).toMatchObject({ dan: { reason: 'not-verified' } });
    expect(await listed(wayId)).not.toContain('dan');
    const told = yard.stack.events.filter(({ detail }) => JSON.stringify(detail).includes(wayId));
    expect(told.filter((event) => event['detail-type'] === 'member.refused.v1')).toHaveLength(1);
    // Nobody is found out by a code that stays.
    const states = yard.wecom.contacts.ways().map(({ state }) => state);
    expect(states.filter((state) => state.startsWith('cc-trial'))).toEqual([]);
  },
);

test('a member who gets a real name takes turns again', async () => {
  await yard.configure({ wayId: 'mended', mode: 'turn', members: ['dan', 'amy'].map(agent), welcome: WELCOME });
  expect(await listed('mended')).toEqual(['amy']);
  yard.wecom.console.changeMember('dan', { verified: true });
  try {
    await yard.pass(61 * MINUTE);
    await yard.pass(MINUTE);

    expect(await listed('mended')).toEqual(['dan']);
    expect((await yard.record('mended')).refused).toEqual({});
  } finally {
    yard.wecom.console.changeMember('dan', { verified: false });
  }
});

test('while WeCom limits us the list waits, and follows afterwards', async () => {
  await yard.configure({ wayId: 'limited', mode: 'turn', members: ['amy', 'ben'].map(agent), welcome: WELCOME });
  yard.wecom.faults.rateLimit('externalcontact/update_contact_way', 1);
  await yard.scan('limited', 'wmLimited1');
  expect(await listed('limited')).toEqual(['amy']);

  await yard.pass(3 * MINUTE);
  await yard.pass(MINUTE);

  expect(await listed('limited')).toEqual(['ben']);
  expect((await yard.record('limited')).trouble).toBeUndefined();
});

test('when the answer to an update is lost, WeCom is read before anything else, and nothing is given twice', async () => {
  await yard.configure({ wayId: 'lost', mode: 'turn', members: ['amy', 'ben'].map(agent), welcome: WELCOME });
  yard.wecom.faults.loseAnswer('externalcontact/update_contact_way');
  const calls = await callsOf(yard, async () => {
    await yard.scan('lost', 'wmLost1');
    await yard.pass(3 * MINUTE);
  });

  const actions = calls.map(({ action }) => action.replace('/cgi-bin/externalcontact/', ''));
  expect(actions.filter((action) => /contact_way$/.test(action))).toEqual(['update_contact_way', 'get_contact_way']);
  expect(await listed('lost')).toEqual(['ben']);
  expect((await yard.record('lost')).push).toBeUndefined();
});

test('when the answer to the making of a code is lost, it is found again and not made twice', async () => {
  yard.wecom.faults.loseAnswer('externalcontact/add_contact_way');
  await yard.configure({ wayId: 'lost-code', mode: 'turn', members: ['amy', 'ben'].map(agent) });
  await yard.pass(3 * MINUTE);

  const made = yard.wecom.contacts.ways().filter(({ state }) => state === 'cc:dev:lost-code');
  expect(made).toHaveLength(1);
  expect((await yard.record('lost-code')).code?.configId).toBe(made[0]?.configId);
});

test('wherever a function dies, a scan is one add, one turn and at most one welcome', async () => {
  await yard.configure({ wayId: 'killed', mode: 'turn', members: ['amy', 'ben', 'cat'].map(agent), welcome: WELCOME });
  let scans = 0;
  const scan = async () => {
    scans += 1;
    await yard.scan('killed', `wmKilled${scans}`);
  };
  // The first time everything is cold.
  await scan();
  const calls = await callsOf(yard, scan);
  const deaths = deathsIn(
    calls.filter(({ function: name }) => /contact/.test(name)),
    'afterChanges',
  );
  expect(deaths.length).toBeGreaterThan(8);
  const wrong: string[] = [];
  let died = 0;
  for (const death of deaths) {
    // Which call is the n-th varies a little with what is remembered between calls, so a death may miss its call at first.
    for (let hits = 0, tries = 0; hits === 0 && tries < 3; tries++) {
      const fault = yard.stack.faults.add({ function: death.function, skip: death.nth - 1, fault: death.fault });
      await scan();
      yard.stack.faults.clear();
      hits = fault.hits;
      died += hits;
    }
    const record = await yard.record('killed');
    const adds = Object.values(record.figures).reduce((sum, { total }) => sum + total.new, 0);
    const welcomes = yard.wecom.phone(`wmKilled${scans}`).welcomes().length;
    const shares = Object.values(record.turns.given);
    const even = Math.max(...shares) - Math.min(...shares) <= 1;
    const followed = (await listed('killed'))?.join() === record.given?.users.join() && record.push === undefined;
    const right = adds === scans && record.turns.count === scans && welcomes === 1 && even && followed;
    if (!right || record.pending.length > 0)
      wrong.push(`${death.says}: ${JSON.stringify({ adds, scans, welcomes, even, followed })}`);
  }
  expect(wrong).toEqual([]);
  // Hardly any death may miss its call even so.
  expect(died).toBeGreaterThanOrEqual(deaths.length * 0.8);
});
