import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { DAY, HOUR } from '../../lib/platform/clock.ts';
import { s3Objects } from '../../lib/store/s3-objects.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { runConfig } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

const PICTURE = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])], 400);
const CONFIGURATION = `
media:
  - { id: poster, file: poster.png }
replies:
  - accounts: ['*']
    rules:
      - { id: map, exact: [map], reply: { image: poster } }
      - { id: shop, exact: [shop], reply: { link: { title: 商城 / Shop, url: 'https://example.com/shop', thumb: poster } } }
      - { id: order, exact: [order], reply: { miniProgram: { appId: wx0123456789abcdef, pagePath: pages/order.html, title: 订单, thumb: poster } } }
      - { id: hello, exact: [hello], reply: { text: Hello } }
      - { id: picture, types: [image], reply: { text: Got it } }
`;

let yard: Yard;
let folder: string;
beforeAll(async () => {
  yard = await openYard();
  folder = await mkdtemp(join(tmpdir(), 'media-'));
  await writeFile(join(folder, 'poster.png'), PICTURE);
  await writeFile(join(folder, 'business.yml'), CONFIGURATION);
  await config('apply', join(folder, 'business.yml'), '--yes');
});
afterAll(async () => {
  await yard.close();
  await rm(folder, { recursive: true });
});

/** As an operator does it, the file's content included. */
async function config(...args: string[]): Promise<void> {
  const { code, err } = await runConfig(yard.stack, ...args);
  if (code !== 0) throw new Error(err);
}

async function write(customer: string, words: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, words);
  await yard.quiet();
}

const lastShown = (customer: string) => yard.wecom.phone(customer).received(ACCOUNT).at(-1);
const uploads = () => yard.wecom.requests.filter(({ path, errcode }) => path.endsWith('media/upload') && errcode === 0);

async function admin(path: string) {
  const response = await fetchHeld(`${yard.stack.url}/admin/v1/conversations/${ACCOUNT}:${path}`);
  return { status: response.status, body: await response.json() };
}
const History = z.object({
  entries: z.array(z.object({ type: z.string().optional(), media: z.object({ is: z.string() }).optional() })),
});
const Link = z.object({ url: z.url(), contentType: z.string(), bytes: z.number() });

function bucket() {
  const { endpoint, region, credentials } = yard.stack.aws;
  const access = { ...credentials, region, sessionToken: undefined, endpointOf: () => endpoint };
  return s3Objects(access, yard.stack.names.bucket('MediaBucket'));
}
/** What lies in the bucket under this name. */
const inBucket = (key: string) => bucket().get(key);

