import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type ConciergeEvent,
  isEvent,
  judge,
  type Known,
  type KnownStore,
  keyOf,
  NotOurEvent,
  noted,
  parseEvent,
  TakenMeanwhile,
  takeNews,
} from '../../events/index.ts';

const envelope = {
  specversion: '1.0',
  id: 'e1',
  source: 'wecom-concierge/dev',
  type: 'conversation.assigned.v1',
  subject: 'wk1:wm1',
  time: '2026-11-21T08:00:00.000Z',
  sequence: 3,
  datacontenttype: 'application/json',
};
const assigned = { ...envelope, data: { agentId: 'zhangsan', by: 'concierge' } };

describe('reading events', () => {
  test('whole, as EventBridge delivers them, or only their detail', () => {
    expect(parseEvent({ version: '0', 'detail-type': assigned.type, detail: assigned })).toEqual(assigned);
    expect(parseEvent(assigned)).toEqual(assigned);
  });

  test('fields of a newer version disturb nobody', () => {
    const newer = { ...assigned, comment: 'new', data: { ...assigned.data, mood: 'new' } };
    expect(parseEvent(newer)).toEqual(assigned);
  });

  test('an event of a newer version is undefined, not an error', () => {
    expect(parseEvent({ ...assigned, type: 'conversation.dreamt.v1' })).toBeUndefined();
  });

  test('what breaks the contract says where, and not what stood there', () => {
    const broken = { ...assigned, data: { agentId: { name: 'Zhang San' }, by: 'concierge' } };
    expect(() => parseEvent(broken)).toThrow(new NotOurEvent('conversation.assigned.v1 data.agentId'));
    expect(() => parseEvent({ detail: { hello: 1 } })).toThrow(NotOurEvent);
    expect(() => parseEvent(undefined)).toThrow(NotOurEvent);
  });

  test('the type tells the data', () => {
    const event: ConciergeEvent | undefined = parseEvent(assigned);
    const agent: string | undefined = isEvent(event, 'conversation.assigned.v1') ? event.data.agentId : undefined;
    expect(agent).toBe('zhangsan');
    expect(isEvent(event, 'session.ended.v1')).toBe(false);
  });
});

interface Small {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly sequence: number;
}
const event = (sequence: number, id = `e${sequence}`): Small => ({ id, source: 's', subject: 'a', sequence });

/** Keeps what is known; `meanwhile` happens just before a save. */
function memoryStore(meanwhile: () => void = () => undefined): KnownStore & { readonly all: Map<string, Known> } {
  const all = new Map<string, Known>();
  return {
    all,
    read: async (key) => all.get(key),
    async save(key, known, before) {
      meanwhile();
      if (all.get(key) !== before) return false;
      all.set(key, known);
      return true;
    },
  };
}

describe('telling news from the rest', () => {
  test('newer is news, the same is a repeat, overtaken is older', () => {
    const known = noted(noted(undefined, event(3)), event(5));
    expect([event(6), event(5), event(3), event(4)].map((one) => judge(known, one))).toEqual([
      'news',
      'repeat',
      'repeat',
      'older',
    ]);
    expect(judge(undefined, event(1))).toBe('news');
  });

  test('a repeat from so long ago that its id is forgotten is older, and never news', () => {
    const known = [1, 2, 3, 4].reduce<Known | undefined>((all, n) => noted(all, event(n), 2), undefined);
    expect(known).toEqual({ sequence: 4, ids: ['e3', 'e4'] });
    expect(judge(known, event(1))).toBe('older');
    // Who keeps no ids keeps none, and not all.
    expect(noted(known, event(5), 0)).toEqual({ sequence: 5, ids: [] });
  });

  test('the work is done for news alone, and noted after it', async () => {
    const store = memoryStore();
    const done: number[] = [];
    const take = (one: Small) => takeNews(store, one, async ({ sequence }) => void done.push(sequence));
    expect([await take(event(1)), await take(event(3)), await take(event(3)), await take(event(2))]).toEqual([
      'news',
      'news',
      'repeat',
      'older',
    ]);
    expect(done).toEqual([1, 3]);
  });

  test('work that failed is done again', async () => {
    const store = memoryStore();
    const fails = takeNews(store, event(1), () => Promise.reject(new Error('no')));
    await expect(fails).rejects.toThrow('no');
    expect(await takeNews(store, event(1), async () => undefined)).toBe('news');
  });

  test('of two at once, one comes again', async () => {
    let others = 1;
    const store = memoryStore(() => {
      if (others-- > 0) store.all.set(keyOf(event(1)), noted(undefined, event(9)));
    });
    await expect(takeNews(store, event(1), async () => undefined)).rejects.toThrow(TakenMeanwhile);
    expect(await takeNews(store, event(1), async () => undefined)).toBe('older');
  });

  test('stages and subjects do not get in each other’s way', () => {
    expect(keyOf({ source: 'wecom-concierge/dev', subject: 'x' })).not.toBe(
      keyOf({ source: 'wecom-concierge/prod', subject: 'x' }),
    );
  });

  test('however events repeat and overtake each other, each is worked on once at most, in rising order, and the last one is', async () => {
    const deliveries = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(deliveries, async (sequences) => {
        const store = memoryStore();
        const done: number[] = [];
        for (const one of sequences)
          await takeNews(store, event(one), async ({ sequence }) => void done.push(sequence));
        expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
        expect(done.at(-1)).toBe(Math.max(...sequences));
      }),
    );
  });
});
