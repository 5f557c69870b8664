import type { PulledItem } from '../wecom/sync-messages.ts';
import type { PulledEntry } from './entries.ts';

/** A pulled item as an inbox entry. What people wrote is kept as WeCom sent it; the rest in our words. */
export function entryOf({ item, app, old }: PulledItem): PulledEntry {
  const base = { id: item.id, app, sentAt: item.sentAt, ...(old && { old: true as const }) };
  switch (item.kind) {
    case 'message':
      return {
        ...base,
        kind: 'message',
        type: item.type,
        content: item.content,
        ...(item.text !== undefined && { text: item.text }),
        ...(item.menuId !== undefined && { menuId: item.menuId }),
      };
    case 'answer':
      return { ...base, kind: 'answer', agentId: item.agentId, type: item.type, content: item.content };
    case 'entered':
      return {
        ...base,
        kind: 'entered',
        content: item.raw,
        ...(item.scene !== undefined && { scene: item.scene }),
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
      return { ...base, kind: 'noted', event: item.kind, content: item.raw };
    case 'unknown-event':
      return { ...base, kind: 'noted', event: item.eventType, content: item.raw };
  }
}
