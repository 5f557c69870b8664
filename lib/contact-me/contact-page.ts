import { createHash } from 'node:crypto';
import type { Language } from './asker.ts';

/** What a customer sees who opened a `link` way. Pictures are `data:` addresses, or of WeCom's host of pictures. */
export type ContactPage =
  /** The code of the member whose turn it is. */
  | { readonly shows: 'code'; readonly image: string }
  /** No member can take a customer now; `kfLink` leads to the customer service that can. */
  | { readonly shows: 'nobody'; readonly kfLink?: string }
  /** There is no such way, or not any more. */
  | { readonly shows: 'unknown' }
  /** Another browser than WeChat's; `image` is a code of this same address. */
  | { readonly shows: 'open-in-wechat'; readonly image?: string }
  /** For programs: what the link is, and nothing that belongs to one customer. */
  | { readonly shows: 'preview' }
  /** Something of ours failed. */
  | { readonly shows: 'failed' };

export interface RenderedPage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The page, complete: it loads nothing but the picture, and runs nothing. Everything that comes from outside is escaped; a picture or link that is
 * neither `https:` nor (pictures) `data:image/…` is left out.
 */
export function contactPage(page: ContactPage, language: Language): RenderedPage {
  const image = 'image' in page ? safeImage(page.image) : undefined;
  const said = TEXTS[language][page.shows];
  const texts = image === undefined ? { ...said, lead: said.leadAlone ?? said.lead } : said;
  const body = html(language, texts, [
    image ? picture(image, texts.imageText ?? '') : icon(page.shows),
    ...actions(page, texts),
  ]);
  return { status: STATUS[page.shows], headers: headersFor(language, image), body };
}

const STATUS: Readonly<Record<ContactPage['shows'], number>> = {
  code: 200,
  nobody: 200,
  unknown: 404,
  'open-in-wechat': 200,
  preview: 200,
  failed: 503,
};

interface Texts {
  readonly title: string;
  readonly lead: string;
  /** Instead, when there is no picture. */
  readonly leadAlone?: string;
  /** The one thing to do, set apart. */
  readonly action?: string;
  readonly imageText?: string;
}

const TEXTS: Readonly<Record<Language, Readonly<Record<ContactPage['shows'], Texts>>>> = {
  zh: {
    code: {
      title: '添加您的专属顾问',
      lead: '添加后即可在微信中直接与我们沟通。',
      action: '长按识别二维码',
      imageText: '您的顾问的企业微信二维码',
    },
    nobody: {
      title: '暂时没有空闲的顾问',
      lead: '请稍后再次打开此页面。',
      action: '联系在线客服',
    },
    unknown: { title: '此联系方式已失效', lead: '链接可能已停用或不完整。请联系向您提供二维码的人员获取新的二维码。' },
    'open-in-wechat': {
      title: '请在微信中打开',
      lead: '只有在微信中才能添加我们的顾问。请用微信扫一扫，或在微信中打开此页面的链接。',
      leadAlone: '只有在微信中才能添加我们的顾问。请在微信中打开此页面的链接。',
      imageText: '此页面的二维码，请用微信扫一扫',
    },
    preview: { title: '添加您的专属顾问', lead: '在微信中打开，即可添加我们的顾问。' },
    failed: { title: '页面暂时无法打开', lead: '抱歉，出了一点问题。请稍后重新打开此页面。' },
  },
  en: {
    code: {
      title: 'Add your personal advisor',
      lead: 'Once added, you can talk to us directly in WeChat.',
      action: 'Long-press the code to add',
      imageText: 'The WeCom QR code of your advisor',
    },
    nobody: {
      title: 'No advisor is free right now',
      lead: 'Please open this page again a little later.',
      action: 'Chat with customer service',
    },
    unknown: {
      title: 'This contact is no longer valid',
      lead: 'The link may be out of use or incomplete. Please ask whoever gave you the code for a new one.',
    },
    'open-in-wechat': {
      title: 'Please open in WeChat',
      lead: 'Our advisors can only be added in WeChat. Scan this code with WeChat, or open the link of this page there.',
      leadAlone: 'Our advisors can only be added in WeChat. Open the link of this page there.',
      imageText: 'A code of this page; scan it with WeChat',
    },
    preview: { title: 'Add your personal advisor', lead: 'Open in WeChat to add one of our advisors.' },
    failed: {
      title: 'This page cannot be opened',
      lead: 'Sorry, something went wrong. Please open it again in a moment.',
    },
  },
};

