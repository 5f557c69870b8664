import { describe, expect, test } from '@jest/globals';
import { type AdminWays, contactWayRoutes } from '../../lib/admin/contact-ways.ts';
import { linkStore } from '../../lib/contact-me/link-store.ts';
import { nightStore } from '../../lib/contact-me/night-store.ts';
import { wayPost } from '../../lib/contact-me/way-post.ts';
import { DAY, HOUR } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { codeAsPng, codeAsSvg } from '../../lib/wecom/code-drawing.ts';
import { MissingAppSecret } from '../../lib/wecom/errors.ts';
import { memoryWays } from '../rooms/contact-me/memory-ways.ts';
import { NOON } from '../rooms/contact-me/rotation-facts.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { adminWays } from '../support/admin-ways.ts';
import { memoryTable } from '../support/memory-table.ts';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3);

/** The door over the contact-me room in memory; whoever is woken works at once. */
function world(doubles: Partial<AdminWays> = {}) {
  const ways = memoryWays();
  const post = wayPost({
    inbox: ways.store.inbox,
    wakes: { send: ({ wayId }) => ways.rotate(wayId), sendMany: async () => undefined },
    clock: ways.clock,
  });
  const downloads: string[] = [];
  const room = adminWays({
    store: ways.store,
    post,
    download: async (url) => {
      downloads.push(url);
      return new Response(PNG);
    },
    ...doubles,
  });
  const door = heldToContract(httpDoor(httpRouter(contactWayRoutes(room, ways.clock))));
  async function ask(method: string, path: string, body?: unknown) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const event = anHttpEvent({ method, ...(text !== undefined && { body: text }) });
    const answer = await door({ ...event, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } });
    return { ...answer, status: answer.statusCode, headers: answer.headers ?? {}, body: answer.body ?? '' };
  }
  return {
    ...ways,
    downloads,
    ask,
    async json(method: string, path: string, body?: unknown) {
      const answer = await ask(method, path, body);
      return { status: answer.status, type: answer.headers['content-type'], body: JSON.parse(answer.body || 'null') };
    },
  };
}

const EXPO = { name: 'Expo', mode: 'turn', members: ['amy', { id: 'ben', perDay: 1 }], backups: ['cat'] };

/** Customers add whoever the code lists. */
async function scan(it: ReturnType<typeof world>, wayId: string, ...customers: string[]) {
  for (const customer of customers) {
    const [agentId = ''] = (await it.listed(wayId)) ?? [];
    await it.greet(it.added(wayId, agentId, customer));
    await it.rotate(wayId);
    it.skip(1000);
  }
}

