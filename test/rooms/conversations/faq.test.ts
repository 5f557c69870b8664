import { expect, test } from '@jest/globals';
import { Faq, versionOfFaq } from '../../../lib/replies/faq.ts';
import type { Content } from '../../../lib/wecom/outgoing-messages.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { type MemoryWorld, memoryWorld, type WorldSettings } from '../../support/memory-world.ts';

const faq = Faq.parse([
  {
    id: 'invoice',
    question: '怎么开发票',
    similar: ['能开发票吗', 'How do I get an invoice?'],
    answer: { text: '在订单页申请。' },
    answers: { en: { text: 'Ask for it on the order page.' } },
  },
  { id: 'refund', question: '退款多久到账', similar: ['退款什么时候到'], answer: { text: '三天。' } },
  {
    id: 'change',
    question: '怎么修改地址',
    similar: ['How do I change my address?'],
    answer: { text: '发货前可改。' },
  },
  { id: 'parking', question: '门店可以停车吗', answer: { text: '可以。' } },
  { id: 'dogs', question: '门店可以带狗吗', answer: { text: '小狗可以。' } },
  { id: 'old', question: '中秋礼盒还有吗', answer: { text: '有。' }, enabled: false },
]);
const rules = {
  rules: [
    { id: 'hello', exact: ['你好'], reply: { text: 'Hello' } },
    { id: 'photo', types: ['image'], reply: { text: 'Nice' } },
  ],
  fallback: 'Pardon?',
  texts: { waiting: 'Wait', closed: 'Closed', connecting: 'Connecting', ended: 'Bye', nobody: 'Nobody' },
};
const aWorld = (more: WorldSettings = {}) => memoryWorld({ rules, faq, ...more });

/** What one message brings. */
async function ask(world: MemoryWorld, text: string, more: { menuId?: string; type?: string } = {}) {
  const before = world.wecom.delivered.length;
  world.wecom.says('eve', text, more);
  await world.callback();
  return world.wecom.delivered.slice(before).map(({ content }) => content);
}
const texts = (contents: readonly Content[]) => contents.map((content) => textOf(content));
const rulesTold = (world: MemoryWorld) => world.events('message.answered.v1').map(({ data }) => data.rule);

test('where no rule matches, the list answers, in the language of the question; traditional characters are no other', async () => {
  const world = await aWorld();
  expect(texts(await ask(world, '你好'))).toEqual(['Hello']);
  expect(texts(await ask(world, '請問怎麼開發票？'))).toEqual(['在订单页申请。']);
  expect(texts(await ask(world, 'hi, how do i get an invoice'))).toEqual(['Ask for it on the order page.']);
  expect(rulesTold(world)).toEqual(['hello', 'faq:invoice', 'faq:invoice']);
});

test('a rule goes before the list', async () => {
  const world = await aWorld({
    rules: { ...rules, rules: [{ id: 'invoice', contains: ['发票'], reply: { text: '规则' } }] },
  });
  expect(texts(await ask(world, '怎么开发票'))).toEqual(['规则']);
});

test('of one burst the rules answer what they know, the list the rest, in order', async () => {
  const world = await aWorld();
  world.wecom.says('eve', '你好');
  expect(texts(await ask(world, '退款多久到账'))).toEqual(['Hello\n\n三天。']);
  expect(rulesTold(world)).toEqual(['hello,faq:refund']);
});

test('close questions are offered in a menu, and a choice is answered whatever its caption says', async () => {
  const world = await aWorld();
  const [menu] = await ask(world, '门店可以吗');
  expect(menu).toMatchObject({
    type: 'menu',
    head: '您想问的是：',
    items: [
      { type: 'click', id: 'faq:parking', content: '门店可以停车吗' },
      { type: 'click', id: 'faq:dogs', content: '门店可以带狗吗' },
    ],
  });
  expect(texts(await ask(world, '门店可以带狗吗', { menuId: 'faq:dogs' }))).toEqual(['小狗可以。']);
  expect(texts(await ask(world, '人工', { menuId: 'faq:parking' }))).toEqual(['可以。']);
  expect(rulesTold(world)).toEqual(['faq', 'faq:dogs', 'faq:parking']);
});

test('a menu speaks the customer’s language, where an entry has a wording in it', async () => {
  const world = await aWorld({ rules: { ...rules, faq: { list: '', threshold: 1, closeBy: 1, lowest: 0.1 } } });
  const [menu] = await ask(world, 'how do i');
  expect(menu).toMatchObject({
    head: 'Did you mean:',
    items: expect.arrayContaining([
      { type: 'click', id: 'faq:invoice', content: 'How do I get an invoice?' },
      { type: 'click', id: 'faq:change', content: 'How do I change my address?' },
    ]),
  });
});

test('what neither a rule nor the list knows gets the fallback, and counts as before', async () => {
  const world = await aWorld();
  expect(texts(await ask(world, '今天天气不错'))).toEqual(['Pardon?']);
  expect(texts(await ask(world, '哈哈哈哈'))).toEqual(['Pardon?']);
  // An answer in between is understanding.
  expect(texts(await ask(world, '怎么开发票'))).toEqual(['在订单页申请。']);
  expect(texts(await ask(world, '今天天气不错'))).toEqual(['Pardon?']);
  expect(texts(await ask(world, '哈哈哈哈'))).toEqual(['Pardon?']);
  expect(texts(await ask(world, '嘻嘻嘻'))).toEqual(['Connecting']);
});

test('the list goes before a rule that speaks in the fallback’s place', async () => {
  const lost = { id: 'lost', nth: { unmatched: 1 }, reply: { text: 'Lost' } };
  const world = await aWorld({ rules: { ...rules, rules: [lost] } });
  expect(texts(await ask(world, '怎么开发票'))).toEqual(['在订单页申请。']);
  expect(texts(await ask(world, '今天天气不错'))).toEqual(['Lost']);
});

test('who asks for a person gets one, and pictures are no questions', async () => {
  const world = await aWorld();
  expect(texts(await ask(world, '', { type: 'image' }))).toEqual(['Nice']);
  expect(texts(await ask(world, '转人工，怎么开发票'))).toEqual(['Connecting']);
});

test('an entry that is switched off answers nothing, neither asked nor chosen', async () => {
  const world = await aWorld();
  expect(texts(await ask(world, '中秋礼盒还有吗'))).toEqual(['Pardon?']);
  expect(texts(await ask(world, '中秋礼盒还有吗', { menuId: 'faq:old' }))).toEqual(['Pardon?']);
});

test('an account may want to be surer', async () => {
  const sure = await aWorld({ rules: { ...rules, faq: { list: '', threshold: 1, lowest: 0.99 } } });
  expect(texts(await ask(sure, '我要开发票可以吗谢谢'))).toEqual(['Pardon?']);
  expect(texts(await ask(sure, '怎么开发票'))).toEqual(['在订单页申请。']);
});

test('a list whose parts are gone keeps no rule from answering', async () => {
  const world = await aWorld();
  await world.tables.replies.delete({ id: `faq#${versionOfFaq(faq)}`, entry: 'part#0' });
  expect(texts(await ask(world, '你好'))).toEqual(['Hello']);
  expect(texts(await ask(world, '怎么开发票'))).toEqual(['Pardon?']);
});
