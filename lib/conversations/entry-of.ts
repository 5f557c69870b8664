import { cutText } from '../wecom/outgoing-messages.ts';
import type { PulledItem } from '../wecom/sync-messages.ts';
import type { PulledEntry } from './entries.ts';

/** DynamoDB takes no item above 400 KB, and one that it refuses would stop the pull of the whole account. */
const LARGEST_CONTENT_BYTES = 300 * 1024;
/** What rules look at; the whole is in the content. */
const LARGEST_TEXT_BYTES = 8 * 1024;

/** A pulled item as an inbox entry. What people wrote is kept as WeCom sent it; the rest in our words. */
export function entryOf({ item, app, old }: PulledItem): PulledEntry {
  const base = { id: item.id, app, sentAt: item.sentAt, ...(old && { old: true as const }) };
  switch (item.kind) {
    case 'message':
      return {
        ...base,
        kind: 'message',
        type: item.type,
        content: keepable(item.content),
        ...(item.text !== undefined && { text: cutText(item.text, LARGEST_TEXT_BYTES) }),
        ...(item.menuId !== undefined && { menuId: item.menuId }),
      };
    case 'answer':
      return { ...base, kind: 'answer', agentId: item.agentId, type: item.type, content: keepable(item.content) };
    case 'entered':
      return {
        ...base,
        kind: 'entered',
        content: keepable(item.raw),
        ...(item.scene !== undefined && { scene: item.scene }),
        ...(item.sceneParam !== undefined && { channel: item.sceneParam }),
        ...(item.welcomeCode !== undefined && { welcomeCode: item.welcomeCode }),
      };
    case 'send-failed':
      return { ...base, kind: 'send-failed', failedId: item.failedId, failType: item.failType };
    case 'session-changed':
      return {
        ...base,
        kind: 'session-changed',
        change: item.change,
        ...(item.oldAgentId !== undefined && { oldAgentId: item.oldAgentId }),
        ...(item.newAgentId !== undefined && { newAgentId: item.newAgentId }),
        ...(item.code !== undefined && { code: item.code }),
      };
    case 'recalled':
      return { ...base, kind: 'recalled', by: item.by, messageId: item.messageId };
    case 'reject-switch':
      return { ...base, kind: 'noted', event: item.kind, content: keepable(item.raw) };
    case 'unknown-event':
      return { ...base, kind: 'noted', event: item.eventType, content: keepable(item.raw) };
  }
}

/**
 * What the table takes of a body. A forwarded chat record can be of any size: beyond the limit the history says so, and keeps
 * nothing of it. Numbers that would lose digits, or that the table refuses, are kept as text, and so is what is nested too deep.
 */
function keepable(content: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(content) ?? '');
  return bytes > LARGEST_CONTENT_BYTES ? { tooLarge: bytes } : storable(content, 0);
}

/** DynamoDB nests 32 levels at most, and the item itself takes some of them. */
const DEEPEST = 16;

function storable(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) || isModest(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return JSON.stringify(value);
  if (Array.isArray(value)) return value.map((one) => storable(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, storable(one, depth + 1)]));
}

const isModest = (value: number): boolean =>
  !Number.isInteger(value) && Math.abs(value) < 1e15 && Math.abs(value) > 1e-15;
