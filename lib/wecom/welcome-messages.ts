import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';
import { cutText } from './outgoing-messages.ts';

/** What may hang on a welcome. Media ids live for three days; a picture's `url` is one of media/uploadimg. */
export const WelcomeAttachment = z.discriminatedUnion('type', [
  z.object({ type: z.literal('image'), mediaId: z.string().optional(), url: z.string().optional() }),
  z.object({
    type: z.literal('link'),
    title: z.string(),
    url: z.string(),
    description: z.string().optional(),
    pictureUrl: z.string().optional(),
  }),
  z.object({
    type: z.literal('miniprogram'),
    appId: z.string(),
    title: z.string(),
    thumbMediaId: z.string(),
    pagePath: z.string(),
  }),
  z.object({ type: z.enum(['video', 'file']), mediaId: z.string() }),
]);
export type WelcomeAttachment = Readonly<z.infer<typeof WelcomeAttachment>>;

/**
 * A welcome's words: with `{customer}` and `{agent}` where their names are to stand, and a form without names. After a half
 * add WeCom does not tell the customer's name, and there are 20 seconds in all.
 */
export const WelcomeText = z.object({
  text: z.string(),
  /** Has to be there when `text` has a placeholder. */
  nameless: z.string().optional(),
});
export type WelcomeText = Readonly<z.infer<typeof WelcomeText>>;

/** The message that greets who has just added a member. Its limits are WeCom's: `validateWelcome`. */
export const Welcome = WelcomeText.partial({ text: true }).extend({
  attachments: z.array(WelcomeAttachment).optional(),
});
export type Welcome = Readonly<z.infer<typeof Welcome>>;

/** A welcome that may be sent as it is: the names are in, and the text is not too long. */
export interface ReadyWelcome {
  readonly text?: string;
  readonly attachments: readonly WelcomeAttachment[];
}

export interface Names {
  readonly customer?: string | undefined;
  readonly agent?: string | undefined;
}

/** Bytes of UTF-8. */
export const WELCOME_TEXT_BYTES = 4000;
export const WELCOME_ATTACHMENTS = 9;
const LINK_TITLE_BYTES = 128;
const LINK_DESCRIPTION_BYTES = 512;
const MINIPROGRAM_TITLE_BYTES = 64;
const URL_BYTES = 2048;

/** How long a welcome code is worth something (WeCom then answers 41050); milliseconds. */
export const WELCOME_CODE_LIVES = 20 * SECOND;

/**
 * Until when a welcome is worth trying. WeCom's time is cut to the second, so the code may have been made up to a second later
 * than the event says.
 */
export function welcomeDeadline(at: Instant): Instant {
  return at + WELCOME_CODE_LIVES + SECOND;
}

/** What WeCom would refuse or a customer would stumble over, in plain words; empty when it may be sent. */
export function validateWelcome(welcome: Welcome): string[] {
  const { text, nameless, attachments = [] } = welcome;
  const named = namesIn(text ?? '');
  const unknown = named.filter((name) => !KNOWN_NAMES.has(name));
  return [
    ...validateReady({ ...(text === undefined ? {} : { text }), attachments }),
    ...unknown.map((name) => `text has {${name}}: only {customer} and {agent} are known`),
    ...problemsOfNameless(named, nameless),
    ...(text === undefined && nameless !== undefined ? ['nameless is the other form of a text that is not there'] : []),
  ];
}

/** What WeCom would refuse of a welcome whose names are in: in a name everything is allowed. */
export function validateReady({ text, attachments }: ReadyWelcome): string[] {
  const tooMany = attachments.length > WELCOME_ATTACHMENTS;
  return [
    ...(text === undefined && attachments.length === 0 ? ['a welcome needs a text or an attachment'] : []),
    ...(text === undefined ? [] : bytes('text', text, 1, WELCOME_TEXT_BYTES)),
    ...(tooMany ? [`a welcome has at most ${WELCOME_ATTACHMENTS} attachments, not ${attachments.length}`] : []),
    ...attachments.flatMap((one, index) => problemsOf(one).map((problem) => `attachment ${index + 1}: ${problem}`)),
  ];
}

function problemsOfNameless(named: readonly string[], nameless: string | undefined): string[] {
  if (nameless === undefined) {
    const needed = named.some((name) => KNOWN_NAMES.has(name));
    return needed ? ['text has names: give its form without them as nameless, for when they are not known'] : [];
  }
  const names = namesIn(nameless).map((name) => `nameless has {${name}}, and is for when no name is known`);
  return [...bytes('nameless', nameless, 1, WELCOME_TEXT_BYTES), ...names];
}

