import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { OpeningView } from '../../lib/contact-me/opening-view.ts';
import { SECOND } from '../../lib/platform/clock.ts';
import type { OutsideCall } from '../../local/outside-call.ts';
import { aLink, aView, linkFacts } from '../rooms/contact-me/link-ways.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { callsOf, deathsIn } from '../support/outside-calls.ts';

// Customers open the address that a `link` way's printed code holds. Every test has a way of its own.

const MEMBERS = ['amy', 'ben', 'cat'];
const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x18003234) Language/zh_CN';
const SAFARI = 'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1';
const imageOf = (agentId: string): string => `data:image/png;base64,${Buffer.from(agentId).toString('base64')}`;

let yard: ContactYard;
beforeAll(async () => {
  yard = await openContactYard(MEMBERS);
  for (const name of [...MEMBERS, 'native']) await yard.openings.saveImage(name, imageOf(name));
});
afterEach(() => yard.stack.faults.clear());
afterAll(() => yard.close());

/** Shows a way to openings, as its writer would. */
async function show(way: Record<string, unknown>, seen: Partial<OpeningView> = {}): Promise<void> {
  const { revision = 1 } = seen;
  const link = aLink({ members: MEMBERS, ...way });
  await yard.openings.show({ ...aView(linkFacts(link, { revision })), ...seen, version: revision });
}

interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whose code it shows. */
  readonly member: string;
  /** The number of the turn, as the visitor's browser remembers it. */
  readonly turn: number | undefined;
  /** What his browser sends the next time. */
  readonly cookie: string;
}

async function open(wayId: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  const given = { 'user-agent': WECHAT, 'accept-language': 'en', ...headers };
  const answer = await fetch(`${yard.stack.url}/contact/${wayId}`, { method, headers: given, redirect: 'manual' });
  const body = await answer.text();
  const shown = /src="data:image\/png;base64,([^"]*)"/.exec(body)?.[1] ?? '';
  const [cookie = ''] = answer.headers.get('set-cookie')?.split(';') ?? [];
  const turn = /^turn=(\d+)\./.exec(cookie)?.[1];
  return {
    status: answer.status,
    headers: answer.headers,
    body,
    member: Buffer.from(shown, 'base64').toString(),
    turn: turn === undefined ? undefined : Number(turn),
    cookie,
  };
}

async function openAll(wayId: string, count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let n = 0; n < count; n += 1) seen.push(await open(wayId));
  return seen;
}

const isWrite = ({ service, action }: OutsideCall): boolean =>
  service === 'dynamodb' && !['GetItem', 'Query', 'BatchGetItem'].includes(action);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('in WeChat', () => {
  test('every opening shows the code of the next member, and costs one write', async () => {
    await show({ wayId: 'round' });
    const first = await openAll('round', 3);
    let later: Seen[] = [];
    const calls = await callsOf(yard, async () => {
      later = await openAll('round', 12);
    });
    expect([...first, ...later].map(({ member }) => member)).toEqual(Array.from({ length: 5 }, () => MEMBERS).flat());
    expect([...first, ...later].map(({ turn }) => turn)).toEqual(upTo(15));
    expect(calls.filter(isWrite).map(({ action }) => action)).toEqual(Array.from({ length: 12 }, () => 'UpdateItem'));
    // Plans and pictures are remembered, the view for a moment.
    expect(calls.filter(({ action }) => action === 'GetItem').length).toBeLessThan(12);
  });

  test('what belongs to one visitor is kept by nobody in between, loads nothing and runs nothing', async () => {
    await show({ wayId: 'safe' });
    const { headers } = await open('safe');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; img-src data:; style-src 'sha256-/);
  });

  test('fifty customers at once get a turn each, and every member his share', async () => {
    const weights = { amy: 3, ben: 1, cat: 1 };
    const members = Object.entries(weights).map(([agentId, weight]) => ({ agentId, weight }));
    await show({ wayId: 'rush', strategy: 'weighted', members });
    let seen: Seen[] = [];
    const calls = await callsOf(yard, async () => {
      seen = (await Promise.all(Array.from({ length: 50 }, () => openAll('rush', 4)))).flat();
    });
    const turns = seen.flatMap(({ turn }) => turn ?? []);
    const counts = calls.filter(({ request }) => isCount(request));
    expect(new Set(turns).size).toBe(turns.length);
    expect(Math.max(...turns)).toBeLessThanOrEqual(counts.length);
    // A busy machine may lose an answer, or an opening its time: then a turn is nobody's.
    const lost = counts.length - turns.length;
    expect(lost).toBeLessThan(10);
    for (const [name, weight] of Object.entries(weights)) {
      const had = seen.filter(({ member }) => member === name).length;
      expect(Math.abs(had - (counts.length * weight) / 5)).toBeLessThan(1 + lost);
    }
  });

  test('who comes again is led to the same member without a turn, while that one is there', async () => {
    await show({ wayId: 'again' });
    const first = await open('again');
    const calls = await callsOf(yard, async () => {
      const second = await open('again', { cookie: first.cookie });
      expect([second.member, second.turn]).toEqual(['amy', undefined]);
    });
    expect(calls.filter(isWrite)).toEqual([]);

    await show({ wayId: 'again' }, { revision: 2, duty: { amy: 'off' } });
    yard.travel(3 * SECOND);
    const third = await open('again', { cookie: first.cookie });
    expect([third.member, third.turn]).toEqual([expect.stringMatching(/ben|cat/), 2]);
  });

  test('a member with an acquisition link gets the customer by it, and the add comes back with its turn', async () => {
    const url = await acquisitionLink('amy');
    await show({ wayId: 'linked', members: ['amy'] }, { members: { amy: { image: 'amy', link: url } } });
    await open('linked');
    const { status, headers, turn } = await open('linked');
    expect([status, headers.get('location'), turn]).toEqual([302, `${url}?customer_channel=cc%3Adev%3Alinked%3At2`, 2]);

    await yard.wecom.phone('wmLinked').openLink(headers.get('location') ?? '');
    await yard.quiet();
    expect((await yard.record('linked')).figures).toMatchObject({ amy: { total: { new: 1 } } });
  });
});