describe('a contact way', () => {
  test('is made by a PUT, and WeCom has its code at once', async () => {
    const it = world();
    expect(await it.json('PUT', 'contact-ways/expo', EXPO)).toMatchObject({
      status: 201,
      type: 'application/json',
      body: {
        configuration: { id: 'expo', name: 'Expo', members: [{ id: 'amy' }, { id: 'ben', perDay: 1 }] },
        warnings: [],
      },
    });
    expect(await it.listed('expo')).toEqual(['amy']);
  });

  test('is changed by another PUT; what a GET shows of it can be PUT back', async () => {
    const it = world();
    const shifts = { weekly: [{ days: ['mon'], from: '22:00', to: '06:00' }], dates: { '2026-10-01': [] } };
    const welcome = { variants: [{ shifts, welcome: { text: 'Night' } }], standard: { text: 'Hello' } };
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, welcome, members: ['amy', { id: 'ben', shifts }] });
    const { configuration } = (await it.json('GET', 'contact-ways/expo')).body;
    expect(configuration).toMatchObject({ members: [{ id: 'amy' }, { id: 'ben', shifts }], welcome });
    const before = await it.store.way('expo');
    expect(await it.json('PUT', 'contact-ways/expo', configuration)).toMatchObject({ status: 200 });
    expect(await it.store.way('expo')).toEqual(before);

    await it.json('PUT', 'contact-ways/expo', { ...configuration, members: ['cat'], backups: [] });
    expect(await it.listed('expo')).toEqual(['cat']);
  });

  test('is shown with each member’s turns and adds of today and ever, who is next, and why the others are not', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/expo', EXPO);
    await scan(it, 'expo', 'wm1', 'wm2', 'wm3');
    await it.greet(it.news('del_follow_user', { UserID: 'ben', ExternalUserID: 'wm2' }));
    await it.rotate('expo');

    const today = (await it.json('GET', 'contact-ways/expo')).body;
    const none = { new: 0, again: 0, alreadyServed: 0, lost: 0 };
    expect(today).toMatchObject({
      id: 'expo',
      mode: 'turn',
      paused: false,
      next: 'amy',
      hasCode: true,
      configId: 'config1',
      turns: { today: 3, total: 3 },
      adds: { today: { ...none, new: 3, lost: 1 }, total: { ...none, new: 3, lost: 1 } },
      list: { members: ['amy'], changing: false },
      rotation: { from: 'members', validUntil: new Date(NOON + 12 * HOUR).toISOString() },
      members: [
        {
          id: 'amy',
          role: 'member',
          duty: 'on',
          next: true,
          turns: { today: 2, total: 2 },
          adds: { today: { ...none, new: 2 } },
        },
        {
          id: 'ben',
          next: false,
          passedOver: 'full-today',
          turns: { total: 1 },
          adds: { today: { ...none, new: 1, lost: 1 } },
        },
        { id: 'cat', role: 'backup', next: false, turns: { today: 0, total: 0 } },
      ],
    });
    expect(today.members[2]).not.toHaveProperty('weight');

    it.skip(DAY);
    const tomorrow = (await it.json('GET', 'contact-ways/expo')).body;
    expect(tomorrow).toMatchObject({
      turns: { today: 0, total: 3 },
      adds: { today: none, total: { ...none, new: 3, lost: 1 } },
      members: [{ id: 'amy', passedOver: 'not-yet' }, { id: 'ben', next: true }, { id: 'cat' }],
    });
  });

  test('is shown with those who are set aside and why, and those who were members once', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/expo', EXPO);
    await scan(it, 'expo', 'wm1');
    const entry = { kind: 'set-aside' as const, id: 'one', agentId: 'ben', reason: 'not-verified', at: it.clock() };
    await wayPost({
      inbox: it.store.inbox,
      wakes: { send: async () => undefined, sendMany: async () => undefined },
      clock: it.clock,
    }).tell('expo', [entry]);
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, members: ['ben', 'cat'], backups: [] });
    const { body } = await it.json('GET', 'contact-ways/expo');
    expect(body.members).toMatchObject([
      {
        id: 'ben',
        passedOver: 'set-aside',
        setAside: { reason: 'not-verified', since: new Date(it.clock()).toISOString() },
      },
      { id: 'cat', next: true },
      { id: 'amy', role: 'former', adds: { total: { new: 1 } } },
    ]);
  });

  test('that is a link is shown with how each member is shown to whoever opens it', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/web', { ...EXPO, mode: 'link', memberContact: 'acquisition-link' });
    expect((await it.json('GET', 'contact-ways/web')).body.members).toMatchObject([
      { id: 'amy', hasLink: true },
      { id: 'ben', hasLink: true },
      { id: 'cat', hasLink: true },
    ]);
  });

  test('is shown with its rotation lag', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, members: ['amy', 'cat'], backups: [] });
    expect((await it.json('GET', 'contact-ways/expo')).body.rotationLag).toEqual({ samples: 0 });
    for (const lag of [1000, 2000, 3000, 9000]) {
      const [agentId = ''] = (await it.listed('expo')) ?? [];
      const news = it.added('expo', agentId, `wm${lag}`);
      it.skip(lag);
      await it.greet(news);
      await it.rotate('expo');
    }
    expect((await it.json('GET', 'contact-ways/expo')).body.rotationLag).toEqual({
      samples: 4,
      p50Ms: 2000,
      p99Ms: 9000,
    });
  });

  test('counts the adds that a member has on other ways under his caps across ways', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/other', { ...EXPO, members: ['amy'], backups: [] });
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, members: [{ id: 'amy', totalAcrossWays: 1 }, 'ben'] });
    await scan(it, 'other', 'wm1');
    expect((await it.json('GET', 'contact-ways/expo')).body.members).toMatchObject([
      { id: 'amy', passedOver: 'full-across-ways' },
      { id: 'ben', next: true },
      { id: 'cat' },
    ]);
  });

  test('is listed in a few words beside the others', async () => {
    const it = world();
    expect((await it.json('GET', 'contact-ways')).body).toEqual({ contactWays: [] });
    for (let n = 0; n < 45; n += 1) await it.json('PUT', `contact-ways/way${n}`, EXPO);
    await scan(it, 'way7', 'wm1');
    const { contactWays } = (await it.json('GET', 'contact-ways')).body;
    expect(contactWays).toHaveLength(45);
    expect(contactWays.find(({ id }: { id: string }) => id === 'way7')).toMatchObject({
      name: 'Expo',
      next: 'ben',
      turns: { today: 1, total: 1 },
      adds: { total: { new: 1 } },
      elsewhere: 0,
    });
    expect(contactWays[0]).not.toHaveProperty('members');
  });

  test('tells what keeps it', async () => {
    const it = world();
    it.wecom.fails.set('createWay', [new Error('away')]);
    await it.ask('PUT', 'contact-ways/expo', EXPO);
    expect((await it.json('GET', 'contact-ways/expo')).body).toMatchObject({
      hasCode: false,
      list: { changing: true },
    });
    it.wecom.fails.set('createWay', [new MissingAppSecret('shop')]);
    await it.ask('PUT', 'contact-ways/shop', { ...EXPO, app: 'shop' });
    const shop = (await it.json('GET', 'contact-ways/shop')).body;
    expect(shop).toMatchObject({ hasCode: false, waitsBecause: 'no-secret', parkedUntil: expect.any(String) });
    expect(shop).not.toHaveProperty('configId');
    await it.json('PUT', 'contact-ways/full', { ...EXPO, perDay: 1 });
    await scan(it, 'full', 'wm1');
    expect((await it.json('GET', 'contact-ways')).body.contactWays).toContainEqual(
      expect.objectContaining({ id: 'full', alarm: 'way-full' }),
    );
  });
});

