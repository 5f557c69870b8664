import { expect, test } from '@jest/globals';
import { quickReplyStore } from '../../../lib/replies/quick-reply-store.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { ruleSetStore } from '../../../lib/replies/rule-set-store.ts';
import { repliesShape } from '../../../lib/store/tables.ts';
import { memoryTable } from '../../support/memory-table.ts';

const saying = (fallback: string) => RuleSet.parse({ fallback });
const aStore = () => {
  const table = memoryTable(repliesShape('replies'));
  return { table, store: ruleSetStore(table) };
};

test('versions grow with every change, not with a repeat, and go on after a removal', async () => {
  const { store } = aStore();
  const version = async () => (await store.ruleSetFor('wkA')).version;
  expect(await version()).toBe(0);
  await store.save('wkA', saying('one'));
  await store.save('wkA', saying('one'));
  expect(await version()).toBe(1);
  await store.save('wkA', saying('two'));
  expect(await version()).toBe(2);
  await store.remove('wkA');
  expect(await version()).toBe(0);
  await store.save('wkA', saying('two'));
  expect(await version()).toBe(3);
});

test('the hash is the content’s: another account with the same rules has the same one', async () => {
  const { store } = aStore();
  await store.save('wkA', saying('one'));
  await store.save('wkB', saying('two'));
  await store.save('wkC', saying('one'));
  const hashes = await Promise.all(['wkA', 'wkB', 'wkC'].map(async (id) => (await store.ruleSetFor(id)).hash));
  expect(hashes[0]).toBe(hashes[2]);
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('a rule set is the same object until it changes', async () => {
  const { store } = aStore();
  await store.save('*', saying('one'));
  const before = await store.ruleSetFor('wkA');
  expect(await store.ruleSetFor('wkB')).toBe(before);
  await store.save('*', saying('two'));
  expect((await store.ruleSetFor('wkA')).ruleSet.fallback).toBe('two');
});

test('a rule set that was saved before there were versions is read as version 0', async () => {
  const { table, store } = aStore();
  await table.put({
    id: 'account#wkA',
    entry: 'rules',
    ruleSet: { rules: [{ id: 'a', exact: ['a'], handOver: true }] },
  });
  expect(await store.ruleSetFor('wkA')).toMatchObject({ version: 0, ruleSet: { rules: [{ id: 'a' }] } });
  await store.save('wkA', saying('one'));
  expect(await store.ruleSetFor('wkA')).toMatchObject({ version: 1 });
});

test('of two saves at once the later version stays', async () => {
  const { store } = aStore();
  await Promise.all([store.save('wkA', saying('one')), store.save('wkA', saying('two'))]);
  expect(await store.ruleSetFor('wkA')).toMatchObject({ version: 2 });
});

test('quick replies are kept one by one, apart from rule sets', async () => {
  const { table, store } = aStore();
  const library = quickReplyStore(table);
  await store.save('wkA', saying('one'));
  await library.saveQuickReply({ id: 'hours', folder: '常用', zh: '九点' });
  await library.saveQuickReply({ id: 'hello', folder: '', en: 'Hello' });
  await library.removeQuickReply('hello');
  expect([...(await library.quickReplies())]).toEqual([['hours', { id: 'hours', folder: '常用', zh: '九点' }]]);
  expect([...(await store.configured()).keys()]).toEqual(['wkA']);
});
