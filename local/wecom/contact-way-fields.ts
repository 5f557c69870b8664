import {
  cutToBytes,
  type Fields,
  invalid,
  optionalBoolean,
  optionalFields,
  optionalNumber,
  optionalText,
  requiredText,
} from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const FORTNIGHT = 14 * 24 * 3600;
const MAX_STYLE = 3;

/** What a caller may say about a way besides who is on it; undefined is "not said". */
export interface WayWords {
  style: number | undefined;
  remark: string | undefined;
  skipVerify: boolean | undefined;
  state: string | undefined;
  expiresIn: number | undefined;
  chatExpiresIn: number | undefined;
  unionid: string | undefined;
  exclusive: boolean | undefined;
  markSource: boolean | undefined;
  conclusions: Fields | undefined;
}

/** What stands where nothing was said. WeCom: externalcontact/add_contact_way. */
export const unsaid = { remark: '', skipVerify: true, state: '', exclusive: false, markSource: true } as const;

/** @throws Refusal 41042, 40007, 40058 */
export function readWords(world: World, body: Fields, temporary: boolean): WayWords {
  const conclusions = optionalFields(body, 'conclusions');
  return {
    style: styleOf(body.style),
    remark: optionalText(body, 'remark', { maxCharacters: 30 }),
    skipVerify: optionalBoolean(body, 'skip_verify'),
    state: optionalText(body, 'state', { maxCharacters: 30 }),
    expiresIn: optionalNumber(body, 'expires_in', { min: 1, max: FORTNIGHT }),
    chatExpiresIn: optionalNumber(body, 'chat_expires_in', { min: 1, max: FORTNIGHT }),
    unionid: optionalText(body, 'unionid'),
    exclusive: optionalBoolean(body, 'is_exclusive'),
    markSource: optionalBoolean(body, 'mark_source'),
    conclusions: conclusions !== undefined && temporary ? checkConclusions(world, conclusions) : undefined,
  };
}

function styleOf(style: unknown): number | undefined {
  if (style === undefined) return undefined;
  if (typeof style !== 'number' || !Number.isInteger(style) || style < 1 || style > MAX_STYLE) throw new Refusal(41042);
  return style;
}

/** The closing message of a temporary chat: one of image, link and mini program, in this order, beside a text. */
function checkConclusions(world: World, conclusions: Fields): Fields {
  const text = optionalFields(conclusions, 'text');
  const image = optionalFields(conclusions, 'image');
  const link = optionalFields(conclusions, 'link');
  const program = optionalFields(conclusions, 'miniprogram');
  if ([text, image, link, program].every((one) => one === undefined)) throw invalid('conclusions');
  return {
    ...(text !== undefined && { text: { content: requiredText(text, 'content', { maxBytes: 4000 }) } }),
    ...(image !== undefined && { image: { pic_url: pictureOf(world, image) } }),
    ...(link !== undefined && { link: checkLink(link) }),
    ...(program !== undefined && { miniprogram: checkProgram(world, program) }),
  };
}

/** A picture is sent by its media_id and read back as an address. */
function pictureOf(world: World, image: Fields): string {
  const mediaId = requiredText(image, 'media_id');
  if (!world.media.has(mediaId, 'image', world.now())) throw new Refusal(40007);
  return `https://p.qpic.cn/pic_wework/${cutToBytes(mediaId, 24)}/0`;
}

function checkLink(link: Fields): Fields {
  const title = requiredText(link, 'title', { maxBytes: 128 });
  const desc = optionalText(link, 'desc', { maxBytes: 512 });
  return { ...link, title, ...(desc !== undefined && { desc }), url: requiredText(link, 'url') };
}

function checkProgram(world: World, program: Fields): Fields {
  const mediaId = requiredText(program, 'pic_media_id');
  if (!world.media.has(mediaId, 'image', world.now())) throw new Refusal(40007);
  return {
    title: requiredText(program, 'title', { maxBytes: 64 }),
    pic_media_id: mediaId,
    appid: requiredText(program, 'appid'),
    page: requiredText(program, 'page'),
  };
}
