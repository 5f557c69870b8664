import type { Content } from '../wecom/outgoing-messages.ts';
import { type OurFile, readMediaRef } from './our-file.ts';

/** The file of ours that this message needs; undefined where it needs none. No message has more than one. */
export function fileIn(content: Content): OurFile | undefined {
  if ('mediaId' in content) return readMediaRef(content.mediaId);
  if ('thumbMediaId' in content) return readMediaRef(content.thumbMediaId);
  return undefined;
}

/** The message with WeCom's id in the place of ours. */
export function withMediaId(content: Content, mediaId: string): Content {
  if ('mediaId' in content) return { ...content, mediaId };
  if ('thumbMediaId' in content) return { ...content, thumbMediaId: mediaId };
  return content;
}
