import { expect, test } from '@jest/globals';
import { type AdminEntries, entryRoutes } from '../../lib/admin/entries.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { repliesShape } from '../../lib/store/tables.ts';
import { codeAsPng, codeAsSvg } from '../../lib/wecom/code-drawing.ts';
import { WeComError } from '../../lib/wecom/errors.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { adminEntries } from '../support/admin-entries.ts';
import { memoryTable } from '../support/memory-table.ts';

// 01:00 of the next day in Shanghai.
const NOW = Date.UTC(2026, 0, 15, 17);
const LINK = 'https://work.weixin.qq.com/kf/kfc1?enc_scene=ENC';

async function world(doubles: Partial<AdminEntries> = {}) {
  let made = 0;
  const store = entranceStore(memoryTable(repliesShape('replies')));
  const room = adminEntries({
    store,
    newLink: async () => {
      made += 1;
      return `${LINK}${made}`;
    },
    visitsOf: async (_, day) => ({
      today: { entered: day === '2026-01-16' ? 3 : 0, wrote: 2, handedOver: 1 },
      total: { entered: 30, wrote: 20, handedOver: 10 },
    }),
    ...doubles,
  });
  await store.saveEntrances([
    { id: 'poster', account: 'wk1', scene: 'poster', language: 'zh' },
    { id: 'hall-2', account: 'wk1', scene: 'poster', channel: '二号馆', team: 'sales', rules: 'fair' },
  ]);
  const door = heldToContract(httpDoor(httpRouter(entryRoutes(room, () => NOW))));
  return {
    made: () => made,
    async ask(path: string) {
      const event = { ...anHttpEvent({}), rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } };
      const { statusCode, headers = {}, body = '' } = await door(event);
      return { status: statusCode, type: headers['content-type'], body };
    },
    async json(path: string) {
      return JSON.parse((await this.ask(path)).body);
    },
  };
}

test('an entry is shown with its link, which WeCom makes once, and with its counts of today and in all', async () => {
  const it = await world();
  const view = {
    id: 'poster',
    account: 'wk1',
    scene: 'poster',
    language: 'zh',
    link: `${LINK}1`,
    day: '2026-01-16',
    today: { entered: 3, wrote: 2, handedOver: 1 },
    total: { entered: 30, wrote: 20, handedOver: 10 },
  };
  expect(await it.json('entries/poster')).toEqual(view);
  expect(await it.json('entries/poster')).toEqual(view);
  expect(it.made()).toBe(1);
});

test('channels of one scene share WeCom’s link, each with its parameter', async () => {
  const it = await world();
  await it.ask('entries/poster');
  expect(await it.json('entries/hall-2')).toMatchObject({
    link: `${LINK}1&scene_param=${encodeURIComponent('二号馆')}`,
    team: 'sales',
    rules: 'fair',
  });
  expect(it.made()).toBe(1);
});

test('the list shows links as far as they were asked for, and asks WeCom for none', async () => {
  const it = await world();
  const before = await it.json('entries');
  expect(before.entries.map(({ id, link }: { id: string; link?: string }) => [id, link])).toEqual([
    ['poster', undefined],
    ['hall-2', undefined],
  ]);
  expect(it.made()).toBe(0);
  await it.ask('entries/poster');
  expect((await it.json('entries')).entries[0].link).toBe(`${LINK}1`);
});

test('the code is drawn by us, as SVG and as PNG', async () => {
  const it = await world();
  expect(await it.ask('entries/poster/code.svg')).toEqual({
    status: 200,
    type: 'image/svg+xml',
    body: codeAsSvg(`${LINK}1`),
  });
  const png = await it.ask('entries/poster/code.png');
  expect(png).toMatchObject({ status: 200, type: 'image/png' });
  expect(Buffer.from(png.body, 'base64').equals(codeAsPng(`${LINK}1`))).toBe(true);
});

test('two who ask at once get the same link', async () => {
  const it = await world();
  const [one, other] = await Promise.all([it.json('entries/poster'), it.json('entries/poster')]);
  expect(one.link).toBe(other.link);
});

test('where WeCom makes no link that is said, and it is asked again the next time', async () => {
  let refuses = true;
  const it = await world({
    newLink: async () => {
      if (refuses) throw new WeComError({ api: 'kf/add_contact_way', errcode: 48007 });
      return LINK;
    },
  });
  expect(await it.ask('entries/poster')).toMatchObject({ status: 503, body: expect.stringContaining('48007') });
  refuses = false;
  expect(await it.json('entries/poster')).toMatchObject({ link: LINK });
});

test('there is no entry of another name', async () => {
  const it = await world();
  expect(await it.ask('entries/nobody')).toMatchObject({ status: 404 });
  expect(await it.ask('entries/nobody/code.svg')).toMatchObject({ status: 404 });
});
