import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LinkFacts } from '../../../lib/contact-me/link-epoch.ts';
import { type LinkStore, linkStore } from '../../../lib/contact-me/link-store.ts';
import { type Opening, openWay, turnPart } from '../../../lib/contact-me/open-way.ts';
import type { OpeningView } from '../../../lib/contact-me/opening-view.ts';
import { readVisit, type Visit, visitCookie } from '../../../lib/contact-me/visitor.ts';
import { HOUR, type Instant, MINUTE } from '../../../lib/platform/clock.ts';
import type { HttpAnswer } from '../../../lib/platform/http-door.ts';
import { codeAsPng } from '../../../lib/wecom/code-drawing.ts';
import { parseState } from '../../../lib/wecom/way-state.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { aLink, aView, countingTable, LINK_SHAPE, linkFacts } from './link-ways.ts';
import { NOON } from './rotation-facts.ts';

const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x18003234) Language/zh_CN';
const DOMAIN = 'codes.example.org';
const imageOf = (agentId: string): string => `data:image/png;base64,${Buffer.from(agentId).toString('base64')}`;

interface Yard {
  readonly open: (headers?: Record<string, string>, method?: string, wayId?: string) => Promise<HttpAnswer>;
  readonly outcomes: Opening[];
  readonly counted: () => number;
}

interface Given extends Partial<Pick<OpeningView, 'members' | 'nativeImage' | 'kfLink'>> {
  readonly see?: () => LinkFacts;
  readonly image?: (name: string) => Promise<string | undefined>;
  readonly now?: () => Instant;
  readonly turns?: (turns: LinkStore) => Pick<LinkStore, 'take' | 'takeInstead'>;
  readonly cookieKey?: string;
}

function yard({
  see = () => linkFacts(),
  now = () => NOON,
  turns = (all) => all,
  cookieKey = 'key',
  image = async (name) => (name.includes('#') ? undefined : imageOf(name)),
  ...shown
}: Given = {}): Yard {
  const table = countingTable(memoryTable(LINK_SHAPE));
  const items = countingTable(table);
  const outcomes: Opening[] = [];
  const use = openWay({
    stage: 'test',
    now,
    cookieKey,
    find: async (wayId) => (wayId === 'fair' ? aView(see(), shown) : undefined),
    image,
    turns: turns(linkStore(table, items)),
    report: (outcome) => outcomes.push(outcome),
  });
  const open: Yard['open'] = (headers = {}, method = 'GET', wayId = 'fair') =>
    use({ method, headers: { 'user-agent': WECHAT, ...headers }, domain: DOMAIN, params: { wayId } });
  return { open, outcomes, counted: () => items.calls.update };
}

/** The member whose code a page shows. */
const shown = ({ body = '' }: HttpAnswer): string =>
  Buffer.from(/src="data:image\/png;base64,([^"]*)"/.exec(body)?.[1] ?? '', 'base64').toString();
const cookieOf = ({ headers = {} }: HttpAnswer): string => headers['set-cookie']?.split(';')[0] ?? '';

