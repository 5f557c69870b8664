import * as z from 'zod';
import { MediaReply } from './media-reply.ts';

/** What a rule may say. WeCom's limits on it are checked when the configuration is applied, not when it is too late. */
const MenuItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('click'), id: z.string(), content: z.string() }),
  z.object({ type: z.literal('view'), url: z.string(), content: z.string() }),
  z.object({ type: z.literal('miniprogram'), appId: z.string(), pagePath: z.string(), content: z.string() }),
  z.object({ type: z.literal('text'), content: z.string() }),
]);

const Text = z.strictObject({ text: z.string().min(1) });
const Menu = z.strictObject({
  menu: z.strictObject({ head: z.string().optional(), items: z.array(MenuItem).min(1), tail: z.string().optional() }),
});
/** A colleague's card, which the customer can add as a contact. */
const Card = z.strictObject({ card: z.string().trim().toLowerCase().min(1) });
/** A customer acquisition link (获客链接). */
const AcquisitionLink = z.strictObject({ acquisitionLink: z.string().min(1) });
const Location = z.strictObject({
  location: z.strictObject({
    name: z.string().optional(),
    address: z.string().optional(),
    latitude: z.number(),
    longitude: z.number(),
  }),
});
/** One of the library's quick replies, in the customer's language. */
const Quick = z.strictObject({ quick: z.string().min(1) });

/** A message that can be said as it is written, once a file's id is the file. */
export type Said = z.infer<
  typeof Text | typeof Menu | typeof Card | typeof AcquisitionLink | typeof Location | typeof MediaReply
>;

/** A text or a menu: what needs nothing looked up, and goes everywhere. */
export const PlainReply = z.union([Text, Menu]);
export type PlainReply = z.infer<typeof PlainReply>;
/** WeCom takes nothing else as a greeting. */
export const Greeting = PlainReply;

export const Reply = z.union([Text, Menu, Card, AcquisitionLink, Location, Quick, MediaReply]);
export type Reply = z.infer<typeof Reply>;

/** A text that rules share. Where the customer's language is missing, the other one stands in. */
export const QuickReply = z.strictObject({
  id: z.string().min(1),
  zh: z.string().min(1).optional(),
  en: z.string().min(1).optional(),
});

/** A quick reply as the library has it: its folder is for the people who look for it. */
export const LibraryReply = QuickReply.extend({ folder: z.string().default('') });
export type LibraryReply = z.infer<typeof LibraryReply>;
