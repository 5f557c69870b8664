import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Content,
  cutText,
  type MenuItem,
  messageId,
  toWeCom,
  validateContent,
} from '../../../lib/wecom/outgoing-messages.ts';

const menu = (items: MenuItem[], more: { head?: string; tail?: string } = {}): Content => ({
  type: 'menu',
  items,
  ...more,
});
const click = (content: string, id?: string): MenuItem => ({
  type: 'click',
  content,
  ...(id === undefined ? {} : { id }),
});
const problems = (content: Content): string[] => validateContent(content, 'reply');

const MESSAGES: Content[] = [
  { type: 'text', text: '您好，请问有什么可以帮您？' },
  { type: 'text', text: 'Good morning' },
  { type: 'image', mediaId: 'M' },
  { type: 'voice', mediaId: 'M' },
  { type: 'video', mediaId: 'M' },
  { type: 'file', mediaId: 'M' },
  { type: 'link', title: '发货', description: '物流', url: 'https://example.com', thumbMediaId: 'M' },
  { type: 'miniprogram', appId: 'wx1', title: '夏令营', thumbMediaId: 'M', pagePath: 'pages/index.html' },
  menu([click('满意', '101')], { head: '您满意吗？', tail: '谢谢' }),
  { type: 'location', name: '小区', address: '路', latitude: 0, longitude: -180 },
  { type: 'business-card', agentId: 'zhangsan' },
  { type: 'acquisition-link', url: 'https://work.weixin.qq.com/ca/cawcde1' },
];

describe('what WeCom takes', () => {
  test.each(MESSAGES)('a $type may be a reply', (content) => {
    expect(problems(content)).toEqual([]);
    expect(Content.parse(content)).toEqual(content);
  });

  test.each([
    ['welcome', ['text', 'menu']],
    ['pool', ['text']],
    ['end', ['text', 'menu']],
  ] as const)('a code for %s buys %j and nothing else', (place, allowed) => {
    const taken = MESSAGES.filter((content) => validateContent(content, place).length === 0).map(({ type }) => type);
    expect(new Set(taken)).toEqual(new Set(allowed));
  });

  test('a text is measured in bytes: 682 Chinese characters, not 683', () => {
    expect(problems({ type: 'text', text: '汉'.repeat(682) })).toEqual([]);
    expect(problems({ type: 'text', text: '汉'.repeat(683) })).toEqual([
      'text has 2049 bytes, at most 2048 are allowed',
    ]);
  });

  test.each<[string, Content]>([
    ['an empty text', { type: 'text', text: ' \n' }],
    ['no media', { type: 'image', mediaId: '' }],
    ['a link without a title', { type: 'link', title: '', url: 'https://a', thumbMediaId: 'M' }],
    ['a link without a picture', { type: 'link', title: 'a', url: 'https://a', thumbMediaId: '' }],
    ['a link to somewhere else than the web', { type: 'link', title: 'a', url: 'weixin://a', thumbMediaId: 'M' }],
    ['a link that is too long', { type: 'link', title: 'a', url: `https://${'a'.repeat(2041)}`, thumbMediaId: 'M' }],
    ['a mini program page', { type: 'miniprogram', appId: 'wx1', thumbMediaId: 'M', pagePath: 'pages/index' }],
    ['a menu without items', menu([])],
    ['eleven items', menu(Array.from({ length: 11 }, (_, n) => click(`${n}`)))],
    ['a choice without words', menu([click('')])],
    ['a choice that is too long', menu([click('汉'.repeat(43))])],
    ['an empty id', menu([click('a', '')])],
    ['an id that is too long', menu([click('a', '1'.repeat(65))])],
    ['a menu page without address', menu([{ type: 'view', url: '', content: 'a' }])],
    ['a menu page’s words', menu([{ type: 'view', url: 'https://a', content: 'a'.repeat(1025) }])],
    ['a mini program’s id', menu([{ type: 'miniprogram', appId: 'w'.repeat(33), pagePath: 'a', content: 'a' }])],
    ['a menu text that is too long', menu([{ type: 'text', content: 'a'.repeat(257) }])],
    ['a head that is too long', menu([click('a')], { head: 'a'.repeat(1025) })],
    ['a tail that is too long', menu([click('a')], { tail: 'a'.repeat(1025) })],
    ['a place beyond the pole', { type: 'location', latitude: 90.1, longitude: 0 }],
    ['a place that is none', { type: 'location', latitude: 0, longitude: Number.NaN }],
    ['an empty business card', { type: 'business-card', agentId: '' }],
    ['a link that acquires nobody', { type: 'acquisition-link', url: 'https://example.com/ca/1' }],
  ])('%s is found before WeCom refuses it', (_, content) => {
    expect(problems(content)).toHaveLength(1);
  });

  test.each<[string, Content]>([
    ['ten items', menu(Array.from({ length: 10 }, (_, n) => click(`${n}`)))],
    ['a choice of 128 bytes with an id of 64', menu([click('a'.repeat(128), '1'.repeat(64))])],
    [
      'a mini program page with a query',
      { type: 'miniprogram', appId: 'w', thumbMediaId: 'M', pagePath: 'a.html?x=1' },
    ],
    ['a title that WeCom would cut', { type: 'link', title: 'a'.repeat(500), url: 'http://a', thumbMediaId: 'M' }],
  ])('%s is not too much', (_, content) => {
    expect(problems(content)).toEqual([]);
  });

  test('an item’s problem says which item, and quotes nothing', () => {
    expect(problems(menu([click('fine'), click('秘'.repeat(100))]))).toEqual([
      'item 2: content has 300 bytes, at most 128 are allowed',
    ]);
  });
});

