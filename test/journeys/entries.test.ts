import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHeld } from '../support/admin-contract.ts';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// A supervisor asks for an entry's link, customers come by it, and its counts are in the admin API.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: {
      agents: { zhangsan: 50 },
      entries: [
        { id: 'fair', account: ACCOUNT, scene: 'fair', rules: 'fair', language: 'en' },
        { id: 'hall-2', account: ACCOUNT, scene: 'fair', channel: '二号馆' },
      ],
      ruleSets: { fair: { ...replies, greeting: { text: '欢迎来展会 · Welcome to the fair' } } },
    },
  });
});
afterAll(() => yard.close());

async function ask(path: string) {
  const response = await fetchHeld(`${yard.stack.url}/admin/v1/${path}`);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}
const json = async (path: string) => JSON.parse((await ask(path)).text);

/** Opens a link: WeCom tells the account by which scene and parameter. */
async function opens(customer: string, link: string, scene: string): Promise<void> {
  const [, param] = /&scene_param=([^&]*)/.exec(link) ?? [];
  await yard.wecom.phone(customer).enter(ACCOUNT, { scene, ...(param !== undefined && { scene_param: param }) });
  await yard.quiet();
}

const linksMade = () => yard.wecom.requests.filter(({ path }) => path.endsWith('/kf/add_contact_way')).length;

test('the link is WeCom’s, made once, with the channel behind it; its code is drawn by us', async () => {
  const { link } = await json('entries/fair');
  const { link: ofHall } = await json('entries/hall-2');
  expect(link).toMatch(/^https:\/\/work\.weixin\.qq\.com\/kf\/\S+\?enc_scene=\w+$/);
  expect(ofHall).toBe(`${link}&scene_param=${encodeURIComponent('二号馆')}`);
  expect(await ask('entries/fair/code.svg')).toMatchObject({ status: 200, type: 'image/svg+xml' });
  expect(linksMade()).toBe(1);
});

test('who comes by an entry is met with its rules, and counts for it', async () => {
  const { link } = await json('entries/fair');
  const { link: ofHall } = await json('entries/hall-2');
  await opens('wmFair', link, 'fair');
  await opens('wmHall', ofHall, 'fair');
  await opens('wmLooks', link, 'fair');
  expect(yard.shown('wmFair')).toEqual(['欢迎来展会 · Welcome to the fair']);
  expect(yard.shown('wmHall')).toEqual(['您好 · Welcome']);

  await yard.wecom.phone('wmFair').write(ACCOUNT, 'agent');
  await yard.quiet();
  const { entries } = await json('entries');
  expect(entries).toMatchObject([
    { id: 'fair', today: { entered: 2, wrote: 1, handedOver: 1 }, total: { entered: 2, wrote: 1, handedOver: 1 } },
    { id: 'hall-2', today: { entered: 1, wrote: 0, handedOver: 0 } },
  ]);
});
