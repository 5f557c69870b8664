import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OpeningView } from '../../lib/contact-me/opening-view.ts';
import { codeAsPng } from '../../lib/wecom/code-drawing.ts';
import { aLink, aView, linkFacts } from '../rooms/contact-me/link-ways.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { chromiumPath, type PhoneBrowser, type Screen, startPhoneBrowser } from '../support/phone-browser.ts';

// What a customer's telephone shows of `GET /contact/{wayId}`, from the table to the screen. The pictures of it lie in SCREENSHOTS afterwards.

const SCREENSHOTS = join(tmpdir(), 'wecom-concierge-pages');
const WECHAT = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.50(0x18003234)';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1';
const MEMBERS = ['amy', 'ben', 'cat'];

interface Case {
  readonly wayId: string;
  readonly userAgent?: string;
  readonly status: number;
  readonly title: Readonly<Record<string, string>>;
  /** Whether there is a code to be pressed or scanned. */
  readonly code: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  code: {
    wayId: 'seen',
    status: 200,
    title: { 'zh-CN': '添加您的专属顾问', 'en-US': 'Add your personal advisor' },
    code: true,
  },
  nobody: {
    wayId: 'night',
    status: 200,
    title: { 'zh-CN': '暂时没有空闲的顾问', 'en-US': 'No advisor is free right now' },
    code: false,
  },
  outside: {
    wayId: 'seen',
    userAgent: SAFARI,
    status: 200,
    title: { 'zh-CN': '请在微信中打开', 'en-US': 'Please open in WeChat' },
    code: true,
  },
  unknown: {
    wayId: 'never-made',
    status: 404,
    title: { 'zh-CN': '此联系方式已失效', 'en-US': 'This contact is no longer valid' },
    code: false,
  },
};

(chromiumPath === undefined ? describe.skip : describe)('on a telephone', () => {
  let yard: ContactYard;
  let browser: PhoneBrowser;
  beforeAll(async () => {
    yard = await openContactYard(MEMBERS);
    browser = await startPhoneBrowser(chromiumPath ?? '');
    await mkdir(SCREENSHOTS, { recursive: true });
    for (const name of MEMBERS) {
      const png = Buffer.from(codeAsPng(`https://work.weixin.qq.com/ca/${name}`)).toString('base64');
      await yard.openings.saveImage(name, `data:image/png;base64,${png}`);
    }
    await show('seen', {});
    const off = Object.fromEntries(MEMBERS.map((name) => [name, 'off'] as const));
    await show('night', { duty: off, kfLink: 'https://work.weixin.qq.com/kfid/kfc0123456789abcdef' });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await yard?.close();
  });

  const show = (wayId: string, seen: Partial<OpeningView>) =>
    yard.openings.show(aView(linkFacts(aLink({ wayId, members: MEMBERS })), seen));
  const screen = (rest: Partial<Screen>): Screen => ({
    width: 390,
    height: 844,
    userAgent: WECHAT,
    language: 'zh-CN',
    ...rest,
  });
  const open = (wayId: string, rest: Partial<Screen> = {}) =>
    browser.open(`${yard.stack.url}/contact/${wayId}`, screen(rest));

  const seen = Object.entries(CASES).flatMap(([name, one]) =>
    ['zh-CN', 'en-US'].flatMap((language) =>
      [320, 390].map((width) => [name, language, width, { ...one, language, width }] as const),
    ),
  );

  test.each(seen)('%s (%s, %i pixels) is whole, in its language, and asks for nothing else', async (...given) => {
    const [name, , , { wayId, userAgent = WECHAT, status, title, code, language, width }] = given;
    await open(wayId, { userAgent, language, width, height: width === 320 ? 568 : 844 });
    await writeFile(join(SCREENSHOTS, `${name}-${language}-${width}.png`), await browser.screenshot());
    const found = await browser.evaluate(`({
      status: performance.getEntriesByType('navigation')[0].responseStatus,
      title: document.querySelector('h1').textContent,
      lang: document.documentElement.lang,
      wide: document.documentElement.scrollWidth,
      sticksOut: [...document.querySelectorAll('main *')].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
      }).length,
      codes: [...document.images].filter(({ naturalWidth, offsetWidth }) => naturalWidth > 0 && offsetWidth >= 240).length,
      loaded: performance.getEntriesByType('resource').filter(({ name }) => !name.startsWith('data:')).length,
    })`);
    expect(found).toEqual({
      status,
      title: title[language],
      lang: language === 'zh-CN' ? 'zh-CN' : 'en',
      wide: width,
      sticksOut: 0,
      codes: code ? 1 : 0,
      loaded: 0,
    });
    expect(browser.complaints().filter((text) => !text.includes('status of 404'))).toEqual([]);
  });

  test('opening again shows the same code, though another customer came in between', async () => {
    const shown = () => browser.evaluate('document.images[0].src');
    await show('mine', {});
    await open('mine');
    const mine = await shown();
    await fetch(`${yard.stack.url}/contact/mine`, { headers: { 'user-agent': WECHAT } });
    await open('mine');
    expect(await shown()).toBe(mine);
    // Neither this page nor any other can read what the telephone remembers.
    expect(await browser.evaluate('document.cookie')).toBe('');
  });

  test('the button of the customer service leads there', async () => {
    await open('night');
    expect(await browser.evaluate('document.querySelector("a.go").href')).toBe(
      'https://work.weixin.qq.com/kfid/kfc0123456789abcdef',
    );
  });
});
