import { createHash } from 'node:crypto';
import * as z from 'zod';

/** One line of a menu. A click makes the customer send a text that carries the item's `id`. */
export const MenuItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('click'), id: z.string().optional(), content: z.string() }),
  z.object({ type: z.literal('view'), url: z.string(), content: z.string() }),
  z.object({ type: z.literal('miniprogram'), appId: z.string(), pagePath: z.string(), content: z.string() }),
  z.object({ type: z.literal('text'), content: z.string(), noNewline: z.boolean().optional() }),
]);
export type MenuItem = Readonly<z.infer<typeof MenuItem>>;

/** A message to a customer, in our words. Its limits are WeCom's: `validateContent`. Media ids live for three days. */
export const Content = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.enum(['image', 'voice', 'video', 'file']), mediaId: z.string() }),
  z.object({
    type: z.literal('link'),
    title: z.string(),
    description: z.string().optional(),
    url: z.string(),
    thumbMediaId: z.string(),
  }),
  z.object({
    type: z.literal('miniprogram'),
    appId: z.string(),
    title: z.string().optional(),
    thumbMediaId: z.string(),
    pagePath: z.string(),
  }),
  z.object({
    type: z.literal('menu'),
    head: z.string().optional(),
    items: z.array(MenuItem),
    tail: z.string().optional(),
  }),
  z.object({
    type: z.literal('location'),
    name: z.string().optional(),
    address: z.string().optional(),
    latitude: z.number(),
    longitude: z.number(),
  }),
  z.object({ type: z.literal('business-card'), agentId: z.string() }),
  z.object({ type: z.literal('acquisition-link'), url: z.string() }),
]);
export type Content = Readonly<z.infer<typeof Content>>;

/**
 * Where a message is to be said, which decides what it may be (WeCom: kf/send_msg, kf/send_msg_on_event).
 *
 * - `reply`: in the conversation, by kf/send_msg.
 * - `welcome`: by the code of `enter_session`, within 20 s.
 * - `pool`: by the code of a change to the waiting pool or to a person.
 * - `end`: by the code of a session's end, within 20 s.
 */
export type Place = 'reply' | 'welcome' | 'pool' | 'end';

const TYPES_BY_CODE: Readonly<Record<Exclude<Place, 'reply'>, readonly Content['type'][]>> = {
  welcome: ['text', 'menu'],
  pool: ['text'],
  end: ['text', 'menu'],
};

/** Bytes of UTF-8. */
export const TEXT_BYTES = 2048;
const LINK_TITLE_BYTES = 128;
const LINK_DESCRIPTION_BYTES = 512;
const MINIPROGRAM_TITLE_BYTES = 64;
const MENU_ITEMS = 10;

/** What WeCom would refuse, in plain words and without quoting the message; empty when it may be sent. */
export function validateContent(content: Content, place: Place): string[] {
  const misplaced = place !== 'reply' && !TYPES_BY_CODE[place].includes(content.type);
  const problems = problemsOf(content);
  return misplaced ? [`a message of type ${content.type} cannot be sent here (${place})`, ...problems] : problems;
}