describe('a customer in WeChat', () => {
  test('gets the member whose turn it is, each the next', async () => {
    const { open, outcomes, counted } = yard();
    const seen = [shown(await open()), shown(await open()), shown(await open()), shown(await open())];
    expect(seen).toEqual(['amy', 'ben', 'cat', 'amy']);
    expect(outcomes).toEqual(['code', 'code', 'code', 'code']);
    expect(counted()).toBe(4);
  });

  test('is led to a member’s link with the turn in its channel, which the add brings back', async () => {
    const { open } = yard({
      members: { amy: { link: 'https://work.weixin.qq.com/ca/caX1', image: 'amy' } },
      see: () => linkFacts(aLink({ members: ['amy'] })),
    });
    await open();
    const answer = await open();
    expect(answer.status).toBe(302);
    expect(answer.headers?.['cache-control']).toBe('no-store');
    const location = new URL(answer.headers?.location ?? '');
    expect(location.origin + location.pathname).toBe('https://work.weixin.qq.com/ca/caX1');
    expect(parseState('test', location.searchParams.get('customer_channel') ?? '')).toEqual({
      wayId: 'fair',
      part: turnPart(2),
    });
  });

  test('a link that is no safe address is not followed; the code is shown', async () => {
    const { open } = yard({ members: { amy: { link: 'javascript:alert(1)', image: 'amy' } } });
    expect(shown(await open())).toBe('amy');
  });

  test.each([
    ['no code yet', undefined],
    ['a picture that is not there yet', 'amy#1'],
    ['a picture that is none', 'javascript'],
  ])('gets the next member when one has %s, and no turn is lost to the others', async (_, named) => {
    const { open, counted } = yard({
      members: { ...(named && { amy: { image: named } }), ben: { image: 'ben' }, cat: { image: 'cat' } },
      image: async (name) => ({ ben: imageOf('ben'), cat: imageOf('cat'), javascript: 'javascript:no-picture' })[name],
    });
    expect([shown(await open()), shown(await open())]).toEqual(['ben', 'cat']);
    expect(counted()).toBe(3);
  });

  test('sees each picture read once for himself, and no other', async () => {
    const read: string[] = [];
    const { open } = yard({
      image: async (name) => {
        read.push(name);
        return imageOf(name);
      },
      nativeImage: 'native',
    });
    await open();
    await open();
    expect(read).toEqual(['amy', 'ben']);
  });
});

describe('a visitor who comes again', () => {
  const again = async (given: Given, later: () => void = () => {}) => {
    const { open, outcomes, counted } = yard(given);
    const first = await open();
    await open();
    later();
    const second = await open({ cookie: `other=1; ${cookieOf(first)}` });
    return { first, second, outcome: outcomes.at(-1), counted: counted() };
  };

  test('gets the same member and takes no turn', async () => {
    const { second, outcome, counted } = await again({});
    expect([shown(second), outcome, counted]).toEqual(['amy', 'same-member', 2]);
  });

  test('gets the same turn in the member’s link', async () => {
    const members = Object.fromEntries(
      ['amy', 'ben', 'cat'].map((id) => [id, { link: `https://work.weixin.qq.com/ca/${id}` }]),
    );
    const { first, second } = await again({ members });
    expect(second.headers?.location).toBe(first.headers?.location);
  });

  test('after the way’s time takes a new turn', async () => {
    let at = NOON;
    const see = () => linkFacts(aLink({ revisitMinutes: 30 }));
    const { second, outcome } = await again({ see, now: () => at }, () => {
      at += 30 * MINUTE;
    });
    expect([shown(second), outcome]).toEqual(['cat', 'code']);
  });

  test('whose member has reached his cap since is still his: that turn was counted', async () => {
    let adds = {};
    const see = () => linkFacts(aLink({ members: [{ agentId: 'amy', perDay: 2 }, 'ben'] }), { adds });
    const { second } = await again({ see }, () => {
      adds = { amy: { today: 2, total: 2 } };
    });
    expect(shown(second)).toBe('amy');
  });

  test.each(['off duty', 'set aside', 'removed', 'off shift'])(
    'whose member is %s since takes a new turn',
    async (why) => {
      let facts = linkFacts();
      let at = NOON;
      const { second, outcome } = await again({ see: () => facts, now: () => at }, () => {
        const shifts = { weekly: [{ days: ['thu'], from: '09:00', to: '13:00' }] };
        if (why === 'off duty') facts = { ...facts, revision: 2, duty: { amy: 'off' } };
        if (why === 'set aside')
          facts = { ...facts, revision: 2, setAside: { amy: { reason: 'not-verified', since: NOON } } };
        if (why === 'removed') facts = linkFacts(aLink({ members: ['ben', 'cat'] }), { revision: 2 });
        if (why === 'off shift')
          facts = linkFacts(aLink({ members: [{ agentId: 'amy', shifts }, 'ben', 'cat'] }), { revision: 2 });
        if (why === 'off shift') at += 2 * HOUR;
      });
      expect(outcome).toBe('code');
      expect(['ben', 'cat']).toContain(shown(second));
    },
  );

  test('keeps the memory where no script and no other way sees it', async () => {
    const { open } = yard();
    const cookie = (await open()).headers?.['set-cookie'] ?? '';
    for (const part of ['; Path=/contact/fair', '; HttpOnly', '; Secure', '; SameSite=Lax', '; Max-Age=86400']) {
      expect(cookie).toContain(part);
    }
  });
});

