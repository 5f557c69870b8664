import {
  cutToBytes,
  type Fields,
  invalid,
  isFields,
  optionalNumber,
  optionalText,
  requiredFields,
  requiredNumber,
  requiredText,
} from './fields.ts';
import { Refusal } from './refusal.ts';
import type { Switches } from './switches.ts';

export interface OutgoingMessage {
  msgtype: string;
  body: Fields;
}

export interface MessageRules {
  switches: Switches;
  /** Whether a temporary media of this type is known and not older than three days. */
  hasMedia(mediaId: string, type: string): boolean;
  isMember(userid: string): boolean;
}

type Check = (body: Fields, rules: MessageRules) => Fields;

// WeCom: kf/send_msg, "消息类型". Lengths are bytes; "truncated" values are cut, the others are refused.
const checks: Readonly<Record<string, Check>> = {
  text: (body, rules) => ({ content: shortText(body, 'content', 2048, rules) }),
  image: media('image'),
  voice: media('voice'),
  video: media('video'),
  file: media('file'),
  link: (body, rules) => {
    const title = cutToBytes(requiredText(body, 'title'), 128);
    const desc = optionalText(body, 'desc');
    const url = requiredText(body, 'url', { maxBytes: 2048, pattern: /^https?:\/\// });
    const thumb = knownMedia(body, 'thumb_media_id', 'image', rules);
    return { title, ...(desc !== undefined && { desc: cutToBytes(desc, 512) }), url, thumb_media_id: thumb };
  },
  miniprogram: (body, rules) => {
    const title = optionalText(body, 'title');
    return {
      appid: requiredText(body, 'appid'),
      ...(title !== undefined && { title: cutToBytes(title, 64) }),
      thumb_media_id: knownMedia(body, 'thumb_media_id', 'image', rules),
      pagepath: requiredText(body, 'pagepath'),
    };
  },
  msgmenu: checkMenu,
  location: (body) => ({
    ...present('name', optionalText(body, 'name')),
    ...present('address', optionalText(body, 'address')),
    latitude: requiredNumber(body, 'latitude', { min: -90, max: 90, whole: false }),
    longitude: requiredNumber(body, 'longitude', { min: -180, max: 180, whole: false }),
  }),
  business_card: (body, rules) => {
    const userid = requiredText(body, 'userid');
    if (!rules.isMember(userid)) throw new Refusal(60111);
    return { userid };
  },
  ca_link: (body) => ({
    link_url: requiredText(body, 'link_url', { pattern: /^https:\/\/work\.weixin\.qq\.com\/ca\/./ }),
  }),
};

/**
 * Checks the `msgtype` part of kf/send_msg or kf/send_msg_on_event and returns what the customer will see.
 *
 * @throws Refusal 40008 for a type that is not allowed here, 40007 for unknown media, 95008 and 95009 for menus, 40058 for the rest
 */
export function checkMessage(call: Fields, rules: MessageRules, allowed?: readonly string[]): OutgoingMessage {
  const msgtype = requiredText(call, 'msgtype');
  const check = Object.hasOwn(checks, msgtype) ? checks[msgtype] : undefined;
  if (check === undefined || (allowed !== undefined && !allowed.includes(msgtype))) throw new Refusal(40008, msgtype);
  return { msgtype, body: check(requiredFields(call, msgtype), rules) };
}

/** A msgid of the caller's own. An empty one is refused: the key has to be left out instead. */
export function checkMsgid(call: Fields): string | undefined {
  const msgid = optionalText(call, 'msgid', { maxBytes: 32, pattern: /^[0-9a-zA-Z_-]*$/ });
  if (msgid === '') throw invalid('msgid');
  return msgid;
}

/** One line that shows what a message says, for transcripts and for the terminal. */
export function readableText(msgtype: string, body: Fields): string | undefined {
  if (msgtype === 'text') return typeof body.content === 'string' ? body.content : undefined;
  if (msgtype !== 'msgmenu') return undefined;
  const list: unknown = body.list;
  const items = Array.isArray(list) ? list.filter(isFields) : [];
  const lines = items.map((item) => {
    const inner = typeof item.type === 'string' ? item[item.type] : undefined;
    return isFields(inner) ? inner.content : undefined;
  });
  return [body.head_content, ...lines, body.tail_content].filter((line) => typeof line === 'string').join('\n');
}

function shortText(body: Fields, name: string, maxBytes: number, rules: MessageRules): string {
  const text = requiredText(body, name);
  if (Buffer.byteLength(text) > maxBytes) throw new Refusal(rules.switches.textTooLongCode, name);
  return text;
}

function media(type: string): Check {
  return (body, rules) => ({ media_id: knownMedia(body, 'media_id', type, rules) });
}

function knownMedia(body: Fields, name: string, type: string, rules: MessageRules): string {
  const mediaId = requiredText(body, name);
  if (!rules.hasMedia(mediaId, type)) throw new Refusal(40007, name);
  return mediaId;
}

function checkMenu(body: Fields): Fields {
  const list: unknown = body.list;
  if (!Array.isArray(list) || list.length === 0) throw invalid('list');
  if (list.length > 10) throw new Refusal(95008);
  return {
    ...present('head_content', optionalText(body, 'head_content', { maxBytes: 1024 })),
    list: list.map(checkMenuItem),
    ...present('tail_content', optionalText(body, 'tail_content', { maxBytes: 1024 })),
  };
}

function checkMenuItem(item: unknown): Fields {
  if (!isFields(item)) throw invalid('list');
  const type = item.type;
  switch (type) {
    case 'click': {
      const click = requiredFields(item, 'click');
      const id = optionalText(click, 'id', { maxBytes: 64 });
      if (id === '') throw invalid('click.id');
      return { type, click: { ...present('id', id), content: requiredText(click, 'content', { maxBytes: 128 }) } };
    }
    case 'view': {
      const view = requiredFields(item, 'view');
      const url = requiredText(view, 'url', { maxBytes: 2048 });
      return { type, view: { url, content: requiredText(view, 'content', { maxBytes: 1024 }) } };
    }
    case 'miniprogram': {
      const program = requiredFields(item, 'miniprogram');
      const appid = requiredText(program, 'appid', { maxBytes: 32 });
      const pagepath = requiredText(program, 'pagepath', { maxBytes: 1024 });
      const content = optionalText(program, 'content', { maxBytes: 1024 });
      return { type, miniprogram: { appid, pagepath, ...present('content', content) } };
    }
    case 'text': {
      const text = requiredFields(item, 'text');
      const content = requiredText(text, 'content', { maxBytes: 256 });
      const noNewline = optionalNumber(text, 'no_newline', { min: 0, max: 1 });
      return { type, text: { content, ...present('no_newline', noNewline) } };
    }
    default:
      throw new Refusal(95009);
  }
}

function present(name: string, value: string | number | undefined): Fields {
  return value === undefined ? {} : { [name]: value };
}