function problemsOf(content: Content): string[] {
  switch (content.type) {
    case 'text':
      return bytes('text', content.text, 1, TEXT_BYTES);
    case 'image':
    case 'voice':
    case 'video':
    case 'file':
      return bytes('mediaId', content.mediaId, 1);
    case 'link':
      return [
        ...bytes('title', content.title, 1),
        ...bytes('url', content.url, 1, 2048),
        ...(/^https?:\/\//i.test(content.url) ? [] : ['url has to begin with http:// or https://']),
        ...bytes('thumbMediaId', content.thumbMediaId, 1),
      ];
    case 'miniprogram':
      return [
        ...bytes('appId', content.appId, 1),
        ...bytes('thumbMediaId', content.thumbMediaId, 1),
        ...bytes('pagePath', content.pagePath, 1),
        // WeChat shows "page not found" otherwise; what follows a question mark is the page's own.
        ...(/\.html(\?|$)/.test(content.pagePath) ? [] : ['pagePath has to end in .html']),
      ];
    case 'menu':
      return problemsOfMenu(content);
    case 'location':
      return [...within('latitude', content.latitude, 90), ...within('longitude', content.longitude, 180)];
    case 'business-card':
      return bytes('agentId', content.agentId, 1, 64);
    case 'acquisition-link':
      return /^https:\/\/work\.weixin\.qq\.com\/ca\/./.test(content.url)
        ? []
        : ['url has to be a customer acquisition link (https://work.weixin.qq.com/ca/…)'];
  }
}

function problemsOfMenu(menu: Extract<Content, { type: 'menu' }>): string[] {
  return [
    ...bytes('head', menu.head ?? '', 0, 1024),
    ...bytes('tail', menu.tail ?? '', 0, 1024),
    ...(menu.items.length === 0 ? ['a menu needs an item'] : []),
    ...(menu.items.length > MENU_ITEMS ? [`a menu has at most ${MENU_ITEMS} items, not ${menu.items.length}`] : []),
    ...menu.items.flatMap((item, index) => problemsOfItem(item).map((problem) => `item ${index + 1}: ${problem}`)),
  ];
}

function problemsOfItem(item: MenuItem): string[] {
  switch (item.type) {
    case 'click':
      return [...(item.id === undefined ? [] : bytes('id', item.id, 1, 64)), ...bytes('content', item.content, 1, 128)];
    case 'view':
      return [...bytes('url', item.url, 1, 2048), ...bytes('content', item.content, 1, 1024)];
    case 'miniprogram':
      return [
        ...bytes('appId', item.appId, 1, 32),
        ...bytes('pagePath', item.pagePath, 1, 1024),
        ...bytes('content', item.content, 0, 1024),
      ];
    case 'text':
      return bytes('content', item.content, 1, 256);
  }
}

/** WeCom counts bytes of UTF-8, and takes blanks alone for nothing. */
function bytes(field: string, value: string, atLeast: 0 | 1, atMost = Number.POSITIVE_INFINITY): string[] {
  const size = Buffer.byteLength(value);
  if (atLeast === 1 && value.trim() === '') return [`${field} is empty`];
  return size > atMost ? [`${field} has ${size} bytes, at most ${atMost} are allowed`] : [];
}

function within(field: string, value: number, limit: number): string[] {
  return Math.abs(value) <= limit ? [] : [`${field} has to be between -${limit} and ${limit}`];
}

/** WeCom's form: `msgtype`, and the body under the key of that name. Titles that WeCom would cut off anywhere are cut well. */
export function toWeCom(content: Content): { msgtype: string; [body: string]: unknown } {
  switch (content.type) {
    case 'text':
      return { msgtype: 'text', text: { content: content.text } };
    case 'image':
    case 'voice':
    case 'video':
    case 'file':
      return { msgtype: content.type, [content.type]: { media_id: content.mediaId } };
    case 'link': {
      const desc = content.description ? { desc: cutText(content.description, LINK_DESCRIPTION_BYTES) } : {};
      const title = cutText(content.title, LINK_TITLE_BYTES);
      return { msgtype: 'link', link: { title, ...desc, url: content.url, thumb_media_id: content.thumbMediaId } };
    }
    case 'miniprogram': {
      const { appId, thumbMediaId, pagePath } = content;
      const title = content.title ? { title: cutText(content.title, MINIPROGRAM_TITLE_BYTES) } : {};
      const miniprogram = { appid: appId, ...title, thumb_media_id: thumbMediaId, pagepath: pagePath };
      return { msgtype: 'miniprogram', miniprogram };
    }
    case 'menu': {
      const head = content.head ? { head_content: content.head } : {};
      const tail = content.tail ? { tail_content: content.tail } : {};
      return { msgtype: 'msgmenu', msgmenu: { ...head, list: content.items.map(toWeComItem), ...tail } };
    }
    case 'location': {
      const name = content.name ? { name: content.name } : {};
      const address = content.address ? { address: content.address } : {};
      const { latitude, longitude } = content;
      return { msgtype: 'location', location: { ...name, ...address, latitude, longitude } };
    }
    case 'business-card':
      return { msgtype: 'business_card', business_card: { userid: content.agentId } };
    case 'acquisition-link':
      return { msgtype: 'ca_link', ca_link: { link_url: content.url } };
  }
}

function toWeComItem(item: MenuItem): object {
  const { content } = item;
  switch (item.type) {
    case 'click':
      return { type: 'click', click: { ...(item.id ? { id: item.id } : {}), content } };
    case 'view':
      return { type: 'view', view: { url: item.url, content } };
    case 'miniprogram':
      return { type: 'miniprogram', miniprogram: { appid: item.appId, pagepath: item.pagePath, content } };
    case 'text':
      return {
        type: 'text',
        text: { content, ...(item.noNewline === undefined ? {} : { no_newline: item.noNewline ? 1 : 0 }) },
      };
  }
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The longest beginning of a text that has at most `maxBytes` bytes of UTF-8 and ends between two characters as a reader
 * sees them; between two code points where the very first character is longer than that. Half characters become U+FFFD.
 */
export function cutText(text: string, maxBytes = TEXT_BYTES): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  return beginning(segmentsOf(whole), maxBytes) || beginning(whole, maxBytes);
}

function* segmentsOf(text: string): Iterable<string> {
  for (const { segment } of characters.segment(text)) yield segment;
}

function beginning(pieces: Iterable<string>, maxBytes: number): string {
  let kept = '';
  let size = 0;
  for (const piece of pieces) {
    size += Buffer.byteLength(piece);
    if (size > maxBytes) break;
    kept += piece;
  }
  return kept;
}

/**
 * WeCom's `msgid` for a message of ours: at most 32 of `[0-9a-zA-Z_-]`, and always the same for the same cause, so that a
 * repeat is recognised by WeCom.
 */
export function messageId(...cause: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(cause)).digest('base64url').slice(0, 32);
}
