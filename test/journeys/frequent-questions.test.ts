import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runConfig } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Where no rule knows a message, the list of frequent questions is asked; WeCom's own knowledge base can hold the same list.

const FALLBACK = '没听懂 · not understood';
let yard: Yard;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faq-'));
  yard = await openYard();
  expect(await config('apply', await business(LIST), '--yes')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await yard.close();
  await rm(folder, { recursive: true });
});

const config = (...args: string[]) => runConfig(yard.stack, ...args);

const LIST = [
  '{ id: invoice, question: 怎么开发票, similar: [能开发票吗], answer: { text: 在订单页申请。 } }',
  '{ id: parking, question: 门店可以停车吗, answer: { text: 可以停车。 } }',
  '{ id: dogs, question: 门店可以带狗吗, answer: { text: 小狗可以。 } }',
];

/** A configuration with this list. */
async function business(faq: readonly string[]): Promise<string> {
  const path = join(folder, 'business.yml');
  const entries = faq.map((one) => `  - ${one}`).join('\n');
  const replies = `  - accounts: ['*']\n    fallback: '${FALLBACK}'`;
  const people = 'agents: [{ id: zhangsan, capacity: 1 }, { id: lisi, capacity: 1 }]';
  const teams = "teams: [{ id: support, accounts: ['*'], agents: [zhangsan, lisi] }]";
  await writeFile(path, `${people}\n${teams}\nfaq:\n${entries}\nreplies:\n${replies}\n`);
  return path;
}

async function ask(customer: string, text: string): Promise<string | undefined> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
  return yard.shown(customer).at(-1);
}

const said = (rule: string) =>
  yard.stack.events.filter(
    (event) => event['detail-type'] === 'message.answered.v1' && Object(event.detail).data.rule === rule,
  ).length;

test('a question in other words is answered by its entry; below the threshold the fallback answers', async () => {
  expect(await ask('wmEve', '请问能开发票吗？')).toBe('在订单页申请。');
  expect(said('faq:invoice')).toBe(1);
  expect(await ask('wmEve', '今天天气怎么样')).toBe(FALLBACK);
});

test('close questions are offered as a menu, and a click is answered by the entry that it names', async () => {
  await ask('wmJoe', '门店可以吗');
  const menu = yard.wecom.phone('wmJoe').received(ACCOUNT).at(-1);
  expect(menu?.msgtype).toBe('msgmenu');
  const shown = JSON.stringify(menu?.body);
  expect(shown).toContain('门店可以停车吗');
  expect(shown).toContain('门店可以带狗吗');
  const [, menuId = ''] = /"id":"([^"]*dogs[^"]*)"/.exec(shown) ?? [];
  await yard.wecom.phone('wmJoe').click(ACCOUNT, menuId);
  await yard.quiet();
  expect(yard.shown('wmJoe').at(-1)).toBe('小狗可以。');
});

interface Intent {
  readonly group_id: string;
  readonly intent_id: string;
  readonly question: { readonly text: { readonly content: string }; readonly answers: readonly unknown[] };
}

/** As WeCom's own console would, with the app's credentials. */
async function inWeCom(
  call: string,
  body: object,
): Promise<{ errcode: number; intent_list: Intent[]; group_id: string }> {
  const { corpId, apps } = Object(yard.wecom.secrets);
  const query = `corpid=${corpId}&corpsecret=${apps.main?.secret}`;
  const token = Object(await (await fetch(`${yard.wecom.url}/cgi-bin/gettoken?${query}`)).json()).access_token;
  const address = `${yard.wecom.url}/cgi-bin/kf/knowledge/${call}?access_token=${token}`;
  return Object(await (await fetch(address, { method: 'POST', body: JSON.stringify(body) })).json());
}
const questions = async () =>
  (await inWeCom('list_intent', {})).intent_list.map(({ question }) => question.text.content).sort();
const words = (content: string) => ({ text: { content } });

test('the list goes to WeCom: first shown, then written, then nothing is left; what is not ours stays', async () => {
  const { group_id } = await inWeCom('add_group', { name: '活动' });
  await inWeCom('add_intent', { group_id, question: words('中秋放假吗'), answers: [words('不放假')] });
  const dry = await config('faq', 'export', '--to', 'wecom', '--dry-run');
  expect(dry).toMatchObject({ code: 2, out: '+ dogs\n+ invoice\n+ parking\n' });
  expect(await questions()).toEqual(['中秋放假吗']);

  expect(await config('faq', 'export', '--to', 'wecom')).toMatchObject({ code: 0 });
  expect(await questions()).toEqual(['中秋放假吗', '怎么开发票', '门店可以停车吗', '门店可以带狗吗'].sort());
  expect(await config('faq', 'export', '--to', 'wecom', '--dry-run')).toMatchObject({
    code: 0,
    out: 'No differences. 无差异。\n',
  });
});

test('an answer that changed is changed there; what the list lost goes only when told to; others’ questions stay', async () => {
  await config(
    'apply',
    await business(['{ id: dogs, question: 门店可以带狗吗, answer: { text: 都可以。 } }']),
    '--yes',
  );
  const kept = await config('faq', 'export', '--to', 'wecom');
  expect(kept.out).toContain('~ dogs: answer\n');
  expect(await questions()).toHaveLength(4);
  await config('faq', 'export', '--to', 'wecom', '--remove');
  expect(await questions()).toEqual(['中秋放假吗', '门店可以带狗吗'].sort());

  const read = await config('faq', 'import', '--from', 'wecom');
  expect(read.code).toBe(0);
  expect(read.out).toContain('question: 中秋放假吗');
  expect(read.out).toContain('text: 都可以。');
});
