import * as z from 'zod';
import { LibraryFile, mediaRef } from '../media/our-file.ts';
import { MEDIA_KINDS, type MediaKind } from '../wecom/media.ts';
import type { Content } from '../wecom/outgoing-messages.ts';

/** Messages that need a file of the library (`media` of the business configuration), which they name by its id. */
const file = z.string().min(1);
const Image = z.strictObject({ image: file });
const Voice = z.strictObject({ voice: file });
const Video = z.strictObject({ video: file });
const File = z.strictObject({ file });
const Link = z.strictObject({
  link: z.strictObject({
    title: z.string().min(1),
    description: z.string().optional(),
    url: z.string().min(1),
    /** The picture beside it. */
    thumb: file,
  }),
});
const MiniProgram = z.strictObject({
  miniProgram: z.strictObject({
    appId: z.string().min(1),
    pagePath: z.string().min(1),
    title: z.string().optional(),
    thumb: file,
  }),
});

export const MediaReply = z.union([Image, Voice, Video, File, Link, MiniProgram]);
export type MediaReply = z.infer<typeof MediaReply>;

/** What a rule set keeps of a file that its rules name. */
export const RuleFile = LibraryFile.pick({ id: true, hash: true, name: true });
export type RuleFile = z.infer<typeof RuleFile>;

const FIELDS: readonly string[] = [...MEDIA_KINDS, 'link', 'miniProgram'];
export const isMediaReply = (reply: object): reply is MediaReply => FIELDS.some((field) => field in reply);

/** The file that a message names, as what it is sent, and where in the message that stands. */
export function fileNamedBy(reply: MediaReply): { id: string; kind: MediaKind; at: string } {
  if ('link' in reply) return { id: reply.link.thumb, kind: 'image', at: 'link.thumb' };
  if ('miniProgram' in reply) return { id: reply.miniProgram.thumb, kind: 'image', at: 'miniProgram.thumb' };
  if ('image' in reply) return { id: reply.image, kind: 'image', at: 'image' };
  if ('voice' in reply) return { id: reply.voice, kind: 'voice', at: 'voice' };
  if ('video' in reply) return { id: reply.video, kind: 'video', at: 'video' };
  return { id: reply.file, kind: 'file', at: 'file' };
}

/** The message with the file itself in the place of its id; undefined where the rule set does not have it. */
export function withFile(reply: MediaReply, files: ReadonlyMap<string, RuleFile>): MediaReply | undefined {
  const { id, kind } = fileNamedBy(reply);
  const found = files.get(id);
  if (!found) return undefined;
  const ref = mediaRef({ kind, hash: found.hash, name: found.name });
  if ('link' in reply) return { link: { ...reply.link, thumb: ref } };
  if ('miniProgram' in reply) return { miniProgram: { ...reply.miniProgram, thumb: ref } };
  if ('image' in reply) return { image: ref };
  if ('voice' in reply) return { voice: ref };
  return 'video' in reply ? { video: ref } : { file: ref };
}

/** What is sent. The file is what stands in its place. */
export function mediaContent(reply: MediaReply): Content {
  if ('link' in reply) {
    const { title, description, url, thumb } = reply.link;
    return { type: 'link', title, url, thumbMediaId: thumb, ...(description !== undefined && { description }) };
  }
  if ('miniProgram' in reply) {
    const { appId, pagePath, title, thumb } = reply.miniProgram;
    return { type: 'miniprogram', appId, pagePath, thumbMediaId: thumb, ...(title !== undefined && { title }) };
  }
  const { id, kind } = fileNamedBy(reply);
  return { type: kind, mediaId: id };
}