describe('what cannot be saved', () => {
  test.each<[string, unknown, string]>([
    ['no name', { ...EXPO, name: ' ' }, 'name'],
    ['an unknown field', { ...EXPO, colour: 'red' }, 'colour'],
    ['a member’s unknown field', { ...EXPO, members: [{ id: 'amy', colour: 'red' }] }, 'members[0].colour'],
    ['a member twice', { ...EXPO, members: ['amy', 'AMY'] }, 'members[1].id'],
    ['a weight of 0', { ...EXPO, members: [{ id: 'amy', weight: 0 }] }, 'members[0].weight'],
    ['a dropped field', { ...EXPO, welcome: { standard: { text: 'Hi', picture: 'x' } } }, 'welcome.standard.picture'],
    ['another id', { ...EXPO, id: 'other' }, 'id'],
    ['nobody', { ...EXPO, members: [] }, 'members'],
    ['a list', [EXPO], 'the contact way'],
  ])('%s is answered with its place and the mend', async (_, body, path) => {
    const it = world();
    expect(await it.json('PUT', 'contact-ways/expo', body)).toMatchObject({
      status: 422,
      type: 'application/problem+json',
      body: { status: 422, errors: [{ path, problem: expect.any(String), mend: expect.any(String) }] },
    });
    expect(await it.store.way('expo')).toBeUndefined();
  });

  test.each(['', '{', 'undefined', '{"name": }'])('a body that is no JSON: %s', async (body) => {
    expect(await world().json('PUT', 'contact-ways/expo', body)).toMatchObject({ status: 400, body: { status: 400 } });
  });

  test('another scene of a way that exists, with the way out', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/expo', EXPO);
    expect(await it.json('PUT', 'contact-ways/expo', { ...EXPO, scene: 'mini-program' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'scene', mend: expect.stringContaining('another id') }] },
    });
    expect(await it.store.way('expo')).toMatchObject({ scene: 'code' });
  });

  test('is answered with everything that is wrong at once', async () => {
    const body = { ...EXPO, weight: 2, members: ['amy', 'AMY'], mode: 'link', scene: 'mini-program' };
    const { errors } = (await world().json('PUT', 'contact-ways/expo', body)).body;
    expect(errors.map(({ path }: { path: string }) => path).toSorted()).toEqual(['members[1].id', 'mode', 'weight']);
  });

  test('an id that no way can have', async () => {
    expect(await world().json('PUT', 'contact-ways/Spring%20Expo', EXPO)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'id' }] },
    });
  });
});

