import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askerOf, languageOf } from '../../../lib/contact-me/asker.ts';
import { type ContactPage, contactPage, safeLink } from '../../../lib/contact-me/contact-page.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const PAGES: readonly ContactPage[] = [
  { shows: 'code', image: PNG },
  { shows: 'nobody', kfLink: 'https://work.weixin.qq.com/kfid/kfc1?a=1&b=2' },
  { shows: 'nobody' },
  { shows: 'unknown' },
  { shows: 'open-in-wechat', image: PNG },
  { shows: 'open-in-wechat' },
  { shows: 'preview' },
  { shows: 'failed' },
];
const both = PAGES.flatMap((page) => [contactPage(page, 'zh'), contactPage(page, 'en')]);

/** The tags of a page, as a browser would find them: nothing here has a `>` within an attribute. */
const tagsOf = (body: string): string[] => body.match(/<[^>]*>/g) ?? [];
/** A page with what was put in taken out. */
const skeleton = (body: string): string[] => tagsOf(body).map((tag) => tag.replace(/(src|href)="[^"]*"/, '$1'));

describe('the page', () => {
  test('shows the code as a picture with what to do, in the customer’s language', () => {
    const chinese = contactPage({ shows: 'code', image: PNG }, 'zh');
    expect(chinese.body).toContain(`<img class="code" src="${PNG}"`);
    expect(chinese.body).toContain('长按识别二维码');
    expect(chinese).toMatchObject({ status: 200, headers: { 'content-language': 'zh-CN' } });
    const english = contactPage({ shows: 'code', image: PNG }, 'en');
    expect(english.body).toContain('Long-press the code to add');
    expect(english.body).toContain('<html lang="en">');
  });

  test('each is in the language asked for and in no other', () => {
    for (const page of PAGES) {
      expect(contactPage(page, 'en').body).not.toMatch(/[\u4e00-\u9fff]/);
      expect(contactPage(page, 'zh').body).toMatch(/<h1>[\u4e00-\u9fff]+<\/h1>/);
    }
  });

  test('offers the customer service where nobody can take the customer, and no dead button without one', () => {
    expect(contactPage({ shows: 'nobody', kfLink: 'https://work.weixin.qq.com/kfid/k?a=1&b=2' }, 'zh').body).toContain(
      '<a class="go" href="https://work.weixin.qq.com/kfid/k?a=1&amp;b=2">',
    );
    expect(contactPage({ shows: 'nobody' }, 'zh').body).not.toContain('<a ');
  });

  test('speaks of scanning only where there is something to scan', () => {
    expect(contactPage({ shows: 'open-in-wechat', image: PNG }, 'zh').body).toContain('请用微信扫一扫');
    expect(contactPage({ shows: 'open-in-wechat' }, 'zh').body).not.toContain('扫');
    expect(contactPage({ shows: 'open-in-wechat' }, 'en').body).not.toMatch(/scan/i);
  });

  test('an unknown way is a 404, a failure of ours is a 503', () => {
    expect(contactPage({ shows: 'unknown' }, 'zh').status).toBe(404);
    expect(contactPage({ shows: 'failed' }, 'zh').status).toBe(503);
  });

  test('loads nothing, runs nothing and is kept by nobody', () => {
    for (const { body, headers } of both) {
      expect(
        tagsOf(body).filter((tag) => /^<(script|link|iframe|object|form|svg)|url\(|@import| on\w+=/i.test(tag)),
      ).toEqual([]);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; img-src ('none'|data:); style-src 'sha256-/,
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
    }
  });

  test('its policy allows exactly its own style', () => {
    for (const { body, headers } of both) {
      const style = /<style>([^<]*)<\/style>/.exec(body)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}';`);
    }
  });

  test('a linked picture is allowed from its own host alone, always encrypted', () => {
    const page = contactPage({ shows: 'code', image: 'http://wework.qpic.cn/wwpic/1/0' }, 'zh');
    expect(page.headers['content-security-policy']).toContain('img-src https://wework.qpic.cn;');
    expect(page.body).toContain('src="https://wework.qpic.cn/wwpic/1/0"');
  });

  test('whatever is passed in stays within its attribute or is left out', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc
        .tuple(fc.constantFrom('https://a.example/', 'data:image/png;base64,', 'javascript:', '"', "'"), fc.string())
        .map(([scheme, rest]) => scheme + rest),
      fc.constantFrom(
        'https://a.example/"><script>alert(1)</script>',
        'https://a.example/;script-src *',
        '" onerror="x',
      ),
    );
    const withCode = skeleton(contactPage({ shows: 'code', image: PNG }, 'en').body);
    const withLink = skeleton(contactPage({ shows: 'nobody', kfLink: 'https://a.example' }, 'en').body);
    const withoutLink = skeleton(contactPage({ shows: 'nobody' }, 'en').body);
    const check = (text: string) => {
      const code = contactPage({ shows: 'code', image: text }, 'en');
      const nobody = contactPage({ shows: 'nobody', kfLink: text }, 'en');
      const pictured = code.body.includes('<img');
      if (pictured) expect(skeleton(code.body)).toEqual(withCode);
      expect(skeleton(nobody.body)).toEqual(safeLink(text) === undefined ? withoutLink : withLink);
      const sources = /img-src ([^;]*);/.exec(code.headers['content-security-policy'] ?? '')?.[1] ?? '';
      expect(sources).toMatch(/^('none'|data:|https:\/\/[^\s;,'"]+)$/);
      expect(code.headers['content-security-policy']?.split(';')).toHaveLength(6);
    };
    fc.assert(fc.property(hostile, check), { numRuns: 2000 });
  });

  test.each([
    'javascript:alert(1)',
    'http://plain.example',
    'weixin://x',
    'https://user:pass@a.example',
    '/x',
    '',
    undefined,
  ])('%s is no link that a customer may be led to', (address) => {
    expect(safeLink(address)).toBeUndefined();
  });
});

describe('the language', () => {
  test.each([
    ['zh-CN,zh;q=0.9', 'zh'],
    ['en-US,en;q=0.9,zh;q=0.8', 'en'],
    ['en;q=0.5, zh-TW;q=0.8', 'zh'],
    ['fr-FR, en;q=0.1', 'en'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['EN-gb', 'en'],
    ['de', 'zh'],
    ['*', 'zh'],
    ['', 'zh'],
    [undefined, 'zh'],
  ])('of %s is %s', (accepted, language) => {
    expect(languageOf(accepted)).toBe(language);
  });

  test('is found whatever the header says', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(['zh', 'en']).toContain(languageOf(text))));
  });
});

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';

