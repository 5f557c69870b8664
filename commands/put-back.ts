import type { Clock } from '../lib/platform/clock.ts';
import { DAY, MINUTE } from '../lib/platform/clock.ts';
import type { DeadLetter, PutBack } from '../lib/platform/dead-letters.ts';
import type { ConversationWake, TeamWake, WayWake } from '../lib/platform/wakes.ts';
import type { Words } from '../lib/setup/finding.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import type { Table } from '../lib/store/table.ts';
import { contactWaysShape, conversationsShape, routingShape } from '../lib/store/tables.ts';

/** The tables in which owners have their inboxes. */
export interface InboxTables {
  readonly conversations: Table;
  readonly routing: Table;
  readonly ways: Table;
}

/** The tables of a stage. `close` ends the connections. */
export function openInboxTables(stage: string): { tables: InboxTables; close: () => void } {
  const client = dynamoClient();
  const prefix = `wecom-concierge-${stage}`;
  return {
    tables: {
      conversations: dynamoTable(client, conversationsShape(`${prefix}-conversations`)),
      routing: dynamoTable(client, routingShape(`${prefix}-routing`)),
      ways: dynamoTable(client, contactWaysShape(`${prefix}-contact-ways`)),
    },
    close: () => client.destroy(),
  };
}

/**
 * Puts entries that were set aside back into their owner's inbox, where they stood. `told` hears why one is left: an effect, of which nothing
 * is kept, an item that was never an entry, or an entry that is gone.
 */
export function putBackInto(
  tables: InboxTables,
  clock: Clock,
  told: (letter: DeadLetter, why: Words) => void,
): PutBack {
  return async (letter) => {
    const owned = ownerOf(letter, tables);
    if ('zh' in owned) {
      told(letter, owned);
      return 'left';
    }
    const { table, owner, entry, wake, group } = owned;
    // How long handled entries are kept, the functions say when they handle it again.
    const box = inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY });
    switch (await box.putBack(owner, entry, clock())) {
      case 'unread':
        return { group, wake };
      case 'handled':
        return 'nothing';
      case 'gone':
        told(letter, GONE);
        return 'left';
    }
  };
}

interface Owned {
  readonly table: Table;
  readonly owner: string;
  readonly entry: string;
  readonly group: string;
  readonly wake: ConversationWake | TeamWake | WayWake;
}

function ownerOf({ ids }: DeadLetter, { conversations, routing, ways }: InboxTables): Owned | Words {
  const { conversationId, teamId, wayId, entry } = ids;
  if (typeof entry !== 'string') return NO_ENTRY;
  if (entry.startsWith('effect#')) return EFFECT;
  if (typeof conversationId === 'string') {
    const wake = { v: 1, conversationId } as const;
    return { table: conversations, owner: conversationId, entry, group: conversationId, wake };
  }
  if (typeof teamId === 'string') {
    return { table: routing, owner: `team#${teamId}`, entry, group: teamId, wake: { v: 1, teamId } };
  }
  if (typeof wayId === 'string') return { table: ways, owner: wayId, entry, group: wayId, wake: { v: 1, wayId } };
  return NO_ENTRY;
}

const GONE: Words = { zh: '条目已不存在（已过期或已删除）', en: 'the entry is not there any more (expired or erased)' };
const EFFECT: Words = {
  zh: '这是未能执行的效果，其内容没有保留：请同事查看该会话',
  en: 'it is an effect, of which nothing is kept: let a colleague look at the conversation',
};
const NO_ENTRY: Words = {
  zh: '企业微信的这一项从未进入收件箱',
  en: 'it is an item of WeCom’s that never came into an inbox',
};
