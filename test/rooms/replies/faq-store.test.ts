import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY } from '../../../lib/platform/clock.ts';
import { Faq, versionOfFaq } from '../../../lib/replies/faq.ts';
import { faqStore } from '../../../lib/replies/faq-store.ts';
import { findFaq } from '../../../lib/replies/find-faq.ts';
import { dynamoTable } from '../../../lib/store/dynamo-table.ts';
import type { Table } from '../../../lib/store/table.ts';
import { repliesShape } from '../../../lib/store/tables.ts';
import { type Dynalite, startDynalite } from '../../support/dynalite.ts';
import { memoryTable } from '../../support/memory-table.ts';

const NOW = Date.UTC(2026, 10, 21, 4);
const list = (...questions: string[]): Faq =>
  Faq.parse(questions.map((question, n) => ({ id: `q${n}`, question, answer: { text: `answer ${n}` } })));
const small = list('怎么开发票', 'where is my parcel');
const other = list('怎么退货');
/** About 1.1 MB: more than two items of DynamoDB's. */
const large = Faq.parse(
  Array.from({ length: 600 }, (_, n) => ({
    id: `q${n}`,
    question: `问题${n}`,
    similar: [`请问第${n}号`],
    answer: { text: `${n} ${'答'.repeat(600)}` },
  })),
);

let dynamo: Dynalite;
let tables = 0;
const shapes = Array.from({ length: 8 }, (_, n) => repliesShape(`faq-${n}`));
beforeAll(async () => {
  dynamo = await startDynalite(shapes);
});
afterAll(async () => dynamo.stop());

const kinds: [string, () => Table][] = [
  ['memory', () => memoryTable(repliesShape('replies'))],
  ['DynamoDB', () => dynamoTable(dynamo.client, shapes[tables++] ?? repliesShape('faq'))],
];

describe.each(kinds)('in %s', (_, aTable) => {
  const parts = async (table: Table, faq: Faq) =>
    (await table.query({ partition: `faq#${versionOfFaq(faq)}`, consistent: true })).items;

  test('a list larger than an item is kept in parts and read as it was', async () => {
    const table = aTable();
    expect(Buffer.byteLength(JSON.stringify(large))).toBeGreaterThan(1_000_000);
    await faqStore(table).saveFaq(large);
    expect(await faqStore(table).faq()).toEqual(large);
    expect((await parts(table, large)).length).toBeGreaterThan(2);
    const index = await faqStore(table).faqIndexFor(versionOfFaq(large));
    expect(index && findFaq(index, '请问第432号')).toMatchObject({ is: 'answer', entry: { id: 'q432' } });
  });

  test('there is no list before one is saved, nor after it was removed; an account that still names it finds it', async () => {
    const store = faqStore(aTable());
    expect(await store.faq()).toBeUndefined();
    await store.saveFaq(small);
    await store.removeFaq();
    expect(await store.faq()).toBeUndefined();
    expect((await store.faqIndexFor(versionOfFaq(small)))?.entries).toHaveLength(2);
  });

  test('versions that nobody names any more expire in a day, and stay when they are wanted again', async () => {
    const table = aTable();
    const store = faqStore(table);
    const expiry = async (faq: Faq) => (await parts(table, faq)).map(({ expiresAt }) => expiresAt);
    const inADay = (NOW + DAY) / 1000;
    await store.saveFaq(small);
    await store.saveFaq(other);

    await store.keepFaqs(new Set([versionOfFaq(small)]), NOW);
    expect([await expiry(small), await expiry(other)]).toEqual([[undefined], [undefined]]);
    await store.keepFaqs(new Set(), NOW);
    expect([await expiry(small), await expiry(other)]).toEqual([[inADay], [undefined]]);
    // Not put off by the next apply.
    await store.keepFaqs(new Set(), NOW + 1000);
    expect(await expiry(small)).toEqual([inADay]);
    await store.keepFaqs(new Set([versionOfFaq(small)]), NOW);
    expect(await expiry(small)).toEqual([undefined]);
    await store.keepFaqs(new Set(), NOW);
    await store.saveFaq(small);
    expect([await expiry(small), await expiry(other)]).toEqual([[undefined], [undefined]]);
  });
});

test('whoever reads while a list is written, or after its writing broke off, finds the one before', async () => {
  const table = memoryTable(repliesShape('replies'));
  await faqStore(table).saveFaq(small);
  const whole = (await countingPuts(table, Number.POSITIVE_INFINITY)).puts;
  for (let fails = 1; fails <= whole; fails += 1) {
    const fresh = memoryTable(repliesShape('replies'));
    await faqStore(fresh).saveFaq(small);
    await countingPuts(fresh, fails);
    expect(await faqStore(fresh).faq()).toEqual(small);
    // What is left behind is let go of, or completed by the next try.
    await faqStore(fresh).saveFaq(large);
    expect(await faqStore(fresh).faq()).toEqual(large);
  }
});

/** Saves the large list; the nth put fails. */
async function countingPuts(table: Table, nth: number): Promise<{ puts: number }> {
  let puts = 0;
  const failing: Table = {
    ...table,
    put: async (...asked) => {
      puts += 1;
      if (puts === nth) throw new Error('throttled');
      return table.put(...asked);
    },
  };
  await faqStore(failing)
    .saveFaq(large)
    .catch(() => undefined);
  return { puts };
}

test('a version is the same object until another is wanted, and one that is not whole is not remembered', async () => {
  const table = memoryTable(repliesShape('replies'));
  const store = faqStore(table);
  const version = versionOfFaq(small);
  expect(await store.faqIndexFor(version)).toBeUndefined();
  await store.saveFaq(small);
  const index = await store.faqIndexFor(version);
  expect(index?.entries).toHaveLength(2);
  expect(await store.faqIndexFor(version)).toBe(index);
});

test('a large list with a part missing is none', async () => {
  const table = memoryTable(repliesShape('replies'));
  const store = faqStore(table);
  await store.saveFaq(large);
  await table.delete({ id: `faq#${versionOfFaq(large)}`, entry: 'part#1' });
  expect(await store.faqIndexFor(versionOfFaq(large))).toBeUndefined();
  expect(await store.faq()).toBeUndefined();
});