function problemsOf(attachment: WelcomeAttachment): string[] {
  switch (attachment.type) {
    case 'image':
      return [
        ...(attachment.mediaId || attachment.url ? [] : ['an image needs a mediaId or a url']),
        ...(attachment.url ? webAddress('url', attachment.url) : []),
      ];
    case 'link':
      return [
        ...bytes('title', attachment.title, 1),
        ...webAddress('url', attachment.url),
        ...(attachment.pictureUrl ? webAddress('pictureUrl', attachment.pictureUrl) : []),
      ];
    case 'miniprogram':
      return [
        ...bytes('appId', attachment.appId, 1),
        ...bytes('title', attachment.title, 1),
        ...bytes('thumbMediaId', attachment.thumbMediaId, 1),
        ...bytes('pagePath', attachment.pagePath, 1),
      ];
    case 'video':
    case 'file':
      return bytes('mediaId', attachment.mediaId, 1);
  }
}

function webAddress(field: string, url: string): string[] {
  const problem = /^https?:\/\/./i.test(url) ? [] : [`${field} has to begin with http:// or https://`];
  return [...problem, ...bytes(field, url, 1, URL_BYTES)];
}

/** WeCom counts bytes of UTF-8, and takes blanks alone for nothing. */
function bytes(field: string, value: string, atLeast: 0 | 1, atMost = Number.POSITIVE_INFINITY): string[] {
  const size = Buffer.byteLength(value);
  if (atLeast === 1 && value.trim() === '') return [`${field} is empty`];
  return size > atMost ? [`${field} has ${size} bytes, at most ${atMost} are allowed`] : [];
}

const PLACEHOLDER = /\{([A-Za-z_]+)\}/g;
const KNOWN_NAMES: ReadonlySet<string> = new Set<keyof Names>(['customer', 'agent']);

function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map((found) => found[1] ?? ''))];
}

/** Which names a welcome asks for, so that nobody looks up what is not said. */
export function namesNeeded(welcome: Welcome): readonly (keyof Names)[] {
  const named = new Set(namesIn(welcome.text ?? ''));
  return (['customer', 'agent'] as const).filter((name) => named.has(name));
}

/**
 * The text with its names (WeCom expands none in a welcome), or the form without names when one that it needs is missing. At most
 * 4000 bytes: what does not fit is cut between two characters. What stands in a name is never taken for a placeholder.
 */
export function fillNames(welcome: WelcomeText, names: Names): string {
  const known = { customer: oneLine(names.customer), agent: oneLine(names.agent) };
  const missing = namesNeeded(welcome).some((name) => known[name] === '');
  if (missing) return cutText(withoutPlaceholders(welcome.nameless ?? welcome.text), WELCOME_TEXT_BYTES);
  const filled = welcome.text.replaceAll(PLACEHOLDER, (whole: string, name: string) =>
    name === 'customer' || name === 'agent' ? known[name] : whole,
  );
  return cutText(filled, WELCOME_TEXT_BYTES);
}

/** A welcome as it goes out to one customer. */
export function readyWelcome(welcome: Welcome, names: Names): ReadyWelcome {
  const { text, nameless, attachments = [] } = welcome;
  if (text === undefined) return { attachments };
  return { text: fillNames({ text, ...(nameless === undefined ? {} : { nameless }) }, names), attachments };
}

/** Names come from WeChat, where people put anything into them. */
function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** The last resort for a text that was never validated: better a gap than "{customer}". */
function withoutPlaceholders(text: string): string {
  return text.replaceAll(/\{(customer|agent)\}/g, '');
}

/** WeCom's form of externalcontact/send_welcome_msg, without the code. Titles that WeCom would refuse for their length are cut well. */
export function toWeCom(welcome: ReadyWelcome): { text?: object; attachments?: object[] } {
  return {
    ...(welcome.text ? { text: { content: welcome.text } } : {}),
    ...(welcome.attachments.length > 0 ? { attachments: welcome.attachments.map(toWeComAttachment) } : {}),
  };
}

function toWeComAttachment(attachment: WelcomeAttachment): object {
  switch (attachment.type) {
    case 'image': {
      // With both, WeCom takes the media id, which is the one that expires.
      const image = attachment.url ? { pic_url: attachment.url } : { media_id: attachment.mediaId };
      return { msgtype: 'image', image };
    }
    case 'link': {
      const picture = attachment.pictureUrl ? { picurl: attachment.pictureUrl } : {};
      const desc = attachment.description ? { desc: cutText(attachment.description, LINK_DESCRIPTION_BYTES) } : {};
      const title = cutText(attachment.title, LINK_TITLE_BYTES);
      return { msgtype: 'link', link: { title, ...picture, ...desc, url: attachment.url } };
    }
    case 'miniprogram': {
      const { appId, thumbMediaId, pagePath } = attachment;
      const title = cutText(attachment.title, MINIPROGRAM_TITLE_BYTES);
      const miniprogram = { title, pic_media_id: thumbMediaId, appid: appId, page: pagePath };
      return { msgtype: 'miniprogram', miniprogram };
    }
    case 'video':
    case 'file':
      return { msgtype: attachment.type, [attachment.type]: { media_id: attachment.mediaId } };
  }
}
