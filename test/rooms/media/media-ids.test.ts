import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mediaIdStore } from '../../../lib/media/media-id-store.ts';
import { mediaIds } from '../../../lib/media/media-ids.ts';
import { hashOf, libraryKey, type OurFile } from '../../../lib/media/our-file.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryObjects } from '../../support/memory-objects.ts';
import { memoryTable } from '../../support/memory-table.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const POSTER = { bytes: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]), contentType: 'image/png' };
const poster: OurFile = { kind: 'image', hash: hashOf(POSTER.bytes), name: 'poster.png' };

/** A WeCom that gives ids, and processes that ask for them, which share a table and a clock. */
async function aWorld() {
  let now = NOON;
  const table = memoryTable(wecomShape('wecom'));
  const objects = memoryObjects();
  await objects.put(libraryKey(poster.hash), POSTER);
  const uploads: { app: string; at: number; mediaId: string }[] = [];
  const troubles: ('dies' | Error)[] = [];
  const store = mediaIdStore(table);
  const process = () =>
    mediaIds({
      store,
      objects,
      clock: () => now,
      random: () => 0,
      pause: async (ms) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
      upload: async (app) => {
        const trouble = troubles.shift();
        if (trouble instanceof Error) throw trouble;
        const mediaId = `id${uploads.length + 1}`;
        uploads.push({ app, at: now, mediaId });
        await new Promise((resolve) => setImmediate(resolve));
        // The process is gone: nothing of it is heard any more, its lease stays.
        if (trouble === 'dies') return new Promise<never>(() => undefined);
        return mediaId;
      },
    });
  return {
    objects,
    store,
    uploads,
    troubles,
    process,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a file of ours', () => {
  test('is uploaded by one process, however many want it at once', async () => {
    const world = await aWorld();
    const ids = await Promise.all(Array.from({ length: 12 }, () => world.process().idOf('main', poster)));
    expect(new Set(ids)).toEqual(new Set(['id1']));
    expect(world.uploads).toHaveLength(1);
  });

  test('is one upload under two names, and one for each app', async () => {
    const world = await aWorld();
    const ids = world.process();
    expect(await ids.idOf('main', poster)).toBe('id1');
    expect(await ids.idOf('main', { ...poster, name: '海报.png' })).toBe('id1');
    expect(await ids.idOf('second', poster)).toBe('id2');
  });

  test('is uploaded again when what WeCom gave is over, and not before', async () => {
    const world = await aWorld();
    await world.process().idOf('main', poster);
    world.pass(3 * DAY - HOUR - 1);
    expect(await world.process().idOf('main', poster)).toBe('id1');
    world.pass(1);
    expect(await world.process().idOf('main', poster)).toBe('id2');
  });

  test('whose id WeCom does not know is uploaded again once by all who were told so', async () => {
    const world = await aWorld();
    await world.process().idOf('main', poster);
    const ids = await Promise.all(Array.from({ length: 5 }, () => world.process().renew('main', poster, 'id1')));
    expect(new Set(ids)).toEqual(new Set(['id2']));
    expect(world.uploads).toHaveLength(2);
  });

  test('that is not in the bucket is refused, as WeCom refuses an id that there is none of', async () => {
    const world = await aWorld();
    await world.objects.delete(libraryKey(poster.hash));
    await expect(world.process().idOf('main', poster)).rejects.toMatchObject({ errcode: 40007 });
  });

  test.each<[string, Error]>([
    ['no answer', new WeComUnreachable({ api: 'media/upload', reason: 'time-out', mayHaveActed: true })],
    ['a busy WeCom', new WeComError({ api: 'media/upload', errcode: -1 })],
  ])('that was not uploaded for %s says that nothing was sent, and the next one tries at once', async (_, trouble) => {
    const world = await aWorld();
    world.troubles.push(trouble);
    await expect(world.process().idOf('main', poster)).rejects.toMatchObject({ mayHaveActed: false });
    expect(await world.process().idOf('main', poster)).toBe('id1');
  });

  test('whose uploading process died is not waited for long, and uploaded by another one later', async () => {
    const world = await aWorld();
    world.troubles.push('dies');
    void world.process().idOf('main', poster);
    const started = world.now();
    await expect(world.process().idOf('main', poster)).rejects.toMatchObject({ mayHaveActed: false });
    expect(world.now() - started).toBeLessThan(6 * SECOND);
    world.pass(MINUTE);
    expect(await world.process().idOf('main', poster)).toBe('id2');
  });
});

