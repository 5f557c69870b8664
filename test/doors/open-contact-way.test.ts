import { beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { linkStore } from '../../lib/contact-me/link-store.ts';
import { openWay } from '../../lib/contact-me/open-way.ts';
import { openingStore } from '../../lib/contact-me/opening-store.ts';
import { SECOND } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { remember } from '../../lib/platform/remember.ts';
import type { Table } from '../../lib/store/table.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { codeAsPng } from '../../lib/wecom/code-drawing.ts';
import { aLink, aView, countingTable, linkFacts } from '../rooms/contact-me/link-ways.ts';
import { NOON } from '../rooms/contact-me/rotation-facts.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { memoryTable } from '../support/memory-table.ts';

const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x18003234) Language/zh_CN';
const SAFARI = 'Mozilla/5.0 (iPhone) Version/17.5 Mobile/15E148 Safari/604.1';
const MEMBERS = ['amy', 'ben', 'cat'];
const imageOf = (name: string): string => `data:image/png;base64,${Buffer.from(name).toString('base64')}`;

interface Asked {
  readonly wayId?: string;
  readonly method?: string;
  readonly agent?: string;
  readonly cookies?: string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the gateway hands over: cookies apart from the other headers. */
function anOpening({
  wayId = 'fair',
  method = 'GET',
  agent = WECHAT,
  cookies,
  headers,
}: Asked): APIGatewayProxyEventV2 {
  const event = anHttpEvent({ method });
  const routeKey = `${method} /contact/{wayId}`;
  return {
    ...event,
    routeKey,
    rawPath: `/contact/${wayId}`,
    pathParameters: { wayId },
    headers: { 'User-Agent': agent, 'Accept-Language': 'en-GB,en;q=0.9', Host: 'evil.example', ...headers },
    ...(cookies && { cookies }),
    requestContext: { ...event.requestContext, routeKey, domainName: 'codes.example.org' },
  };
}

/** The door as it is wired, over one table; `disturb` runs ahead of every call, and may throw. */
function world(disturb: (call: 'count' | 'other') => void = () => {}) {
  const items = memoryTable(contactWaysShape('ways'));
  const disturbed = (call: 'count' | 'other'): Table & ReturnType<typeof countingTable> =>
    countingTable(items, async () => disturb(call));
  const [table, counting] = [disturbed('other'), disturbed('count')];
  const store = openingStore(table);
  let now = NOON;
  const clock = () => now;
  const door = httpDoor(
    openWay({
      stage: 'test',
      now: clock,
      cookieKey: 'key',
      find: remember(2 * SECOND, clock, store.view),
      image: remember(60 * SECOND, clock, store.image, { keep: (address) => address !== undefined }),
      turns: linkStore(table, counting),
      report: () => {},
    }),
  );
  return {
    writer: openingStore(items),
    table,
    counting,
    wait: (ms: number) => {
      now += ms;
    },
    async open(asked: Asked = {}) {
      const { statusCode, headers = {}, body = '' } = await door(anOpening(asked));
      const shown = /src="data:image\/png;base64,([^"]*)"/.exec(body)?.[1] ?? '';
      const cookie = String(headers['set-cookie'] ?? '').split(';')[0] ?? '';
      return { status: statusCode, headers, body, shown: Buffer.from(shown, 'base64').toString(), cookie };
    },
  };
}