describe('a way as a supervisor configures it', () => {
  const members = MEMBERS.map((agentId) => ({ agentId }));

  test('has a code of every member; customers scan what they are shown, and each add is counted for his member', async () => {
    await yard.configure({ wayId: 'whole', mode: 'link', members });
    const { members: codes = {} } = await yard.record('whole');
    const shownBy = new Map<string, string>();
    for (const { code } of Object.values(codes)) {
      if (code) shownBy.set((await yard.openings.image(code.configId)) ?? '', code.configId);
    }
    const added: string[] = [];
    for (const customer of ['wmWhole1', 'wmWhole2', 'wmWhole3', 'wmWhole4']) {
      const { body } = await open('whole');
      const [, picture = ''] = /<img [^>]*src="([^"]*)"/.exec(body) ?? [];
      const { member } = await yard.wecom.phone(customer).scan(shownBy.get(picture.replaceAll('&amp;', '&')) ?? '');
      added.push(member);
      await yard.quiet();
    }
    expect(added).toEqual(['amy', 'ben', 'cat', 'amy']);
    const { figures } = await yard.record('whole');
    expect(Object.entries(figures).map(([name, { total }]) => [name, total.new])).toEqual(
      expect.arrayContaining([
        ['amy', 2],
        ['ben', 1],
        ['cat', 1],
      ]),
    );
  });

  test('leads by acquisition links where it says so', async () => {
    await yard.configure({ wayId: 'by-link', mode: 'link', members, memberContact: 'acquisition-link' });
    const { status, headers } = await open('by-link');
    expect(status).toBe(302);
    const { member } = await yard.wecom.phone('wmByLink').openLink(headers.get('location') ?? '');
    await yard.quiet();
    expect(member).toBe('amy');
    expect((await yard.record('by-link')).figures).toMatchObject({ amy: { total: { new: 1 } } });
  });
});

/** The count of a turn, and no naming of a plan. */
const isCount = (request: unknown): boolean => /^ADD /.test(String(Object(request).UpdateExpression));

const Secrets = z.object({ corpId: z.string(), apps: z.object({ main: z.object({ secret: z.string() }) }) });
const Token = z.object({ access_token: z.string() });
const Link = z.object({ link: z.object({ url: z.string() }) });

/** As another system of the corp would make one. */
async function acquisitionLink(member: string): Promise<string> {
  const { corpId, apps } = Secrets.parse(yard.wecom.secrets);
  const wecom = `${yard.wecom.url}/cgi-bin`;
  const asked = await fetch(`${wecom}/gettoken?corpid=${corpId}&corpsecret=${apps.main.secret}`);
  const { access_token } = Token.parse(await asked.json());
  const address = `${wecom}/externalcontact/customer_acquisition/create_link?access_token=${access_token}`;
  const body = JSON.stringify({ link_name: 'Amy', range: { user_list: [member] } });
  return Link.parse(await (await fetch(address, { method: 'POST', body })).json()).link.url;
}

