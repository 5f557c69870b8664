import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';

/** The two bodies of kf/sync_msg that need more than passing on. https://developer.work.weixin.qq.com/document/path/94670 */

/** A product of a WeChat Channels shop that the customer asks about. */
export interface ShopProduct {
  readonly productId?: string | undefined;
  readonly title?: string | undefined;
  readonly imageUrl?: string | undefined;
  /** In fen. */
  readonly price?: number | undefined;
  readonly shopName?: string | undefined;
  readonly shopImageUrl?: string | undefined;
}

/** One message of a forwarded chat. */
export interface MergedMessage {
  readonly type: string;
  readonly sentAt?: Instant | undefined;
  readonly senderName?: string | undefined;
  /** The body of that type as it came; undefined where it could not be read. */
  readonly content: unknown;
  readonly text?: string | undefined;
}

const text = z.string().min(1).optional().catch(undefined);
const digits = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const number = digits.optional().catch(undefined);

// WeCom's own texts disagree about `…_img` and `…_image`, and about whether the price is a number or a string.
const Product = z.object({
  product_id: text,
  title: text,
  head_img: text,
  head_image: text,
  sales_price: number,
  shop_nickname: text,
  shop_head_img: text,
  shop_head_image: text,
});

export function shopProduct(body: unknown): ShopProduct | undefined {
  const product = Product.safeParse(body).data;
  if (!product) return undefined;
  return {
    productId: product.product_id,
    title: product.title,
    imageUrl: product.head_img ?? product.head_image,
    price: product.sales_price,
    shopName: product.shop_nickname,
    shopImageUrl: product.shop_head_img ?? product.shop_head_image,
  };
}

const Merged = z.object({
  item: z.array(
    z.object({ send_time: number, msgtype: z.string().catch('unknown'), sender_name: text, msg_content: z.unknown() }),
  ),
});
const Inner = z.looseObject({ msgtype: text });
const Text = z.object({ content: z.string() });

/** `msg_content` is JSON inside a JSON string, and may be unreadable: then the message is listed without its body. */
export function mergedMessages(body: unknown): MergedMessage[] {
  const merged = Merged.safeParse(body).data;
  return (merged?.item ?? []).map((item) => {
    const inner = Inner.safeParse(parseAgain(item.msg_content)).data;
    const type = inner?.msgtype ?? item.msgtype;
    const content = inner?.[type];
    return {
      type,
      sentAt: item.send_time === undefined ? undefined : item.send_time * SECOND,
      senderName: item.sender_name,
      content,
      text: type === 'text' ? Text.safeParse(content).data?.content : undefined,
    };
  });
}

function parseAgain(content: unknown): unknown {
  if (typeof content !== 'string') return content;
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
