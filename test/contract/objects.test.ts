import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Objects } from '../../lib/store/objects.ts';
import { s3Objects } from '../../lib/store/s3-objects.ts';
import { createBucket } from '../../local/aws-call.ts';
import { createClock } from '../../local/clock.ts';
import { type Emulators, startEmulators } from '../../local/emulators.ts';
import { memoryObjects } from '../support/memory-objects.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators({ clock: createClock(), parameters: {} });
  await createBucket(emulators.url, 'media');
  await createBucket(emulators.url, 'media');
});
afterAll(() => emulators.stop());

const access = (endpoint: string) => ({
  accessKeyId: 'test',
  secretAccessKey: 'test',
  sessionToken: undefined,
  region: 'us-east-1',
  endpointOf: () => endpoint,
});

const PICTURE = { bytes: Uint8Array.from([0, 255, 13, 10, 128, 7]), contentType: 'image/png' };

describe.each<[string, () => Objects]>([
  ['a bucket of S3', () => s3Objects(access(emulators.url), 'media')],
  ['a bucket in memory', memoryObjects],
])('%s', (_, open) => {
  test('gives back what was put, byte by byte', async () => {
    const objects = open();
    await objects.put('inbound/wk1/客户 1/m+1', PICTURE);
    expect(await objects.get('inbound/wk1/客户 1/m+1')).toEqual(PICTURE);
    expect(await objects.has('inbound/wk1/客户 1/m+1')).toBe(true);
  });

  test('replaces what has the same name', async () => {
    const objects = open();
    await objects.put('a', PICTURE);
    await objects.put('a', { ...PICTURE, bytes: Uint8Array.from([1]) });
    expect((await objects.get('a'))?.bytes).toEqual(Uint8Array.from([1]));
  });

  test('says that there is nothing, and removes nothing twice without complaint', async () => {
    const objects = open();
    await objects.put('b', PICTURE);
    await objects.delete('b');
    await objects.delete('b');
    expect(await objects.get('b')).toBeUndefined();
    expect(await objects.has('b')).toBe(false);
  });
});

test('a link is signed for one object and its time, and downloads it as a file', async () => {
  const objects = s3Objects(access(emulators.url), 'media');
  await objects.put('c', PICTURE);
  const link = await objects.linkTo('c', { seconds: 300, fileName: '发票 1.png', now: Date.UTC(2026, 0, 2) });
  expect(link).toContain('X-Amz-Expires=300');
  expect(link).toContain('X-Amz-Date=20260102T000000Z');
  expect(decodeURIComponent(link)).toContain("attachment;filename*=UTF-8''");
  expect(new Uint8Array(await (await fetch(link)).arrayBuffer())).toEqual(PICTURE.bytes);
});

test('a bucket that is not reached is our own trouble, and its error names no object', async () => {
  const objects = s3Objects(access('http://127.0.0.1:9'), 'media');
  const failure = await objects.get('inbound/wk1/wmCUSTOMER/m1').catch((error: unknown) => String(error));
  expect(failure).toBe('ObjectStoreFailed: s3:GetObject: no answer');
});

test('in China a bucket has the domain of China', async () => {
  const { endpointOf: _, ...aws } = access('');
  const link = await s3Objects({ ...aws, region: 'cn-north-1' }, 'media').linkTo('c', {
    seconds: 60,
    fileName: 'c',
    now: 0,
  });
  expect(new URL(link).host).toBe('media.s3.cn-north-1.amazonaws.com.cn');
});
