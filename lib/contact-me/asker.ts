/** Who asks for a page, as far as the headers tell. */
export type Asker =
  /** A customer in WeChat's own browser, who can press a code and add its member. */
  | 'wechat'
  /** A person with another browser. */
  | 'other-browser'
  /** A program: a link preview, a search engine, a monitor. It never becomes a customer. */
  | 'program';

export interface AskingHeaders {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

// Where a preview is fetched on behalf of a person, many of these stand beside a complete browser's name.
const PROGRAMS =
  /(?<!\bcu)bot\b|crawl|spider|slurp|preview|prefetch|facebookexternalhit|whatsapp|headless|lighthouse|monitor|uptime|scan(ner)?\b|curl|wget|python|java\/|okhttp|go-http|axios|node-fetch|undici|libwww|httpclient/i;
// Telephones bear all kinds of names (CUBOT, Scanner …): in WeChat's own browser only what is surely none counts.
const PROGRAMS_IN_WECHAT = /((?<!\bcu)bot|preview|crawler|spider|scanner|monitor)\/|\bheadless/i;
const SPECULATION = /prefetch|prerender|preview/i;

/** `HEAD` asks whether a page is there, and speculative requests for what nobody may look at. */
export function askerOf({ method, headers }: AskingHeaders): Asker {
  const agent = headers['user-agent'] ?? '';
  const purposes = [headers['sec-purpose'], headers.purpose, headers['x-purpose'], headers['x-moz']];
  const inWeChat = /\bMicroMessenger\//i.test(agent);
  if (method !== 'GET' || agent === '' || (inWeChat ? PROGRAMS_IN_WECHAT : PROGRAMS).test(agent)) return 'program';
  if (purposes.some((purpose) => purpose !== undefined && SPECULATION.test(purpose))) return 'program';
  return inWeChat ? 'wechat' : 'other-browser';
}

export type Language = 'zh' | 'en';

/** The language of `Accept-Language` that is liked best of those that we have; Chinese, where none is. */
export function languageOf(accepted: string | undefined): Language {
  const liked = (accepted ?? '').split(',').flatMap((part, order) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const quality = parameters.map((one) => /^\s*q=([01](?:\.\d{0,3})?)$/.exec(one)?.[1]).find((q) => q !== undefined);
    const language = /^(zh|en)(-|$)/.exec(tag.trim())?.[1];
    return language === 'zh' || language === 'en' ? [{ language, quality: Number(quality ?? 1), order } as const] : [];
  });
  const [best] = liked.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality || a.order - b.order);
  return best?.language ?? 'zh';
}
