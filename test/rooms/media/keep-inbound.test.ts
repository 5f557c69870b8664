import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conversationStore } from '../../../lib/conversations/conversation-store.ts';
import { messageMediaStore } from '../../../lib/conversations/message-media-store.ts';
import { type InboundWanted, keepInbound } from '../../../lib/media/keep-inbound.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { inbox } from '../../../lib/store/inbox.ts';
import { conversationsShape } from '../../../lib/store/tables.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { FileTooLarge } from '../../../lib/wecom/file-exchange.ts';
import { memoryObjects } from '../../support/memory-objects.ts';
import { memoryTable } from '../../support/memory-table.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const ID = 'wkDESK:wmCUSTOMER';
const KEY = 'inbound/wkDESK/wmCUSTOMER/m1';
const PICTURE = { bytes: Uint8Array.from([1, 2, 3]), contentType: 'image/jpeg', name: 'a.jpg' };

/** A history with one picture, and a WeCom that has it. */
async function aHistory() {
  let now = NOON;
  const table = memoryTable(conversationsShape('conversations'));
  const entries = inbox(table, { attentionAfterMs: MINUTE, keepMs: 30 * DAY });
  const store = conversationStore(table, entries, 30 * DAY);
  const objects = memoryObjects();
  const again: { wanted: InboundWanted; seconds: number }[] = [];
  const troubles: Error[] = [];
  const messages = messageMediaStore(table);
  let duringDownload = async (): Promise<void> => undefined;
  await entries.put({
    owner: ID,
    entry: 'msg#m1',
    order: '1',
    at: NOON,
    body: { kind: 'message', id: 'm1', app: 'main', sentAt: NOON, type: 'image', content: { media_id: 'MEDIA' } },
  });
  const keep = keepInbound({
    clock: () => now,
    random: () => 0,
    objects,
    messages,
    download: async () => {
      const trouble = troubles.shift();
      if (trouble) throw trouble;
      await duringDownload();
      return PICTURE;
    },
    again: async (wanted, seconds) => void again.push({ wanted, seconds }),
  });
  return {
    objects,
    again,
    troubles,
    store,
    keep: (tries = 0) => keep({ conversationId: ID, messageId: 'm1', tries }),
    kept: async () => (await messages.read(ID, 'm1', now))?.kept,
    recall: () => store.forgetText(ID, 'm1'),
    settle: () => entries.settle(ID, ['msg#m1'], now),
    meanwhile: (happens: () => Promise<void>) => {
      duringDownload = happens;
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const asleep = () => new WeComUnreachable({ api: 'media/get', reason: 'time-out', mayHaveActed: true });

describe('the file of a message', () => {
  test('is copied under the ids of its conversation and message, and the history says so', async () => {
    const history = await aHistory();
    await history.keep();
    expect(await history.objects.get(KEY)).toEqual({ bytes: PICTURE.bytes, contentType: 'image/jpeg' });
    expect(await history.kept()).toEqual({ is: 'kept', bytes: 3, contentType: 'image/jpeg', name: 'a.jpg' });
  });

  test('is copied once, however often that is asked for', async () => {
    const history = await aHistory();
    await history.keep();
    history.troubles.push(asleep());
    await history.keep();
    expect(history.again).toEqual([]);
    expect(history.troubles).toHaveLength(1);
  });

  test('is asked for again while WeCom sleeps, less and less often, until its three days are over', async () => {
    const history = await aHistory();
    history.troubles.push(asleep(), asleep());
    await history.keep();
    await history.keep(20);
    expect(history.again.map(({ wanted }) => wanted.tries)).toEqual([1, 21]);
    const [first = 0, later = 0] = history.again.map(({ seconds }) => seconds);
    expect(first).toBeLessThan(10);
    expect(later).toBe(900);
    history.pass(3 * DAY);
    await history.keep(22);
    expect(await history.kept()).toEqual({ is: 'expired' });
  });

  test.each<[string, Error, object]>([
    ['WeCom has no more', new WeComError({ api: 'media/get', errcode: 40007 }), { is: 'expired' }],
    ['WeCom refuses', new WeComError({ api: 'media/get', errcode: 40009 }), { is: 'refused', errcode: 40009 }],
    ['is too large', new FileTooLarge(1), { is: 'too-large' }],
  ])('that %s is recorded as that, and leaves nothing behind', async (_, trouble, kept) => {
    const history = await aHistory();
    history.troubles.push(trouble);
    await history.keep();
    expect(await history.kept()).toEqual(kept);
    expect(history.objects.keys()).toEqual([]);
    expect(history.again).toEqual([]);
  });

  test('that was taken back before it was copied is not', async () => {
    const history = await aHistory();
    await history.recall();
    await history.keep();
    expect(history.objects.keys()).toEqual([]);
  });

  test('that is taken back while it is copied does not stay', async () => {
    const history = await aHistory();
    history.meanwhile(history.recall);
    await history.keep();
    expect(history.objects.keys()).toEqual([]);
  });

  test('that is taken back afterwards is removed, and so is what the history said of it', async () => {
    const history = await aHistory();
    await history.keep();
    await history.recall();
    await history.keep();
    expect(history.objects.keys()).toEqual([]);
    expect((await history.store.history(ID)).items).toMatchObject([{ entry: 'msg#m1', recalled: true }]);
    expect((await history.store.history(ID)).items[0]).not.toHaveProperty('media');
  });

  test('goes with its message when the history’s time is over, before the table has removed it', async () => {
    const history = await aHistory();
    await history.keep();
    await history.settle();
    history.pass(30 * DAY);
    await history.keep();
    expect(history.objects.keys()).toEqual([]);
  });
});

test('whatever happens in between, the bucket holds the file if and only if the history has it', async () => {
  const step = fc.constantFrom('keep', 'recall', 'sleep', 'recall while copied', 'pass');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const history = await aHistory();
      for (const one of steps) {
        history.meanwhile(async () => (one === 'recall while copied' ? history.recall() : undefined));
        if (one === 'sleep') history.troubles.push(asleep());
        if (one === 'recall') await history.recall();
        if (one === 'pass') history.pass(20 * HOUR);
        if (one === 'keep' || one === 'recall while copied' || one === 'recall' || one === 'sleep')
          await history.keep();
      }
      const has = (await history.kept())?.is === 'kept';
      expect(history.objects.keys()).toEqual(has ? [KEY] : []);
    }),
    { numRuns: 200 },
  );
});