describe('a way in use', () => {
  async function withExpo(doubles?: Partial<AdminWays>) {
    const it = world(doubles);
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, backups: [] });
    return it;
  }

  test('is paused and resumed', async () => {
    const it = await withExpo();
    expect(await it.json('POST', 'contact-ways/expo/pause')).toMatchObject({ status: 200, body: { paused: true } });
    const { body } = await it.json('GET', 'contact-ways/expo');
    expect(body).toMatchObject({ paused: true, members: [{ passedOver: 'way-paused' }, { passedOver: 'way-paused' }] });
    expect(body).not.toHaveProperty('next');
    expect(await it.json('POST', 'contact-ways/expo/resume')).toMatchObject({ body: { paused: false } });
    expect((await it.json('GET', 'contact-ways/expo')).body.next).toBe('amy');
  });

  test('loses a member who goes off duty, and gets him back, as often as he likes', async () => {
    const it = await withExpo();
    const duty = (value: string) => it.json('PUT', 'contact-ways/expo/members/AMY/duty', { duty: value });
    for (let n = 0; n < 3; n += 1) {
      expect(await duty('off')).toEqual({ status: 202, type: 'application/json', body: { id: 'amy', duty: 'off' } });
      expect(await it.listed('expo')).toEqual(['ben']);
      expect((await it.json('GET', 'contact-ways/expo')).body.members[0]).toMatchObject({
        duty: 'off',
        passedOver: 'off-duty',
      });
      await duty('on');
      expect(await it.listed('expo')).toEqual(['amy']);
    }
  });

  test('knows the members of its departments', async () => {
    const it = world();
    await it.json('PUT', 'contact-ways/all', { name: 'All', mode: 'turn', departments: [7] });
    expect(await it.json('PUT', 'contact-ways/all/members/ben/duty', { duty: 'off' })).toMatchObject({ status: 202 });
    expect((await it.json('GET', 'contact-ways/all')).body.members).toMatchObject([
      { id: 'amy' },
      { id: 'ben', duty: 'off' },
    ]);
  });

  test.each([
    ['members/zoe/duty', { duty: 'off' }, 404],
    ['members/amy/duty', { duty: 'maybe' }, 400],
    ['members/amy/duty', 'off', 400],
  ])('PUT %s %j is answered %i', async (path, body, status) => {
    const it = await withExpo();
    expect(await it.json('PUT', `contact-ways/expo/${path}`, body)).toMatchObject({ status, body: { status } });
    expect((await it.record('expo')).duty).toEqual({});
  });

  test('is deleted, and what it counted stays for when it comes back', async () => {
    const it = await withExpo();
    await scan(it, 'expo', 'wm1');
    expect(await it.ask('DELETE', 'contact-ways/expo')).toMatchObject({ status: 204, body: '' });
    expect(await it.json('GET', 'contact-ways/expo')).toMatchObject({ status: 404 });
    expect(await it.ask('DELETE', 'contact-ways/expo')).toMatchObject({ status: 404 });
    expect(await it.json('PUT', 'contact-ways/expo', EXPO)).toMatchObject({ status: 201 });
    expect((await it.json('GET', 'contact-ways/expo')).body.adds.total.new).toBe(1);
  });

  test('has the turns of its openings where it is a link', async () => {
    const table = memoryTable(contactWaysShape('turns'));
    const turns = linkStore(table, table, async () => undefined);
    const it = world({ opened: turns.given });
    await it.json('PUT', 'contact-ways/web', { ...EXPO, mode: 'link', members: ['amy', 'ben', 'cat'], backups: [] });
    expect((await it.json('GET', 'contact-ways/web')).body).toMatchObject({ turns: { today: 0, total: 0 } });
    const way = await it.store.way('web');
    if (!way) throw new Error('there is no way');
    const calendar = { holidays: [], workdays: {} };
    const nothing = { duty: {}, setAside: {}, lastGood: [], adds: {}, addsAcrossWays: {} };
    const facts = { way, calendar, zone: 'Asia/Shanghai', revision: 1, ...nothing };
    for (let n = 0; n < 4; n += 1) await turns.take('web', facts, it.clock());
    const { body } = await it.json('GET', 'contact-ways/web');
    expect(body).toMatchObject({
      next: 'ben',
      turns: { today: 4, total: 4 },
      members: [
        { id: 'amy', turns: { today: 2, total: 2 } },
        { id: 'ben', next: true, turns: { total: 1 } },
        { id: 'cat' },
      ],
    });
    await it.json('PUT', 'contact-ways/web/members/ben/duty', { duty: 'off' });
    expect((await it.json('GET', 'contact-ways/web')).body).not.toHaveProperty('next');
  });

  test.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['GET', '/code'],
    ['GET', '/code.svg'],
    ['GET', '/code.png'],
  ])('that is not there: %s %s is answered 404', async (method, path) => {
    expect(await world().json(method, `contact-ways/nobody${path}`)).toMatchObject({
      status: 404,
      type: 'application/problem+json',
    });
  });

  test('says which methods an address has', async () => {
    const { status, headers } = await world().ask('POST', 'contact-ways/expo');
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, PUT, DELETE' });
  });
});