describe('WeCom’s form', () => {
  test('of a menu', () => {
    const content = menu(
      [
        click('是', 'y'),
        click('否'),
        { type: 'view', url: 'https://a', content: 'Help' },
        { type: 'miniprogram', appId: 'wx1', pagePath: 'p', content: 'Open' },
        { type: 'text', content: 'a\nb', noNewline: true },
      ],
      { head: 'Anything else?', tail: '' },
    );
    expect(toWeCom(content)).toEqual({
      msgtype: 'msgmenu',
      msgmenu: {
        head_content: 'Anything else?',
        list: [
          { type: 'click', click: { id: 'y', content: '是' } },
          { type: 'click', click: { content: '否' } },
          { type: 'view', view: { url: 'https://a', content: 'Help' } },
          { type: 'miniprogram', miniprogram: { appid: 'wx1', pagepath: 'p', content: 'Open' } },
          { type: 'text', text: { content: 'a\nb', no_newline: 1 } },
        ],
      },
    });
  });

  test('of everything else', () => {
    expect(MESSAGES.filter(({ type }) => type !== 'menu').map(toWeCom)).toEqual([
      { msgtype: 'text', text: { content: '您好，请问有什么可以帮您？' } },
      { msgtype: 'text', text: { content: 'Good morning' } },
      { msgtype: 'image', image: { media_id: 'M' } },
      { msgtype: 'voice', voice: { media_id: 'M' } },
      { msgtype: 'video', video: { media_id: 'M' } },
      { msgtype: 'file', file: { media_id: 'M' } },
      { msgtype: 'link', link: { title: '发货', desc: '物流', url: 'https://example.com', thumb_media_id: 'M' } },
      {
        msgtype: 'miniprogram',
        miniprogram: { appid: 'wx1', title: '夏令营', thumb_media_id: 'M', pagepath: 'pages/index.html' },
      },
      { msgtype: 'location', location: { name: '小区', address: '路', latitude: 0, longitude: -180 } },
      { msgtype: 'business_card', business_card: { userid: 'zhangsan' } },
      { msgtype: 'ca_link', ca_link: { link_url: 'https://work.weixin.qq.com/ca/cawcde1' } },
    ]);
  });

  test('a long title is cut between characters, as WeCom would not', () => {
    const link: Content = { type: 'link', title: '汉'.repeat(50), url: 'https://a', thumbMediaId: 'M' };
    expect(toWeCom(link)).toMatchObject({ link: { title: '汉'.repeat(42) } });
  });
});

describe('cutting a text', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });
  const size = fc.integer({ min: 0, max: 80 });

  test('gives a beginning of the text that fits and has no half characters', () => {
    fc.assert(
      fc.property(anyText, size, (text, maxBytes) => {
        const cut = cutText(text, maxBytes);
        expect(text.toWellFormed().startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });

  test('leaves a text alone that fits', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(cutText(text)).toBe(text)));
  });

  test('cuts off no more than it has to: one code point more would not fit, or would break a character', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'é', '汉', '👋'), { maxLength: 40 }), size, (pieces, maxBytes) => {
        const text = pieces.join('');
        const cut = cutText(text, maxBytes);
        const next = [...text.slice(cut.length)][0] ?? '';
        expect(next === '' || Buffer.byteLength(cut + next) > maxBytes).toBe(true);
      }),
    );
  });

  test('keeps together what reads as one character', () => {
    const family = '👨‍👩‍👧';
    expect(cutText(`汉${family}`, 3 + Buffer.byteLength(family) - 1)).toBe('汉');
    expect(cutText('cafe\u0301', 5)).toBe('caf');
  });

  test('cuts a character that is too long in itself between its code points', () => {
    expect(cutText('e\u0301\u0301\u0301', 4)).toBe('e\u0301');
  });

  test('is quick with a very long text', () => {
    expect(Buffer.byteLength(cutText('汉'.repeat(2_000_000)))).toBe(2046);
  });
});

describe('message ids', () => {
  const cause = fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1 });

  test('are what WeCom allows, and the same for the same cause', () => {
    fc.assert(
      fc.property(cause, (parts) => {
        expect(messageId(...parts)).toMatch(/^[0-9a-zA-Z_-]{1,32}$/);
        expect(messageId(...parts)).toBe(messageId(...structuredClone(parts)));
      }),
    );
  });

  test('differ for different causes, also where the parts only join differently', () => {
    fc.assert(
      fc.property(cause, cause, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(messageId(...a)).not.toBe(messageId(...b));
      }),
    );
    expect(messageId('a', 'b')).not.toBe(messageId('a,b'));
    expect(messageId('1')).not.toBe(messageId(1));
  });
});