describe('an opening', () => {
  let it: ReturnType<typeof world>;
  beforeEach(async () => {
    it = world();
    for (const name of [...MEMBERS, 'native']) await it.writer.saveImage(name, imageOf(name));
    await it.writer.show(aView());
  });

  test('is a page with the code of the member whose turn it is, in the visitor’s language', async () => {
    const { status, headers, body, shown } = await it.open();
    expect({ status, shown }).toEqual({ status: 200, shown: 'amy' });
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    expect(body).toContain('<html lang="en">');
    expect((await it.open({ headers: { 'Accept-Language': 'zh-CN' } })).body).toContain('<html lang="zh-CN">');
  });

  test('reads way, plan and pictures once, and writes its count alone', async () => {
    for (let n = 0; n < 3; n += 1) await it.open();
    const before = { ...it.table.calls };
    for (let n = 0; n < 5; n += 1) await it.open();
    expect(it.counting.calls).toEqual({ get: 0, put: 0, update: 8 });
    expect(it.table.calls).toEqual(before);
  });

  test('by a visitor whose cookie comes apart from the headers leads to the same member', async () => {
    const { cookie } = await it.open();
    await it.open();
    const again = await it.open({ cookies: ['theme=dark', cookie] });
    expect([again.shown, again.cookie, it.counting.calls.update]).toEqual(['amy', '', 2]);
  });

  test('asked for with HEAD has the headers of a page, no body, and takes no turn', async () => {
    const { status, headers, body } = await it.open({ method: 'HEAD' });
    expect({ status, body, type: headers['content-type'] }).toEqual({
      status: 200,
      body: '',
      type: 'text/html; charset=utf-8',
    });
    expect(it.counting.calls.update).toBe(0);
  });

  test('outside WeChat shows a code of its own address: that of the gateway, whatever the host header says', async () => {
    const { body } = await it.open({ agent: SAFARI });
    const code = codeAsPng('https://codes.example.org/contact/fair', 500);
    expect(body).toContain(Buffer.from(code).toString('base64'));
    expect(it.counting.calls.update).toBe(0);
  });

  test.each(['gone', 'FAIR', '', '%2e%2e', 'x'.repeat(17)])('of "%s" is a friendly 404', async (wayId) => {
    const { status, body } = await it.open({ wayId });
    expect([status, body]).toEqual([404, expect.stringContaining('no longer valid')]);
    expect(it.counting.calls.update).toBe(0);
  });

  test('goes by a new view within two seconds, and by an older one never', async () => {
    await it.open();
    const alone = linkFacts(aLink({ members: ['cat'] }), { revision: 2 });
    await it.writer.show(aView(alone));
    await it.writer.show(aView());
    expect((await it.open()).shown).toBe('ben');
    it.wait(2 * SECOND);
    expect((await it.open()).shown).toBe('cat');
  });

  test('of a way that was hidden since is a 404', async () => {
    await it.open();
    await it.writer.hide('fair', 2);
    it.wait(2 * SECOND);
    expect((await it.open()).status).toBe(404);
  });

  test('of a way that was hidden since is a 404 also when its last view comes late', async () => {
    await it.writer.hide('fair', 2);
    await it.writer.show(aView());
    expect((await it.open()).status).toBe(404);
  });

  test('of a way that is open again is not kept from its customers by a hiding that comes late', async () => {
    await it.writer.show(aView(linkFacts(), { version: 3 }));
    await it.writer.hide('fair', 2);
    expect((await it.open()).shown).toBe('amy');
  });

  test('shows a picture as soon as it is there', async () => {
    await it.writer.show(aView(linkFacts(aLink({ members: ['dan'] }), { revision: 2 })));
    expect((await it.open()).body).toContain('No advisor is free');
    await it.writer.saveImage('dan', imageOf('dan'));
    expect((await it.open()).shown).toBe('dan');
  });
});

describe('when the table fails', () => {
  const failing = async (times: number, call: 'count' | 'other') => {
    let left = times;
    const it = world((what) => {
      if (what !== call || left === 0) return;
      left -= 1;
      throw new Error('throttled: fair');
    });
    for (const name of ['amy', 'native']) await it.writer.saveImage(name, imageOf(name));
    await it.writer.show(aView(linkFacts(aLink({ members: ['amy'] })), { nativeImage: 'native' }));
    return it.open();
  };

  test('once for a count, another turn is taken', async () => {
    expect(await failing(1, 'count')).toMatchObject({ status: 200, shown: 'amy' });
  });

  test('for every count, the way’s own code is shown', async () => {
    expect(await failing(9, 'count')).toMatchObject({ status: 200, shown: 'native', cookie: '' });
  });

  test('altogether, the page asks to try again and says nothing of the error', async () => {
    const { status, body } = await failing(9, 'other');
    expect([status, body]).toEqual([503, expect.stringContaining('something went wrong')]);
    expect(body).not.toContain('throttled');
  });
});
