import { createHash } from 'node:crypto';

/** A customer is given by his id (WeCom: external_userid), or by a conversation of his; both mean the whole person. Undefined: neither. */
export function customerOf(text: string): string | undefined {
  const customerId = text.slice(text.lastIndexOf(':') + 1).trim();
  return /^[\w-]{1,128}$/.test(customerId) ? customerId : undefined;
}

/** Whether anything in this value names the customer, by his id alone or inside of another id. Cores' sets are looked into as well. */
export function names(value: unknown, customerId: string): boolean {
  if (typeof value === 'string') return namesIn(value, customerId);
  if (value instanceof Set) return [...value].some((one) => names(one, customerId));
  if (Array.isArray(value)) return value.some((one) => names(one, customerId));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, one]) => namesIn(name, customerId) || names(one, customerId));
}

const PART_OF_ID = /[\w-]/;

function namesIn(text: string, customerId: string): boolean {
  for (let at = text.indexOf(customerId); at !== -1; at = text.indexOf(customerId, at + 1)) {
    const [before = '', after = ''] = [text[at - 1], text[at + customerId.length]];
    if (!PART_OF_ID.test(before) && !PART_OF_ID.test(after)) return true;
  }
  return false;
}

/** The folder of a conversation's files in the bucket, as `inboundKey` writes it. */
export const folderOf = (conversationId: string): string =>
  `${['inbound', ...conversationId.split(':').map(safe)].join('/')}/`;

const safe = (id: string): string => (/^[\w-]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex'));
