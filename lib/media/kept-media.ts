import * as z from 'zod';

/** What became of the file of a message. */
export const KeptMedia = z.discriminatedUnion('is', [
  z.object({ is: z.literal('kept'), bytes: z.number(), contentType: z.string(), name: z.string().optional() }),
  /** WeCom has it no more, and nobody fetched it in time. */
  z.object({ is: z.literal('expired') }),
  z.object({ is: z.literal('too-large') }),
  z.object({ is: z.literal('refused'), errcode: z.number() }),
]);
export type KeptMedia = z.infer<typeof KeptMedia>;

/** What the history's item says of its file; undefined where that is open, and where there is none. */
export const keptMediaIn = (item: Readonly<Record<string, unknown>>): KeptMedia | undefined =>
  KeptMedia.safeParse(item.media).data;