describe('codes at WeCom that are not ours', () => {
  test('are shown as the last night found them', async () => {
    const table = memoryTable(contactWaysShape('ways'));
    const nights = nightStore(table);
    const it = world({ nights });
    expect(await it.json('GET', 'contact-ways/strange-codes')).toMatchObject({
      status: 200,
      body: { strangeCodes: [] },
    });
    const codes = [
      { app: 'main', configId: 'c1', orphaned: false },
      { app: 'main', configId: 'c2', state: 'cc:test:old', orphaned: true },
    ];
    await nights.saveNight({ day: '2026-10-01', startedAt: NOON });
    await nights.saveStrangeCodes(codes, NOON);
    expect((await it.json('GET', 'contact-ways/strange-codes')).body).toEqual({
      lastNight: { day: '2026-10-01', startedAt: new Date(NOON).toISOString() },
      strangeCodes: codes,
    });
  });

  test('have an address that no way can take', async () => {
    expect(await world().json('PUT', 'contact-ways/strange-codes', EXPO)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'id' }] },
    });
  });
});

describe('a code', () => {
  const bytesOf = ({ body, isBase64Encoded = false }: { body: string; isBase64Encoded?: boolean | undefined }) =>
    new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));

  async function withCode(way: object, doubles?: Partial<AdminWays>) {
    const it = world(doubles);
    await it.json('PUT', 'contact-ways/expo', { ...EXPO, ...way });
    return it;
  }

  test('is WeCom’s own picture, byte by byte', async () => {
    const it = await withCode({});
    const answer = await it.ask('GET', 'contact-ways/expo/code');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'image/png', 'cache-control': 'no-store' },
    });
    expect(bytesOf(answer)).toEqual(PNG);
    expect(it.downloads).toEqual(['https://codes.example/config1']);
    expect(bytesOf(await it.ask('GET', 'contact-ways/expo/code.png'))).toEqual(PNG);
  });

  test('is the same picture in an SVG', async () => {
    const answer = await (await withCode({})).ask('GET', 'contact-ways/expo/code.svg');
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'image/svg+xml' } });
    expect(answer.body).toContain(`data:image/png;base64,${Buffer.from(PNG).toString('base64')}`);
  });

  test('that WeCom drew as a JPEG is no PNG', async () => {
    const it = await withCode({}, { download: async () => new Response(JPEG) });
    expect((await it.ask('GET', 'contact-ways/expo/code')).headers['content-type']).toBe('image/jpeg');
    expect(await it.json('GET', 'contact-ways/expo/code.png')).toMatchObject({
      status: 406,
      body: { detail: expect.stringContaining('code.svg') },
    });
  });

  test('of a link is our own address, where this API is called or where the settings say', async () => {
    for (const [contactAddress, address] of [
      ['', 'https://example.org/contact/expo'],
      ['https://qr.example.com', 'https://qr.example.com/contact/expo'],
    ] as const) {
      const it = await withCode({ mode: 'link' }, { contactAddress });
      const png = await it.ask('GET', 'contact-ways/expo/code.png');
      expect(png.headers['content-type']).toBe('image/png');
      expect(bytesOf(png)).toEqual(new Uint8Array(codeAsPng(address)));
      const svg = await it.ask('GET', 'contact-ways/expo/code.svg');
      expect(svg).toMatchObject({ headers: { 'content-type': 'image/svg+xml' }, body: codeAsSvg(address) });
      expect(it.downloads).toEqual([]);
    }
  });

  test('that WeCom has not made yet is not found, and of a link it is drawn all the same', async () => {
    const it = world();
    it.wecom.fails.set('createWay', [new Error('away'), new Error('away')]);
    await it.ask('PUT', 'contact-ways/expo', EXPO);
    expect(await it.json('GET', 'contact-ways/expo/code')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('no code') },
    });
    await it.ask('PUT', 'contact-ways/web', { ...EXPO, mode: 'link' });
    expect(await it.ask('GET', 'contact-ways/web/code.svg')).toMatchObject({ status: 200 });
  });

  test.each([
    ['does not answer', () => Promise.reject(new Error('https://codes.example/secret'))],
    ['answers something else', async () => new Response('<html>')],
  ])('whose host %s is not available now', async (_, download) => {
    const it = await withCode({}, { download });
    const answer = await it.json('GET', 'contact-ways/expo/code');
    expect(answer).toMatchObject({ status: 503, type: 'application/problem+json' });
    expect(JSON.stringify(answer.body)).not.toContain('codes.example');
    expect(answer.body.detail).toMatch(/all need it/);
  });

  test('of a link whose emergency picture is not available is printed from our own drawing', async () => {
    const it = await withCode({ mode: 'link' }, { download: async () => new Response('<html>') });
    const { detail } = (await it.json('GET', 'contact-ways/expo/code')).body;
    expect(detail).toMatch(/code.svg and code.png.*drawn without it/);
  });

  test.each(['code', 'code.svg', 'code.png'])(
    'of a button has no picture: %s says what it has instead',
    async (form) => {
      const it = await withCode({ scene: 'mini-program' });
      const answer = await it.json('GET', `contact-ways/expo/${form}`);
      expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringMatching(/no picture.*configId/) } });
      expect(it.downloads).toEqual([]);
      expect((await it.json('GET', 'contact-ways/expo')).body.configId).toBe('config1');
      expect((await it.json('GET', 'contact-ways')).body.contactWays).toMatchObject([{ configId: 'config1' }]);
    },
  );
});

test('a change is taken also when nobody can be woken: the sweep finds it', async () => {
  const it = world({ post: { wake: () => Promise.reject(new Error('away')), tell: async () => undefined } });
  expect(await it.json('PUT', 'contact-ways/expo', EXPO)).toMatchObject({ status: 201 });
  const { entries } = await it.store.inbox.unread('expo', 10);
  expect(entries.map(({ body }) => body.kind)).toContain('configured');
});