/** No webfonts: the system's Chinese and Latin letters. */
const STYLE = `
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%}
body{min-height:100vh;min-height:100dvh;display:flex;align-items:center;justify-content:center;padding:24px 16px calc(24px + env(safe-area-inset-bottom));
font:16px/1.6 -apple-system,BlinkMacSystemFont,"PingFang SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","Segoe UI",Roboto,sans-serif;
color:#16241d;background:#eef4f0;background:linear-gradient(170deg,#dff3e7 0,#f3f7f5 45%,#eef1f4 100%) fixed}
main{width:100%;max-width:400px;padding:32px 24px 28px;text-align:center;background:#fff;border-radius:20px;box-shadow:0 1px 2px rgba(16,64,40,.06),0 12px 40px rgba(16,64,40,.1)}
h1{font-size:22px;line-height:1.35;font-weight:600;letter-spacing:.01em;overflow-wrap:break-word}
p{margin-top:8px;color:#57665e;font-size:15px;overflow-wrap:break-word}
:lang(en) h1,:lang(en) p{text-wrap:balance}
:lang(en) body{font-family:-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.code{display:block;width:100%;max-width:304px;aspect-ratio:1;height:auto;margin:24px auto 0;padding:4px;object-fit:contain;background:#fff;border:1px solid #e3ebe6;border-radius:16px}
.do{display:inline-flex;align-items:center;justify-content:center;gap:8px;margin-top:20px;padding:10px 22px;color:#04713c;font-size:17px;line-height:1.4;font-weight:600;background:#e6f6ed;border-radius:999px}
.do::before{content:"";flex:none;width:10px;height:10px;border-radius:50%;background:#07c160;animation:press 2s ease-out infinite}
a.go{display:block;margin-top:24px;padding:13px 20px;color:#fff;font-size:17px;line-height:1.4;font-weight:600;text-decoration:none;background:#067a43;border-radius:12px}
a.go:focus-visible{outline:3px solid #8fdcb3;outline-offset:2px}
.icon{display:flex;align-items:center;justify-content:center;width:72px;height:72px;margin:0 auto 20px;color:#067a43;font-size:34px;line-height:1;font-weight:600;background:#e6f6ed;border-radius:50%}

.moon::before{content:"";width:34px;height:34px;border-radius:50%;box-shadow:inset 10px -4px 0 0 currentColor;transform:translateX(5px)}
@keyframes press{0%{box-shadow:0 0 0 0 rgba(7,193,96,.45)}70%,100%{box-shadow:0 0 0 10px rgba(7,193,96,0)}}
@media (prefers-reduced-motion:reduce){.do::before{animation:none}}
@media (max-width:359px){body{padding:12px 10px}main{padding:24px 16px 22px;border-radius:16px}h1{font-size:20px}.do{padding:10px 16px;font-size:16px}}
@media (max-height:600px){main{padding-top:22px}.code{max-width:264px;margin-top:16px}.do{margin-top:14px}}
@media (prefers-color-scheme:dark){body{color:#e9f1ec;background:#0f1512}main{background:#1a231e;box-shadow:none}p{color:#a9b8b0}.code{border-color:#fff}.do,.icon{color:#7fe0ab;background:#173526}}
`.replaceAll('\n', '');

const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

function html(language: Language, { title, lead }: Texts, [first = '', ...rest]: readonly string[]): string {
  const heading = `<h1>${escaped(title)}</h1><p>${escaped(lead)}</p>`;
  // An icon stands above the words, the code below them, near the thumb.
  const content = first.startsWith('<img') ? heading + first : first + heading;
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<meta name="robots" content="noindex,nofollow"><meta name="format-detection" content="telephone=no"><meta name="color-scheme" content="light dark">
<meta name="description" content="${escaped(lead)}"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main>${content}${rest.join('')}</main></body></html>
`;
}

function actions(page: ContactPage, { action }: Texts): string[] {
  if (page.shows === 'code') return [`<div class="do">${escaped(action ?? '')}</div>`];
  const link = page.shows === 'nobody' ? safeLink(page.kfLink) : undefined;
  return link ? [`<a class="go" href="${escaped(link)}">${escaped(action ?? '')}</a>`] : [];
}

const picture = (address: string, text: string): string =>
  `<img class="code" src="${escaped(address)}" alt="${escaped(text)}" width="304" height="304">`;

/** Signs that no telephone turns into a picture of its own; the moon of `nobody` is drawn. */
const ICONS: Readonly<Record<ContactPage['shows'], string>> = {
  code: '✓',
  nobody: '',
  unknown: '?',
  'open-in-wechat': '↗\uFE0E',
  preview: '✓',
  failed: '!',
};

const icon = (shows: ContactPage['shows']): string =>
  `<div class="icon${shows === 'nobody' ? ' moon' : ''}" aria-hidden="true">${ICONS[shows]}</div>`;

function headersFor(language: Language, image: string | undefined): Record<string, string> {
  const pictures = image === undefined ? "'none'" : image.startsWith('data:') ? 'data:' : new URL(image).origin;
  const policy = [
    "default-src 'none'",
    `img-src ${pictures}`,
    `style-src ${STYLE_HASH}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-language': language === 'zh' ? 'zh-CN' : 'en',
    'content-security-policy': policy.join('; '),
    ...ALWAYS,
  };
}

/** For every answer of this address, redirects too. It belongs to one visitor at one moment. */
export const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

/** A web address that is safe in a link or a redirect; undefined for anything else. */
export function safeLink(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}

/**
 * The address of a picture that a page of ours may show; undefined for anything else. WeCom gives some of its pictures' addresses without
 * encryption; the host has both.
 */
export function safeImage(address: string | undefined): string | undefined {
  if (address !== undefined && /^data:image\/(png|jpeg);base64,[0-9A-Za-z+/]+=*$/.test(address)) return address;
  return safeLink(address?.replace(/^http:/i, 'https:'));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
