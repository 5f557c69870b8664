import { expect, test } from '@jest/globals';
import { foldContactEvent, NO_RELATIONS, type RelationEvent } from '../../../lib/contact-me/adds.ts';
import { ownerOf } from '../../../lib/contact-me/relation-owner.ts';

const event = (agentId: string, at: number, type: RelationEvent['type'] = 'added'): RelationEvent => ({
  type,
  agentId,
  customerId: 'wmEve',
  at: at * 1000,
});
const after = (...events: RelationEvent[]) =>
  ownerOf(events.reduce((known, one) => foldContactEvent(known, one, 'UTC').relations, NO_RELATIONS));

test('whoever has had the customer longest, and still has him, owns the relation', () => {
  expect(after()).toBeUndefined();
  expect(after(event('amy', 2), event('bob', 1))).toBe('bob');
  expect(after(event('amy', 2), event('bob', 1), event('bob', 3, 'deleted-by-customer'))).toBe('amy');
  expect(after(event('amy', 2), event('amy', 3, 'deleted-by-agent'))).toBeUndefined();
});