describe('no turn is taken', () => {
  test.each([
    ['a HEAD request', {}, 'HEAD', 200],
    ['a preview', { 'user-agent': 'Mozilla/5.0 (compatible; Bytespider; spider@bytedance.com)' }, 'GET', 200],
    ['a prefetch', { 'sec-purpose': 'prefetch;prerender' }, 'GET', 200],
    ['a browser outside WeChat', { 'user-agent': SAFARI }, 'GET', 200],
  ])('by %s', async (_, headers, method, status) => {
    await show({ wayId: 'looked-at' });
    const calls = await callsOf(yard, async () => {
      const seen = await open('looked-at', headers, method);
      expect([seen.status, seen.cookie]).toEqual([status, '']);
      expect(seen.headers.get('content-type')).toBe('text/html; charset=utf-8');
      if (method === 'HEAD') expect(seen.body).toBe('');
      else expect(seen.body).toContain('</html>');
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });

  test.each(['never-made', 'NO-NAME', '__proto__'])(
    'of a way that nobody knows: a friendly 404 (%s)',
    async (wayId) => {
      const calls = await callsOf(yard, async () => {
        const { status, body } = await open(wayId);
        expect([status, body]).toEqual([404, expect.stringContaining('no longer valid')]);
        expect((await open(wayId, {}, 'HEAD')).status).toBe(404);
      });
      expect(calls.filter(isWrite)).toEqual([]);
    },
  );

  test('of a way that was removed: the same', async () => {
    await show({ wayId: 'removed' });
    expect((await open('removed')).member).toBe('amy');
    await yard.openings.hide('removed', 2);
    yard.travel(3 * SECOND);
    expect((await open('removed')).status).toBe(404);
  });

  test('while the way is paused, or its emergency switch is on', async () => {
    const calls = await callsOf(yard, async () => {
      await show({ wayId: 'paused', paused: true });
      expect((await open('paused')).body).toContain('No advisor is free');
      await show({ wayId: 'native', emergency: true }, { nativeImage: 'native' });
      expect((await open('native')).member).toBe('native');
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });
});

test('when nobody is there the page says so and offers the customer service', async () => {
  const kfLink = 'https://work.weixin.qq.com/kfid/kfc1';
  await show({ wayId: 'night', members: ['amy'] }, { duty: { amy: 'off' }, kfLink });
  const { status, body, cookie } = await open('night');
  expect([status, cookie]).toEqual([200, '']);
  expect(body).toContain(`href="${kfLink}"`);
});

test('wherever the function dies, an opening costs at most its own turn, and no turn is given twice', async () => {
  await show({ wayId: 'kill' });
  // An environment that has not read anything yet, and a way that has no plan yet: all that an opening can do.
  const calls = await callsOf(yard, async () => {
    await open('kill');
  });
  const deaths = deathsIn(calls.filter((call) => call.function === 'open-contact-way'));
  expect(deaths.length).toBeGreaterThan(6);
  for (const [index, death] of deaths.entries()) {
    const wayId = `kill-${index}`;
    await show({ wayId });
    const fault = yard.stack.faults.add({ function: death.function, skip: death.nth - 1, fault: death.fault });
    const seen = await openAll(wayId, 7);
    const given = seen.filter(({ status }) => status === 200);
    const turns = given.map(({ turn }) => turn ?? 0);
    const lost = seen.length - given.length;
    expect({ death: death.says, hits: fault.hits, lost, unique: new Set(turns).size }).toEqual({
      death: death.says,
      hits: 1,
      lost: 1,
      unique: 6,
    });
    expect(Math.max(...turns)).toBeLessThanOrEqual(7);
    // Whose turn a number is, nobody's death changes.
    expect(given.map(({ member }) => member)).toEqual(turns.map((turn) => MEMBERS[(turn - 1) % 3]));
  }
});

test('a count whose answer was lost gives its turn to nobody; the customer gets the next one', async () => {
  await show({ wayId: 'lost' });
  await open('lost');
  const match = ({ request }: OutsideCall) => isCount(request);
  const fault = yard.stack.faults.add({ function: 'open-contact-way', match, fault: { kind: 'lose-answer' } });
  const { status, turn, member } = await open('lost');
  expect([fault.hits, status, turn, member]).toEqual([1, 200, 3, 'cat']);
});
