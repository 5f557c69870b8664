import { expect, test } from '@jest/globals';
import { type Desk, emptyDesk, hear } from '../../../lib/notices/desk.ts';
import { forgetCustomer } from '../../../lib/notices/forget.ts';
import { noticesStore } from '../../../lib/notices/notices-store.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { waiting } from './samples.ts';

const isEves = (id: string) => id.includes('wmEve');
const about = (subject: string, eventId: string) => ({ ...waiting('support'), about: subject, eventId });
const desk: Desk = [
  about('wk1:wmEve', 'event of wmEve'),
  about('wk1:wmBob', 'two'),
  about('wk2:wmEve', 'three'),
].reduce(hear, emptyDesk('lead'));

test('a desk forgets who a customer was, and still counts him', () => {
  const after = forgetCustomer(desk, isEves);
  expect(JSON.stringify(after)).not.toContain('wmEve');
  expect(after.pending[0]).toMatchObject({ events: 3, about: ['#0', 'wk1:wmBob', '#2'] });
  expect(after.heard).toEqual(['two', 'three']);
  expect(forgetCustomer(after, isEves)).toEqual(after);
});

test('it is saved on top of what lies there, and looked at when it was to be', async () => {
  const table = memoryTable(wecomShape('wecom'));
  const store = noticesStore(table);
  await store.save(desk, 4711);
  await store.rewrite('lead', (before) => forgetCustomer(before, isEves));
  expect(await store.overdue(4711, 10)).toEqual([{ owner: 'lead', attentionAt: 4711 }]);
  expect(await store.read('lead')).toMatchObject({ version: 2, heard: ['two', 'three'] });
  await store.rewrite('nobody', (before) => before);
  expect(await table.get({ id: 'notices#nobody' })).toBeUndefined();
});

test('what somebody else saved meanwhile is not lost', async () => {
  const table = memoryTable(wecomShape('wecom'));
  const store = noticesStore(table);
  const saved = await store.save(desk, undefined);
  const other: Promise<unknown>[] = [];
  await store.rewrite('lead', (before) => {
    // While this one thinks, the function hears of something else.
    if (other.length === 0 && saved) other.push(store.save(hear(saved, about('wk1:wmAnn', 'four')), undefined));
    return forgetCustomer(before, isEves);
  });
  expect(await store.read('lead')).toMatchObject({ version: 3, heard: ['two', 'three', 'four'] });
});
