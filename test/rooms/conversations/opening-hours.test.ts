import { expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

// The clock begins on Saturday, 21 November 2026, at 12:12 in Shanghai.

const weekly = (from: string, to: string) => ({
  weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from, to }],
});
const texts = { waiting: 'Wait', closed: 'Closed until {openAt}', connecting: 'Connecting' };
const heard = (world: MemoryWorld): string[] => world.wecom.delivered.map(({ content }) => textOf(content));

async function ask(world: MemoryWorld, text: string, customer = 'eve'): Promise<void> {
  world.wecom.says(customer, text);
  await world.callback();
}

/** An account that opens at 14:00, whose only agent serves somebody else. */
async function anEarlyCustomer(more: Record<string, unknown> = {}): Promise<MemoryWorld> {
  const rules = { texts, openingHours: weekly('14:00', '18:00'), ...more };
  const world = await memoryWorld({ agents: { amy: 1 }, rules: rules as never });
  await ask(world, '转人工', 'joe');
  return world;
}

test('while the account is closed and nobody is there, the customer learns once when it opens, and keeps the place', async () => {
  const world = await anEarlyCustomer();
  const before = heard(world).length;
  await ask(world, '转人工');
  await ask(world, 'anybody?');
  await ask(world, '转人工');

  expect(heard(world).slice(before)).toEqual(['Closed until 11-21 14:00']);
  world.wecom.agentEnds('joe');
  await world.callback();
  await world.run();
  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
});

test('the closed text is said again when the account has closed anew', async () => {
  const world = await anEarlyCustomer({ fallback: 'Pardon?' });
  await ask(world, '转人工');
  world.wecom.agentEnds('joe');
  await world.callback();
  world.wecom.agentEnds('eve');
  await world.callback();
  world.skip(DAY);
  await ask(world, '转人工', 'joe');
  await ask(world, '转人工');

  expect(heard(world).filter((text) => text.startsWith('Closed'))).toEqual([
    'Closed until 11-21 14:00',
    'Closed until 11-22 14:00',
  ]);
});

test('while it is open, and where no hours are set, whoever waits is told that he waits', async () => {
  for (const openingHours of [weekly('09:00', '18:00'), undefined]) {
    const world = await anEarlyCustomer({ openingHours });
    await ask(world, '转人工');
    expect(heard(world).at(-1)).toBe('Wait');
  }
});

test('a night shift counts: open after midnight, closed at noon', async () => {
  const world = await anEarlyCustomer({ openingHours: weekly('22:00', '02:00') });
  await ask(world, '转人工');
  expect(heard(world).at(-1)).toBe('Closed until 11-21 22:00');
});

test('rules may answer by the hours, and say when it opens', async () => {
  const rules = {
    openingHours: weekly('14:00', '18:00'),
    rules: [
      { id: 'closed', hours: 'closed', contains: ['price'], reply: { text: 'Ask again at {openAt}' } },
      { id: 'open', hours: 'open', contains: ['price'], reply: { text: 'Ten yuan' } },
    ],
  };
  const world = await memoryWorld({ rules: rules as never });
  await ask(world, 'the price?');
  world.skip(3 * HOUR);
  await ask(world, 'the price?');

  expect(heard(world)).toEqual(['Ask again at 11-21 14:00', 'Ten yuan']);
});

test('before WeCom’s window closes on a customer in line, somebody is told, once', async () => {
  const world = await anEarlyCustomer();
  await ask(world, '转人工');
  await world.pass(45 * HOUR, 30 * MINUTE);
  expect(world.events('conversation.closing.v1')).toEqual([]);
  await world.pass(2 * HOUR, 10 * MINUTE);

  const eve = world.events('conversation.closing.v1').filter(({ subject }) => subject.includes('eve'));
  expect(eve).toMatchObject([{ data: { teamId: 'support', closesAt: '2026-11-23T04:12:00.000Z' } }]);
});

test('rules know the first message of all, of a session, and how often the same was asked', async () => {
  const rules = {
    graceSeconds: 0,
    fallback: 'Pardon?',
    rules: [
      { id: 'new', first: 'ever', contains: ['hi'], reply: { text: 'Welcome' } },
      { id: 'again', first: 'session', contains: ['hi'], reply: { text: 'Welcome back' } },
      { id: 'thrice', nth: { same: 3 }, contains: ['price'], reply: { text: 'Still ten yuan' } },
      { id: 'price', contains: ['price'], reply: { text: 'Ten yuan' } },
      { id: 'hi', contains: ['hi'], reply: { text: 'Hello' } },
    ],
  };
  const world = await memoryWorld({ rules: rules as never });
  for (const text of ['hi', 'hi', 'price', 'PRICE', 'price!']) {
    await ask(world, text);
    world.skip(MINUTE);
  }
  await ask(world, '转人工');
  world.wecom.agentEnds('eve');
  await world.callback();
  world.skip(HOUR);
  await ask(world, 'hi');

  const answers = heard(world).filter((text) => /Welcome|yuan|Hello/.test(text));
  expect(answers).toEqual(['Welcome', 'Hello', 'Ten yuan', 'Ten yuan', 'Still ten yuan', 'Welcome back']);
});

test('an account without hours of its own keeps those of its team, holidays included', async () => {
  const world = await memoryWorld({
    agents: { amy: 1 },
    rules: { texts } as never,
    terms: { openingHours: weekly('14:00', '18:00') },
  });
  await world.untroubled.saveCalendar({ holidays: ['2026-11-21'], workdays: {} });
  await ask(world, '转人工', 'joe');
  await ask(world, '转人工');

  expect(heard(world).at(-1)).toBe('Closed until 11-22 14:00');
});

test('hours of the account come before those of its team', async () => {
  const world = await memoryWorld({
    agents: { amy: 1 },
    rules: { texts, openingHours: weekly('09:00', '18:00') } as never,
    terms: { openingHours: weekly('14:00', '18:00') },
  });
  await ask(world, '转人工', 'joe');
  await ask(world, '转人工');

  expect(heard(world).at(-1)).toBe('Wait');
});