describe('a visitor’s memory', () => {
  const visit: Visit = { turn: 17, agentId: 'amy', until: NOON + HOUR };
  const cookie = visitCookie('key', 'fair', visit, NOON).split(';')[0] ?? '';

  test('is read until its time is over', () => {
    expect(readVisit('key', 'fair', cookie, NOON)).toEqual(visit);
    expect(readVisit('key', 'fair', cookie, NOON + HOUR)).toBeUndefined();
  });

  test('is nothing under another key or on another way', () => {
    expect(readVisit('other', 'fair', cookie, NOON)).toBeUndefined();
    expect(readVisit('key', 'fairer', cookie, NOON)).toBeUndefined();
  });

  test('with any character changed is nothing, so that nobody chooses a member', () => {
    const check = (place: number, character: string) => {
      const at = 'turn='.length + (place % (cookie.length - 'turn='.length));
      fc.pre(cookie[at] !== character);
      const forged = cookie.slice(0, at) + character + cookie.slice(at + 1);
      // The last character of a Base64 text may stand for the same bytes as another: then it is the same signature.
      const read = readVisit('key', 'fair', forged, NOON);
      if (at < cookie.length - 1) expect(read).toBeUndefined();
      else expect([undefined, 'amy']).toContain(read?.agentId);
    };
    const characters = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyzABCDEF-_.=;, ');
    fc.assert(fc.property(fc.nat(500), characters, check), { numRuns: 1000 });
  });

  test('of any text is nothing, and does no harm', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readVisit('key', 'fair', text, NOON)).toBeUndefined();
        expect(readVisit('key', 'fair', `turn=${text}`, NOON)).toBeUndefined();
      }),
    );
  });

  test('holds any member’s id', () => {
    const ids = fc.stringMatching(/^[0-9a-z_\-@.]{1,64}$/);
    const check = (agentId: string, turn: number) => {
      const held = visitCookie('key', 'fair', { agentId, turn, until: NOON + 1 }, NOON);
      expect(readVisit('key', 'fair', held.split(';')[0], NOON)).toEqual({ agentId, turn, until: NOON + 1 });
    };
    fc.assert(fc.property(ids, fc.nat(), check));
  });

  test('that is forged takes an ordinary turn', async () => {
    const { open, outcomes } = yard();
    await open();
    expect(shown(await open({ cookie: cookie.replace('turn=17', 'turn=18') }))).toBe('ben');
    expect(outcomes.at(-1)).toBe('code');
  });
});

