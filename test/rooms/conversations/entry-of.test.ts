import { describe, expect, test } from '@jest/globals';
import { Entry } from '../../../lib/conversations/entries.ts';
import { entryOf } from '../../../lib/conversations/entry-of.ts';
import { dynamoTable } from '../../../lib/store/dynamo-table.ts';
import { conversationsShape } from '../../../lib/store/tables.ts';
import { parseItem } from '../../../lib/wecom/kf-messages.ts';
import { startDynalite } from '../../support/dynalite.ts';

/** What lies in the table of a customer's message with this body, and is read again. */
function entry(item: object) {
  const parsed = parseItem(
    { msgid: 'm1', open_kfid: 'wk', external_userid: 'wm', send_time: 1, origin: 3, ...item },
    'wk',
    0,
  );
  if (parsed.kind === 'unreadable' || parsed.kind === 'agent-status') throw new Error(parsed.kind);
  return entryOf({ item: parsed, cursorVersion: 0, index: 0, app: 'main', old: false });
}

describe('a pulled item as an entry', () => {
  test('a message without a body, as a note is, is an entry like any other', () => {
    // What the table drops: values that are undefined.
    const stored = JSON.parse(JSON.stringify(entry({ msgtype: 'note' })));
    expect(Entry.parse(stored)).toMatchObject({ kind: 'message', type: 'note' });
  });

  test('numbers that would lose digits, endless ones and deep nesting are kept as text', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 60; level++) deep = { deep };
    const odd = JSON.parse('{"order":3719999999999999999,"much":1e999,"price":12.5,"count":3}');
    const { content } = Entry.parse(entry({ msgtype: 'odd', odd: { ...odd, deep } })) as { content: unknown };
    expect(content).toMatchObject({ order: '3720000000000000000', much: 'Infinity', price: 12.5, count: 3 });
    expect(JSON.stringify(content)).toContain('bottom');
  });

  test('and the table takes it', async () => {
    const dynalite = await startDynalite([conversationsShape('conversations')]);
    try {
      const table = dynamoTable(dynalite.client, conversationsShape('conversations'));
      const body = entry({
        msgtype: 'odd',
        odd: JSON.parse('{"order":3719999999999999999,"much":-1e999,"tiny":1e-300}'),
      });
      expect(await table.put({ conversationId: 'wk:wm', entry: 'msg#m1', body })).toBe(true);
    } finally {
      await dynalite.stop();
    }
  });
});