describe('before its three days end', () => {
  test('the sweep finds a file after two days, and it is uploaded again once', async () => {
    const world = await aWorld();
    await world.process().idOf('main', poster);
    world.pass(2 * DAY - 1);
    expect(await world.store.due(world.now(), 10)).toEqual([]);
    world.pass(1);
    expect(await world.store.due(world.now(), 10)).toMatchObject([{ app: 'main', file: poster }]);
    await Promise.all([world.process().refresh('main', poster), world.process().refresh('main', poster)]);
    expect(world.uploads).toHaveLength(2);
    expect(await world.store.due(world.now(), 10)).toEqual([]);
    expect(await world.process().idOf('main', poster)).toBe('id2');
  });

  test('an outage leaves the old id in use, and is tried again later', async () => {
    const world = await aWorld();
    await world.process().idOf('main', poster);
    world.pass(2 * DAY);
    world.troubles.push(new WeComUnreachable({ api: 'media/upload', reason: 'connection', mayHaveActed: false }));
    await world.process().refresh('main', poster);
    expect(await world.process().idOf('main', poster)).toBe('id1');
    expect(await world.store.due(world.now(), 10)).toEqual([]);
    expect(await world.store.due(world.now() + 10 * MINUTE, 10)).toHaveLength(1);
  });

  test('what WeCom refuses is not tried again and again', async () => {
    const world = await aWorld();
    await world.process().idOf('main', poster);
    world.pass(2 * DAY);
    world.troubles.push(new WeComError({ api: 'media/upload', errcode: 40004 }));
    await world.process().refresh('main', poster);
    expect(await world.store.due(world.now() + DAY, 10)).toEqual([]);
  });
});

type Step = { do: 'ask' | 'refresh' | 'crash'; times: number } | { do: 'pass'; ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('ask', 'refresh', 'crash'), times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 60 * HOUR }) }),
);

test('each content is uploaded once in its time, and once more for each crash, and what is given is good', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const world = await aWorld();
      const givenTooLate: string[] = [];
      let crashes = 0;
      for (const one of steps) {
        if (one.do === 'pass') world.pass(one.ms);
        else if (one.do === 'crash') {
          const before = world.uploads.length;
          world.troubles.push('dies');
          void world
            .process()
            .idOf('main', poster)
            .catch(() => undefined);
          for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
          // Where an id was at hand nobody uploaded, so nobody died.
          if (world.uploads.length > before) crashes += 1;
          else world.troubles.pop();
        } else if (one.do === 'refresh') {
          await Promise.all(Array.from({ length: one.times }, () => world.process().refresh('main', poster)));
        } else {
          const asked = Array.from({ length: one.times }, () => world.process().idOf('main', poster));
          for (const answer of await Promise.allSettled(asked)) {
            if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ mayHaveActed: false });
            else {
              const uploaded = world.uploads.find(({ mediaId }) => mediaId === answer.value);
              if (!uploaded || world.now() >= uploaded.at + 3 * DAY) givenTooLate.push(answer.value);
            }
          }
        }
      }
      expect(givenTooLate).toEqual([]);
      // Between two uploads lie two days, unless a process died with one of them.
      const early = world.uploads.filter(({ at }, index) => {
        const before = world.uploads[index - 1];
        return before && at - before.at < 2 * DAY;
      });
      expect(early.length).toBeLessThanOrEqual(crashes);
    }),
    { numRuns: 200 },
  );
});