describe('takes no turn', () => {
  test.each([
    ['HEAD', {}, 'program'],
    ['GET', { 'user-agent': 'Slackbot-LinkExpanding 1.0' }, 'program'],
    ['GET', { 'sec-purpose': 'prefetch' }, 'program'],
    ['GET', { 'user-agent': 'Mozilla/5.0 (iPhone) Version/17.5 Safari/604.1' }, 'outside-wechat'],
  ])('%s %o', async (method, headers, outcome) => {
    const { open, outcomes, counted } = yard({ nativeImage: 'native' });
    const answer = await open(headers, method);
    expect(answer.status).toBe(200);
    expect(answer.headers?.['set-cookie']).toBeUndefined();
    expect(answer.body).not.toContain(imageOf('amy'));
    expect(answer.body).not.toContain(imageOf('native'));
    expect([outcomes, counted()]).toEqual([[outcome], 0]);
  });

  test('a browser outside WeChat, which is shown a code of this very address to be scanned', async () => {
    const { open } = yard();
    const { body } = await open({
      'user-agent': 'Mozilla/5.0 (iPhone) Version/17.5 Safari/604.1',
      host: 'evil.example',
    });
    const code = codeAsPng('https://codes.example.org/contact/fair', 500);
    expect(body).toContain(Buffer.from(code).toString('base64'));
  });

  test('an opening while the way is paused', async () => {
    const { open, outcomes, counted } = yard({
      see: () => linkFacts(aLink({ paused: true, emergency: true })),
      nativeImage: 'native',
      kfLink: 'https://work.weixin.qq.com/kfid/kfc1',
    });
    expect((await open()).body).toContain('href="https://work.weixin.qq.com/kfid/kfc1"');
    expect([outcomes, counted()]).toEqual([['nobody'], 0]);
  });

  test('an opening of a way that is unknown, deleted or no name of a way: a friendly 404', async () => {
    const { open, outcomes, counted } = yard();
    for (const wayId of ['gone', '', '../fair', 'FAIR', '__proto__']) {
      const answer = await open({ 'accept-language': 'en' }, 'GET', wayId);
      expect([answer.status, answer.body]).toEqual([404, expect.stringContaining('no longer valid')]);
    }
    expect([new Set(outcomes), counted()]).toEqual([new Set(['unknown']), 0]);
  });

  test('an opening while the emergency switch is on: WeCom’s own code is shown', async () => {
    const { open, outcomes, counted } = yard({
      nativeImage: 'native',
      see: () => linkFacts(aLink({ emergency: true })),
    });
    expect(shown(await open())).toBe('native');
    expect([outcomes, counted()]).toEqual([['emergency'], 0]);
  });
});

describe('when nobody can take the customer', () => {
  const see = () => linkFacts(aLink({ members: ['amy'] }), { duty: { amy: 'off' } });

  test('the page says so and offers the customer service', async () => {
    const { open, outcomes } = yard({ see, kfLink: 'https://work.weixin.qq.com/kfid/kfc1' });
    const answer = await open();
    expect(answer.body).toContain('href="https://work.weixin.qq.com/kfid/kfc1"');
    expect(answer.headers?.['set-cookie']).toBeUndefined();
    expect(outcomes).toEqual(['nobody']);
  });

  test('because the way is paused since, the page says so also to whoever comes again', async () => {
    let facts = linkFacts();
    const { open, outcomes } = yard({ see: () => facts });
    const cookie = cookieOf(await open());
    facts = linkFacts(aLink({ paused: true }), { revision: 2 });
    await open({ cookie });
    expect(outcomes).toEqual(['code', 'nobody']);
  });

  test('and none of the members has a code, the page says so, too', async () => {
    const { open, outcomes } = yard({ members: {} });
    expect((await open()).body).toContain('暂时没有空闲的顾问');
    expect(outcomes).toEqual(['nobody']);
  });
});

describe('when the counter does not answer', () => {
  const failing = (times: number) => (turns: LinkStore) => {
    let left = times;
    const take: LinkStore['take'] = async (...args) => {
      left -= 1;
      if (left >= 0) throw new Error('no answer');
      return turns.take(...args);
    };
    return { take, takeInstead: turns.takeInstead };
  };

  test('once, another turn is taken', async () => {
    const { open, outcomes } = yard({ turns: failing(1) });
    expect(shown(await open())).toBe('amy');
    expect(outcomes).toEqual(['code']);
  });

  test('at all, WeCom’s own code is shown, or a page that asks to try again', async () => {
    const withCode = yard({ turns: failing(9), nativeImage: 'native' });
    expect(shown(await withCode.open())).toBe('native');
    expect(withCode.outcomes).toEqual(['failed']);
    const without = yard({ turns: failing(9) });
    expect((await without.open()).status).toBe(503);
  });

  test('and pictures cannot be read either, the page asks to try again', async () => {
    const { open, outcomes } = yard({ image: () => Promise.reject(new Error('no table')), nativeImage: 'native' });
    expect((await open()).status).toBe(503);
    expect(outcomes).toEqual(['failed']);
  });

  test('and the way cannot even be read, the page asks to try again', async () => {
    const see = () => {
      throw new Error('no table');
    };
    const { open, outcomes } = yard({ see });
    expect((await open()).status).toBe(503);
    expect(outcomes).toEqual(['failed']);
  });
});
