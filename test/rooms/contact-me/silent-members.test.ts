import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withoutSilentMembers } from '../../../lib/contact-me/silent-members.ts';
import { of } from '../../../lib/contact-me/turns.ts';
import { emptyRecord, type WayRecord } from '../../../lib/contact-me/way-record.ts';
import { HOUR } from '../../../lib/platform/clock.ts';
import { memoryWays } from './memory-ways.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

// A member over WeCom's own limits gets openings and no adds, and no event says so.

type Counts = Readonly<Record<string, number>>;

const aRecord = (linkAdds: Counts): WayRecord => ({ ...emptyRecord('fair', SHANGHAI, NOON), linkAdds });

test('whose turns become no adds, while those of the others do, is set aside and told', () => {
  const found = withoutSilentMembers(aRecord({ amy: 20, ben: 20 }), { amy: 40, ben: 40, cat: 40 }, NOON);

  expect(found.refused).toEqual({ cat: { reason: 'no-adds', since: NOON, retryAt: NOON + HOUR } });
  expect(found.pending).toMatchObject([{ type: 'member.refused.v1', data: { agentId: 'cat', reason: 'no-adds' } }]);
});

test('where hardly anybody adds, or too few came to tell, nobody is set aside', () => {
  expect(withoutSilentMembers(aRecord({ amy: 1, ben: 0 }), { amy: 40, ben: 40, cat: 40 }, NOON).refused).toEqual({});
  expect(withoutSilentMembers(aRecord({ amy: 5 }), { amy: 10, cat: 10 }, NOON).refused).toEqual({});
});

test('turns count since his last add, and he who is tried again has as many turns before it is said a second time', () => {
  const first = withoutSilentMembers(aRecord({ amy: 20, ben: 20, cat: 3 }), { amy: 40, ben: 40, cat: 6 }, NOON);
  const silent = withoutSilentMembers(first, { amy: 40, ben: 40, cat: 36 }, NOON);
  const later = withoutSilentMembers({ ...silent, refused: {} }, { amy: 40, ben: 40, cat: 37 }, NOON + HOUR);

  expect(first.refused).toEqual({});
  expect(Object.keys(silent.refused)).toEqual(['cat']);
  expect(later.refused).toEqual({});
});

test('whoever gets his share of the adds is never set aside, however the turns fall', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 10 }), (counts) => {
      const turns = Object.fromEntries(counts.map((count, index) => [`agent${index}`, count]));
      const adds = Object.fromEntries(counts.map((count, index) => [`agent${index}`, Math.ceil(count / 2)]));
      const found = withoutSilentMembers(aRecord(adds), turns, NOON);
      expect(found.refused).toEqual({});
      expect(withoutSilentMembers(found, turns, NOON)).toEqual(found);
    }),
  );
});

test('chance sets nobody aside in 20,000 adds', () => {
  let state = 12345;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const turns: Record<string, number> = {};
  const adds: Record<string, number> = {};
  let record = aRecord({});
  for (let count = 0, n = 0; count < 20_000; n += 1) {
    const agentId = `agent${n % 10}`;
    turns[agentId] = of(turns, agentId) + 1;
    if (random() >= 0.1) continue;
    count += 1;
    adds[agentId] = of(adds, agentId) + 1;
    record = withoutSilentMembers({ ...record, linkAdds: { ...adds } }, turns, NOON);
  }
  expect(record.refused).toEqual({});
});

test('adds that came before the way was a link say nothing of its openings', async () => {
  const world = memoryWays();
  const way = { wayId: 'fair', members: [{ agentId: 'amy' }, { agentId: 'ben' }] };
  const at = world.clock();
  const adds = (agentId: string, count: number, name: string) =>
    world.tellWay(
      'fair',
      Array.from({ length: count }, (_, n) => {
        const add = { kind: 'counted', day: '2026-10-01', what: 'new', change: 1 } as const;
        return { ...add, key: `${name}${agentId}${n}`, agentId, at };
      }),
    );
  await world.configure({ ...way, mode: 'turn' });
  await adds('amy', 150, 'before');
  await adds('ben', 150, 'before');
  await world.rotate('fair');
  await world.configure({ ...way, mode: 'link' });
  const view = await world.openings.view('fair');
  for (const name of ['one', 'two']) {
    for (let n = 0; view && n < 120; n += 1) await world.turns().take('fair', view, at);
    await adds('amy', 1, name);
    await world.rotate('fair');
  }
  expect((await world.record('fair')).refused).toEqual({});
  expect((await world.record('fair')).linkAdds).toEqual({ amy: 2 });
});
