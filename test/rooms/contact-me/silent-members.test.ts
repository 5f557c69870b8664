import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withoutSilentMembers } from '../../../lib/contact-me/silent-members.ts';
import { emptyRecord, NO_FIGURES, type WayRecord } from '../../../lib/contact-me/way-record.ts';
import { HOUR } from '../../../lib/platform/clock.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

// A member over WeCom's own limits gets openings and no adds, and no event says so.

function withAdds(record: WayRecord, adds: Readonly<Record<string, number>>): WayRecord {
  const figures = Object.fromEntries(
    Object.entries(adds).map(([agentId, count]) => {
      const each = { ...NO_FIGURES, new: count };
      return [agentId, { today: each, total: each }];
    }),
  );
  return { ...record, figures };
}

const aRecord = (adds: Readonly<Record<string, number>>) => withAdds(emptyRecord('fair', SHANGHAI, NOON), adds);

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
  const silent = withoutSilentMembers(first, { amy: 40, ben: 40, cat: 26 }, NOON);
  const later = withoutSilentMembers({ ...silent, refused: {} }, { amy: 40, ben: 40, cat: 27 }, NOON + HOUR);

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
