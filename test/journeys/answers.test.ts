import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// The whole stack, as serverless.yml describes it, with WeCom beside it: given, when, then.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard.close());

test('a question that a rule knows is answered once, however often WeCom delivers the callback', async () => {
  yard.wecom.faults.callbacks.repeat(4);

  await yard.wecom.phone('wmRepeat').write(ACCOUNT, '几点营业？');
  await yard.quiet();

  expect(yard.shown('wmRepeat')).toEqual(['每天 9:00–18:00 · daily 9 to 6']);
  expect((await yard.conversation('wmRepeat')).pending).toEqual([]);
});

test('ten messages in a burst are all stored and answered by one merged message', async () => {
  const phone = yard.wecom.phone('wmBurst');
  yard.wecom.faults.callbacks.delay(300);
  for (const text of ['hours', 'a', 'price', 'b', 'hours', 'c', 'd', 'e', 'f', 'g']) await phone.write(ACCOUNT, text);
  await yard.quiet();
  yard.wecom.faults.callbacks.delay(0);

  expect(yard.shown('wmBurst')).toEqual(['每天 9:00–18:00 · daily 9 to 6\n\n100 元 · 100 yuan']);
  const stored = (await yard.history('wmBurst')).filter(({ entry }) => String(entry).startsWith('msg#'));
  expect(stored).toHaveLength(10);
});
