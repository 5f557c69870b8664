import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ContactFieldError } from '../../../lib/wecom/contact-limits.ts';
import { GateClosed, MissingAppSecret, WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import {
  fillNames,
  namesNeeded,
  readyWelcome,
  toWeCom,
  validateReady,
  validateWelcome,
  Welcome,
  type WelcomeAttachment,
  welcomeDeadline,
} from '../../../lib/wecom/welcome-messages.ts';
import { judgeWelcome } from '../../../lib/wecom/welcome-outcome.ts';

const ATTACHMENTS: WelcomeAttachment[] = [
  { type: 'image', mediaId: 'M' },
  { type: 'image', url: 'https://p.example/1.png' },
  { type: 'link', title: '价目表', url: 'https://a.example', description: '2026', pictureUrl: 'https://a.example/p' },
  { type: 'link', title: 'Prices', url: 'http://a.example' },
  { type: 'miniprogram', appId: 'wx1', title: '夏令营', thumbMediaId: 'M', pagePath: 'pages/index' },
  { type: 'video', mediaId: 'M' },
  { type: 'file', mediaId: 'M' },
];
const named = { text: '{customer}您好，我是{agent}。', nameless: '您好！' };
const withOne = (attachment: WelcomeAttachment): string[] => validateWelcome({ attachments: [attachment] });

describe('what a welcome may be', () => {
  test.each(ATTACHMENTS)('a $type alone', (attachment) => {
    expect(withOne(attachment)).toEqual([]);
    expect(Welcome.parse({ attachments: [attachment] })).toEqual({ attachments: [attachment] });
  });

  test('a text with names and its form without, and nine attachments', () => {
    const attachments = Array.from({ length: 9 }, (): WelcomeAttachment => ({ type: 'image', mediaId: 'M' }));
    expect(validateWelcome({ ...named, attachments })).toEqual([]);
    expect(validateWelcome({ text: 'Hello, with {braces} no more' })).toHaveLength(1);
    expect(validateWelcome({ text: 'Save {50%} today' })).toEqual([]);
  });

  test('a text is measured in bytes: 1333 Chinese characters, not 1334', () => {
    expect(validateWelcome({ text: '汉'.repeat(1333) })).toEqual([]);
    expect(validateWelcome({ text: '汉'.repeat(1334) })).toEqual(['text has 4002 bytes, at most 4000 are allowed']);
    expect(validateWelcome({ ...named, nameless: '汉'.repeat(1334) })).toEqual([
      'nameless has 4002 bytes, at most 4000 are allowed',
    ]);
  });

  test.each([
    ['nothing at all', {}, 'a welcome needs a text or an attachment'],
    ['blanks', { text: ' \n' }, 'text is empty'],
    ['names without a form for when they are not known', { text: 'Hello {customer}' }, /^text has names/],
    [
      'a name that nobody knows',
      { text: 'Hello {nickname}' },
      'text has {nickname}: only {customer} and {agent} are known',
    ],
    ['a nameless form with a name', { ...named, nameless: 'Hi {agent}' }, /^nameless has \{agent\}/],
    ['an empty nameless form', { ...named, nameless: '' }, 'nameless is empty'],
    ['a nameless form of nothing', { nameless: 'Hi', attachments: [ATTACHMENTS[0]] }, /^nameless is the other form/],
    ['ten attachments', { attachments: Array.from({ length: 10 }, () => ATTACHMENTS[0]) }, /at most 9 attachments/],
  ])('not %s', (_, welcome, problem) => {
    const problems = validateWelcome(Welcome.parse(welcome));
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  test.each<[string, WelcomeAttachment]>([
    ['an image of nothing', { type: 'image' }],
    ['an image from somewhere else than the web', { type: 'image', url: 'file:///a.png' }],
    ['a link without a title', { type: 'link', title: '', url: 'https://a' }],
    ['a link to nowhere', { type: 'link', title: 'a', url: '' }],
    ['a mini program without a page', { type: 'miniprogram', appId: 'a', title: 'a', thumbMediaId: 'M', pagePath: '' }],
    [
      'a mini program without a title',
      { type: 'miniprogram', appId: 'a', title: ' ', thumbMediaId: 'M', pagePath: 'p' },
    ],
    ['a file of nothing', { type: 'file', mediaId: '' }],
  ])('not %s', (_, attachment) => {
    expect(withOne(attachment)).not.toEqual([]);
    expect(withOne(attachment)[0]).toMatch(/^attachment 1: /);
  });
});

describe('names', () => {
  test('stand where they belong', () => {
    expect(fillNames(named, { customer: '李四', agent: '小王' })).toBe('李四您好，我是小王。');
    expect(namesNeeded(named)).toEqual(['customer', 'agent']);
    expect(namesNeeded({ text: 'Hi' })).toEqual([]);
  });

  test.each([{}, { agent: '小王' }, { customer: ' \n', agent: '小王' }, { customer: undefined, agent: '小王' }])(
    'that are missing are not asked for: %j gives the form without names',
    (names) => expect(fillNames(named, names)).toBe('您好！'),
  );

  test('that the text does not need may be missing', () => {
    expect(fillNames({ text: 'I am {agent}', nameless: 'Hi' }, { agent: 'Anna' })).toBe('I am Anna');
    expect(fillNames({ text: 'Hi' }, {})).toBe('Hi');
  });

  test('are taken as they are: no placeholder, no pattern, no second line', () => {
    const names = { customer: '{agent}$&$1', agent: 'Li\nSi\u0000' };
    expect(fillNames({ text: '{customer}/{agent}', nameless: 'x' }, names)).toBe('{agent}$&$1/Li Si');
  });

  test('are left out of a text that has no other form', () => {
    expect(fillNames({ text: 'Hello {customer}!' }, {})).toBe('Hello !');
  });

  test('never make a text too long, nor half a character', () => {
    const piece = fc.constantFrom('a', '汉', '👨‍👩‍👧', '{customer}', '{agent}', 'é');
    const long = fc.array(piece, { maxLength: 900 }).map((pieces) => pieces.join(''));
    const name = fc.option(fc.constantFrom('李四', '👨‍👩‍👧', '\ud83d', 'x'.repeat(300)), { nil: undefined });
    fc.assert(
      fc.property(long, fc.option(long, { nil: undefined }), name, name, (text, nameless, customer, agent) => {
        const filled = fillNames({ text, ...(nameless === undefined ? {} : { nameless }) }, { customer, agent });
        expect(Buffer.byteLength(filled)).toBeLessThanOrEqual(4000);
        expect(filled.isWellFormed()).toBe(true);
        expect(filled.endsWith('\u200d')).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('that look like placeholders do not keep a customer from being welcomed', () => {
    const ready = readyWelcome(
      { ...named, attachments: [{ type: 'file', mediaId: 'M' }] },
      { customer: '{x}', agent: 'A' },
    );
    expect(ready).toEqual({ text: '{x}您好，我是A。', attachments: [{ type: 'file', mediaId: 'M' }] });
    expect(validateReady(ready)).toEqual([]);
  });
});

describe('WeCom’s form', () => {
  test('of everything that may hang on a welcome', () => {
    expect(toWeCom(readyWelcome({ text: 'Hi', attachments: ATTACHMENTS }, {}))).toEqual({
      text: { content: 'Hi' },
      attachments: [
        { msgtype: 'image', image: { media_id: 'M' } },
        { msgtype: 'image', image: { pic_url: 'https://p.example/1.png' } },
        {
          msgtype: 'link',
          link: { title: '价目表', picurl: 'https://a.example/p', desc: '2026', url: 'https://a.example' },
        },
        { msgtype: 'link', link: { title: 'Prices', url: 'http://a.example' } },
        {
          msgtype: 'miniprogram',
          miniprogram: { title: '夏令营', pic_media_id: 'M', appid: 'wx1', page: 'pages/index' },
        },
        { msgtype: 'video', video: { media_id: 'M' } },
        { msgtype: 'file', file: { media_id: 'M' } },
      ],
    });
  });

  test('leaves out what is not there', () => {
    expect(toWeCom(readyWelcome({ text: 'Hi' }, {}))).toEqual({ text: { content: 'Hi' } });
    expect(Object.keys(toWeCom(readyWelcome({ attachments: [{ type: 'file', mediaId: 'M' }] }, {})))).toEqual([
      'attachments',
    ]);
  });

  test('cuts titles and descriptions at WeCom’s bytes', () => {
    const title = '汉'.repeat(100);
    const link: WelcomeAttachment = { type: 'link', title, url: 'https://a', description: '汉'.repeat(200) };
    const page: WelcomeAttachment = { type: 'miniprogram', title, appId: 'a', thumbMediaId: 'M', pagePath: 'p' };
    expect(toWeCom({ attachments: [link, page] })).toMatchObject({
      attachments: [
        { link: { title: '汉'.repeat(42), desc: '汉'.repeat(170) } },
        { miniprogram: { title: '汉'.repeat(21) } },
      ],
    });
  });
});

test('a code lives for 20 seconds, and WeCom’s time of the event is cut to the second', () => {
  expect(welcomeDeadline(1_000_000)).toBe(1_021_000);
});

describe('what became of a welcome', () => {
  const first = { first: true, maybeSent: false };
  const refused = (errcode: number) => new WeComError({ api: 'externalcontact/send_welcome_msg', errcode });

  test('nothing was thrown: it was sent', () => expect(judgeWelcome(undefined, first)).toEqual({ outcome: 'sent' }));

  test.each([
    [41050, 'late', 'code-expired-or-used'],
    [41051, 'taken', 'welcomed-or-chatting'],
    [41053, 'needs-consent', 'no-archive-consent'],
    [92599, 'inactive-member', 'member-long-absent'],
    [41054, 'inactive-member', 'member-not-activated'],
    [40098, 'inactive-member', 'member-not-verified'],
    [84074, 'inactive-member', 'member-without-permission'],
    [84061, 'no-relation', 'no-relation'],
    [41049, 'refused', 'bad-code'],
    [40007, 'refused', 'bad-media'],
    [45002, 'refused', 'too-long'],
    [40058, 'refused', 'bad-content'],
    [99999, 'refused', 'other'],
    [45009, 'again', 'too-many-calls'],
    [45033, 'again', 'too-many-calls'],
    [60020, 'outage', 'configuration'],
    [48002, 'outage', 'configuration'],
    [-1, 'unknown', 'wecom-busy'],
  ])('%i: %s, for the cause %s', (errcode, outcome, cause) => {
    expect(judgeWelcome(refused(errcode), first)).toEqual({ outcome, cause, errcode });
  });

  test('another app is sending: worth one more try, and then it was the other’s', () => {
    const verdict = { cause: 'other-app-first', errcode: 41096 };
    expect(judgeWelcome(refused(41096), first)).toEqual({ outcome: 'again', ...verdict });
    const second = { first: false, maybeSent: false };
    expect(judgeWelcome(refused(41096), second)).toEqual({ outcome: 'taken', ...verdict });
  });

  test.each([41050, 41051, 41096])('%i after a silence may be our own success, and is not called a miss', (errcode) => {
    expect(judgeWelcome(refused(errcode), { first: false, maybeSent: true })).toMatchObject({ outcome: 'uncertain' });
  });

  test('41053 after a silence is what it says', () => {
    expect(judgeWelcome(refused(41053), { first: false, maybeSent: true })).toMatchObject({ outcome: 'needs-consent' });
  });

  test('silence may have been a success, unless nobody heard us', () => {
    const silence = (mayHaveActed: boolean) => new WeComUnreachable({ api: 'a', reason: 'time-out', mayHaveActed });
    expect(judgeWelcome(silence(true), first)).toEqual({ outcome: 'unknown', cause: 'wecom-silent' });
    expect(judgeWelcome(silence(false), first)).toEqual({ outcome: 'again', cause: 'wecom-silent' });
  });

  test('calls that rest were not made, and a missing secret is ours', () => {
    const gate = new GateClosed({ app: 'main', api: 'a', reason: 'errcode 45009', until: 1 });
    expect(judgeWelcome(gate, first)).toEqual({ outcome: 'again', cause: 'calls-rest' });
    expect(judgeWelcome(new MissingAppSecret('main'), first)).toEqual({ outcome: 'outage', cause: 'configuration' });
  });

  test('what was never sent for its form is refused', () => {
    const error = new ContactFieldError('welcome', 'cannot be sent', 'give it a text');
    expect(judgeWelcome(error, first)).toEqual({ outcome: 'refused', cause: 'bad-content' });
  });

  test('an error that is not WeCom’s is not swallowed', () => {
    expect(() => judgeWelcome(new TypeError('bug'), first)).toThrow('bug');
  });
});
