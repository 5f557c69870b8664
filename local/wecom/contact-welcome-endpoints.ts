import { redeem } from './contact-welcome.ts';
import type { Call, Endpoints } from './endpoint.ts';
import {
  type Fields,
  invalid,
  isFields,
  optionalFields,
  optionalText,
  requiredFields,
  requiredText,
} from './fields.ts';
import { readUpload } from './media.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const MAX_TEXT_BYTES = 4000;
const MAX_ATTACHMENTS = 9;
const MAX_IMAGE_BYTES = 2 * 1024 * 1024;

export const contactWelcomeEndpoints: Endpoints = {
  '/cgi-bin/externalcontact/send_welcome_msg': { method: 'POST', kf: false, contacts: true, answer: sendWelcome },
  '/cgi-bin/media/uploadimg': { method: 'POST', kf: false, upload: true, answer: uploadImage },
};

/** WeCom: externalcontact/send_welcome_msg. Placeholders in the text are the caller's to fill in. */
function sendWelcome(world: World, { app, body }: Call): Fields {
  const code = optionalText(body, 'welcome_code');
  if (!code) throw new Refusal(41049);
  const text = textOf(body);
  const attachments = attachmentsOf(world, body);
  if (text === undefined && attachments.length === 0) throw invalid('text');
  const { customer, member } = redeem(world, app.name, code);
  world.contacts.welcomes.push({ at: world.now(), customer, member, app: app.name, text, attachments });
  return {};
}

function textOf(body: Fields): string | undefined {
  const text = optionalFields(body, 'text');
  const content = text && optionalText(text, 'content');
  if (content === undefined || content === '') return undefined;
  if (Buffer.byteLength(content) > MAX_TEXT_BYTES) throw new Refusal(45002, 'text.content');
  return content;
}

function attachmentsOf(world: World, body: Fields): Fields[] {
  const list: unknown = body.attachments ?? [];
  if (!Array.isArray(list) || list.length > MAX_ATTACHMENTS || !list.every(isFields)) throw invalid('attachments');
  return list.map((one) => {
    const msgtype = requiredText(one, 'msgtype');
    const check = Object.hasOwn(checks, msgtype) ? checks[msgtype] : undefined;
    if (check === undefined) throw invalid('attachments.msgtype');
    return { msgtype, [msgtype]: check(world, requiredFields(one, msgtype)) };
  });
}

const checks: Readonly<Record<string, (world: World, body: Fields) => Fields>> = {
  image: (world, body) => {
    if (optionalText(body, 'media_id')) return { media_id: mediaOf(world, body, 'media_id', 'image') };
    const address = requiredText(body, 'pic_url');
    if (!world.contacts.images.has(address)) throw invalid('image.pic_url');
    return { pic_url: address };
  },
  link: (_world, body) => {
    const title = requiredText(body, 'title', { maxBytes: 128 });
    optionalText(body, 'desc', { maxBytes: 512 });
    optionalText(body, 'picurl');
    return { ...body, title, url: requiredText(body, 'url', { pattern: /^https?:\/\// }) };
  },
  miniprogram: (world, body) => ({
    title: requiredText(body, 'title', { maxBytes: 64 }),
    pic_media_id: mediaOf(world, body, 'pic_media_id', 'image'),
    appid: requiredText(body, 'appid'),
    page: requiredText(body, 'page'),
  }),
  video: (world, body) => ({ media_id: mediaOf(world, body, 'media_id', 'video') }),
  file: (world, body) => ({ media_id: mediaOf(world, body, 'media_id', 'file') }),
};

function mediaOf(world: World, body: Fields, name: string, type: string): string {
  const mediaId = requiredText(body, name);
  if (!world.media.has(mediaId, type, world.now())) throw new Refusal(40007, name);
  return mediaId;
}

/** WeCom: media/uploadimg. The address stays, unlike a media_id. */
function uploadImage(world: World, { raw, contentType }: Call): Fields {
  const { fileName, bytes } = readUpload(contentType, raw);
  if (bytes.length > MAX_IMAGE_BYTES) throw new Refusal(45001);
  // The shelf knows what an image is; its media_id is not told to anybody.
  world.media.put('image', fileName, bytes, world.now());
  const url = `https://wework.qpic.cn/wwpic/${world.random.digits(6)}_${world.random.text(12)}/0`;
  world.contacts.images.add(url);
  return { url };
}