describe('who asks', () => {
  test.each([
    [`${IPHONE} MicroMessenger/8.0.50(0x18003234) NetType/WIFI Language/zh_CN`, 'wechat'],
    [
      'Mozilla/5.0 (Linux; Android 14; wv) Chrome/116 Mobile XWEB/1160065 MMWEBSDK/20240301 MicroMessenger/8.0.48',
      'wechat',
    ],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/122 MicroMessenger/7.0.20.1781 WindowsWechat(0x63090a13)', 'wechat'],
    ['Mozilla/5.0 (Linux; Android 11; CUBOT X30) Chrome/126 Mobile MicroMessenger/8.0.30.2244', 'wechat'],
    ['Mozilla/5.0 (Linux; Android 11; Scan Monitor 3) Chrome/126 Mobile MicroMessenger/8.0.30.2244', 'wechat'],
    ['Mozilla/5.0 (Linux; Android 11; CUBOT X30) Chrome/126 Mobile Safari/537.36', 'other-browser'],
    [`${IPHONE} Version/17.5 Safari/604.1`, 'other-browser'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36', 'other-browser'],
    ['Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)', 'program'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'program'],
    ['facebookexternalhit/1.1', 'program'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'program'],
    ['TelegramBot (like TwitterBot)', 'program'],
    ['WhatsApp/2.23', 'program'],
    ['curl/8.5.0', 'program'],
    ['python-requests/2.32', 'program'],
    [`${IPHONE} MicroMessenger/8.0.50 SomeLinkPreview/1.0`, 'program'],
    ['', 'program'],
    [undefined, 'program'],
  ])('%s is %s', (agent, asker) => {
    expect(askerOf({ method: 'GET', headers: { 'user-agent': agent } })).toBe(asker);
  });

  test.each([
    ['HEAD', {}],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { purpose: 'prefetch' }],
    ['GET', { 'x-moz': 'prefetch' }],
    ['GET', { 'x-purpose': 'preview' }],
  ])('%s with %o is a program, also in WeChat', (method, headers) => {
    expect(askerOf({ method, headers: { 'user-agent': `${IPHONE} MicroMessenger/8.0`, ...headers } })).toBe('program');
  });
});
