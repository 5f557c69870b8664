import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Language } from '../../../lib/contact-me/asker.ts';
import { type ContactPage, contactPage } from '../../../lib/contact-me/contact-page.ts';
import { linkStore } from '../../../lib/contact-me/link-store.ts';
import { openWay } from '../../../lib/contact-me/open-way.ts';
import type { HttpAnswer } from '../../../lib/platform/http-door.ts';
import { codeAsPng } from '../../../lib/wecom/code-drawing.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { chromiumPath, type PhoneBrowser, type Screen, startPhoneBrowser } from '../../support/phone-browser.ts';
import { aView, LINK_SHAPE } from './link-ways.ts';
import { NOON } from './rotation-facts.ts';

const pngOf = (text: string): string => `data:image/png;base64,${Buffer.from(codeAsPng(text)).toString('base64')}`;
const CODE = pngOf('https://work.weixin.qq.com/ca/caX1');
const PAGES: Readonly<Record<string, ContactPage>> = {
  code: { shows: 'code', image: CODE },
  nobody: { shows: 'nobody', kfLink: 'https://work.weixin.qq.com/kfid/kfc1' },
  unknown: { shows: 'unknown' },
  outside: { shows: 'open-in-wechat', image: CODE },
  preview: { shows: 'preview' },
  failed: { shows: 'failed' },
};
const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50';
const phone = (width: number, rest: Partial<Screen> = {}): Screen => ({
  width,
  height: 640,
  userAgent: WECHAT,
  language: 'zh-CN',
  ...rest,
});

/** Every page by itself at `/pages/<language>/<page>`, and an opening as it is at `/contact/<way>`. */
function startPages(): Promise<Server> {
  const table = memoryTable(LINK_SHAPE);
  const open = openWay({
    stage: 'test',
    now: () => NOON,
    cookieKey: 'key',
    find: async () => aView(),
    image: async (name) => pngOf(name),
    turns: linkStore(table, table),
    report: () => {},
  });
  const answerTo = (path: string, headers: Record<string, string | undefined>): HttpAnswer | Promise<HttpAnswer> => {
    const [, kind, first, second = ''] = path.split('/');
    if (kind === 'contact') return open({ method: 'GET', headers, domain: 'localhost', params: { wayId: first } });
    const language: Language = first === 'en' ? 'en' : 'zh';
    return contactPage(PAGES[second] ?? { shows: 'unknown' }, language);
  };
  const server = createServer(async ({ url = '/', headers }, response) => {
    const given = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    const answer = await answerTo(url, Object.fromEntries(given));
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

// Where there is no Chromium, the page's other tests have to do.
(chromiumPath === undefined ? describe.skip : describe)('in a real browser', () => {
  let server: Server;
  let browser: PhoneBrowser;
  let origin = '';
  beforeAll(async () => {
    server = await startPages();
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    browser = await startPhoneBrowser(chromiumPath ?? '');
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const cases = Object.keys(PAGES).flatMap((page) =>
    ['zh', 'en'].flatMap((language) => [320, 375].map((width) => [page, language, width] as const)),
  );

  test.each(cases)(
    '%s in %s fits a screen of %i pixels, with its style, and asks for nothing else',
    async (page, language, width) => {
      await browser.open(`${origin}/pages/${language}/${page}`, phone(width));
      const seen = await browser.evaluate(`({
      wide: document.documentElement.scrollWidth,
      sticksOut: [...document.querySelectorAll('main *')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth;
      }).length,
      smallest: Math.min(...[...document.querySelectorAll('h1,p,.do,.go')].map((one) => parseFloat(getComputedStyle(one).fontSize))),
      styled: getComputedStyle(document.querySelector('main')).backgroundColor,
      loaded: performance.getEntriesByType('resource').filter(({ name }) => !name.startsWith('data:')).length,
      pictures: [...document.images].every(({ naturalWidth }) => naturalWidth > 0),
    })`);
      expect(seen).toEqual({
        wide: width,
        sticksOut: 0,
        smallest: 15,
        styled: 'rgb(255, 255, 255)',
        loaded: 0,
        pictures: true,
      });
      expect(browser.complaints().filter((text) => !/status of (404|503)/.test(text))).toEqual([]);
    },
  );

  test.each([320, 375])(
    'the code is large, and it and what to do are seen at once on a screen of %i pixels',
    async (width) => {
      await browser.open(`${origin}/pages/zh/code`, phone(width, { height: 568 }));
      const boxes = await browser.evaluate(`({
      code: document.querySelector('img').getBoundingClientRect().width,
      bottom: document.querySelector('.do').getBoundingClientRect().bottom,
    })`);
      expect(boxes).toEqual({ code: expect.any(Number), bottom: expect.any(Number) });
      const { code, bottom } = Object(boxes);
      expect(code).toBeGreaterThanOrEqual(240);
      expect(bottom).toBeLessThanOrEqual(568);
    },
  );

  test('the code stays black on white where the telephone is dark', async () => {
    await browser.open(`${origin}/pages/zh/code`, phone(375, { dark: true }));
    const colours = await browser.evaluate(`[
      getComputedStyle(document.querySelector('img')).backgroundColor,
      getComputedStyle(document.querySelector('main')).backgroundColor,
    ]`);
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(26, 35, 30)']);
  });

  test('opening again shows the same member’s code', async () => {
    const codeShown = () => browser.evaluate('document.querySelector("img").src');
    await browser.open(`${origin}/contact/fair`, phone(375, { language: 'en-US' }));
    const first = await codeShown();
    expect(await browser.evaluate('document.documentElement.lang')).toBe('en');
    await browser.open(`${origin}/contact/fair`, phone(375));
    expect(await codeShown()).toBe(first);
    expect(await browser.evaluate('document.cookie')).toBe('');
  });
});