describe('our files', () => {
  test('a rule answers with a picture, a link and a mini program, for one upload', async () => {
    await write('wmPictures', 'map');
    expect(lastShown('wmPictures')).toMatchObject({ msgtype: 'image' });
    await write('wmPictures', 'shop');
    expect(lastShown('wmPictures')).toMatchObject({ msgtype: 'link', body: { title: '商城 / Shop' } });
    await write('wmPictures', 'order');
    expect(lastShown('wmPictures')).toMatchObject({ msgtype: 'miniprogram', body: { pagepath: 'pages/order.html' } });
    expect(uploads()).toHaveLength(1);
  });

  test('an id that WeCom does not know any more is repaired, and the customer gets one picture', async () => {
    await write('wmRepaired', 'hello');
    yard.wecom.faults.answer('kf/send_msg', 40007, { times: 1 });
    const before = uploads().length;
    await write('wmRepaired', 'map');
    expect(yard.shown('wmRepaired')).toEqual(['Hello', '[image]']);
    expect(uploads()).toHaveLength(before + 1);
  });

  test('what WeCom refuses twice is a failed reply, and the next question is answered', async () => {
    yard.wecom.faults.answer('kf/send_msg', 40007, { times: 2 });
    await write('wmRefused', 'map');
    await write('wmRefused', 'hello');
    expect(yard.shown('wmRefused')).toEqual(['Hello']);
    const failed = yard.stack.events.filter((event) => event['detail-type'] === 'reply.failed.v1');
    expect(failed.map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ reason: 'refused', errcode: 40007 }) }),
    );
  });

  test('an upload that does not work holds up nobody else, and the picture comes later', async () => {
    yard.travel(3 * DAY);
    const fault = yard.wecom.faults.busy('media/upload', { times: 1000 });
    await yard.wecom.phone('wmLater').write(ACCOUNT, 'map');
    await write('wmOther', 'hello');
    expect(yard.shown('wmOther')).toEqual(['Hello']);
    expect(yard.shown('wmLater')).toEqual([]);
    fault.clear();
    await yard.pass(HOUR);
    await yard.until('the picture came', () => yard.shown('wmLater').length === 1);
    expect(yard.shown('wmLater')).toEqual(['[image]']);
  });

  test('what is in the library is uploaded again before its three days end, and not when a customer waits for it', async () => {
    await write('wmFresh', 'map');
    const before = uploads().length;
    await yard.pass(2 * DAY);
    await yard.until('it was uploaded again', () => uploads().length === before + 1);
    await yard.quiet();
    await yard.pass(DAY + HOUR);
    await write('wmFresh', 'map');
    expect(yard.shown('wmFresh')).toEqual(['[image]', '[image]']);
    expect(uploads()).toHaveLength(before + 1);
  });

  test('one that somebody took out of the bucket is a failed reply when WeCom forgot it, too, and holds nothing up', async () => {
    const { value: poster = '' } = await bucket().list('library/')[Symbol.asyncIterator]().next();
    const content = await inBucket(poster);
    await bucket().delete(poster);
    const before = uploads().length;
    await yard.pass(2 * DAY);
    await yard.pass(DAY + HOUR);
    await write('wmMissing', 'map');
    await write('wmMissing', 'hello');
    expect(yard.shown('wmMissing')).toEqual(['Hello']);
    expect(uploads()).toHaveLength(before);
    if (content) await bucket().put(poster, content);
  });
});

describe('a customer’s picture', () => {
  test('is answered at once, kept, and can be seen when WeCom has forgotten it', async () => {
    const messageId = await yard.wecom.phone('wmSender').send(ACCOUNT, 'image', {});
    await yard.quiet();
    expect(yard.shown('wmSender')).toEqual(['Got it']);
    yard.travel(4 * DAY);

    const { body: history } = await admin('wmSender/history');
    const { entries } = History.parse(history);
    expect(entries.find(({ type }) => type === 'image')?.media?.is).toBe('kept');
    const { status, body } = await admin(`wmSender/media/${messageId}`);
    expect(status).toBe(200);
    const { url, bytes } = Link.parse(body);
    const file = await fetch(url);
    expect(file.status).toBe(200);
    expect((await file.arrayBuffer()).byteLength).toBe(bytes);
    expect(bytes).toBeGreaterThan(0);
  });

  test('that is taken back is nowhere any more', async () => {
    const phone = yard.wecom.phone('wmRecaller');
    const messageId = await phone.send(ACCOUNT, 'image', {});
    await yard.quiet();
    const key = `inbound/${ACCOUNT}/wmRecaller/${messageId}`;
    expect(await inBucket(key)).toBeDefined();
    await phone.recall(ACCOUNT, messageId);
    await yard.quiet();
    expect(await inBucket(key)).toBeUndefined();
    expect((await admin(`wmRecaller/media/${messageId}`)).status).toBe(404);
  });

  test('that WeCom no longer had is recorded as that', async () => {
    yard.wecom.faults.answer('media/get', 40007, { times: 1 });
    const messageId = await yard.wecom.phone('wmTooLate').send(ACCOUNT, 'image', {});
    await yard.quiet();
    expect(await admin(`wmTooLate/media/${messageId}`)).toMatchObject({ status: 410 });
  });
});

test('an export has the files of the library beside it', async () => {
  const elsewhere = join(folder, 'exported');
  await mkdir(elsewhere);
  await config('export', '--to', join(elsewhere, 'stage.yml'));
  expect(await readFile(join(elsewhere, 'stage.yml'), 'utf8')).toContain('file: poster.png');
  expect((await readFile(join(elsewhere, 'poster.png'))).equals(PICTURE)).toBe(true);
});
