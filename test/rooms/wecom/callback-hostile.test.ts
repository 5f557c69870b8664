import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HttpRequest } from '../../../lib/platform/http-door.ts';
import { encrypt, readAesKey, signatureOf } from '../../../lib/wecom/callback-crypto.ts';
import {
  aCallbackRoom,
  aGet,
  aPost,
  aRequest,
  CORP,
  envelope,
  KF_NEWS,
  NOON,
  OLD,
  sealed,
} from './callback-samples.ts';

/** Whatever is sent, it is refused with a 4xx and an empty body, is reported once, and reaches no queue. */
async function expectRefused(request: HttpRequest): Promise<void> {
  const { handle, sent, reports } = aCallbackRoom();
  const answer = await handle(request);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.body).toBeUndefined();
  expect(reports).toHaveLength(1);
  expect(reports).toMatchObject([{ outcome: 'refused' }]);
  expect(sent).toEqual([]);
}

const assertRefused = (requests: fc.Arbitrary<HttpRequest>) =>
  fc.assert(fc.asyncProperty(requests, expectRefused), { numRuns: 1000 });

const good = sealed(KF_NEWS);
const { encrypted, ...query } = good;

/** One character of a text exchanged for another, taken out, or put in. */
const spoiled = (text: string, characters: string) => {
  const character = fc.constantFrom(...characters);
  const place = fc.nat(text.length - 1);
  const exchanged = fc.tuple(place, character).map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1));
  const shortened = place.map((at) => text.slice(0, at) + text.slice(at + 1));
  const lengthened = fc.tuple(place, character).map(([at, other]) => text.slice(0, at) + other + text.slice(at));
  return fc.oneof(exchanged, shortened, lengthened).filter((other) => other !== text);
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';

test('the callback that these tests spoil is accepted as it is', async () => {
  const { handle, sent } = aCallbackRoom();
  expect(await handle(aRequest('POST', query, envelope(encrypted)))).toMatchObject({ status: 200, body: 'success' });
  expect(sent).toHaveLength(1);
});

test('another signature is refused', async () => {
  const changed = spoiled(query.msg_signature, '0123456789abcdefABCDEF +é');
  await assertRefused(
    fc
      .oneof(changed, fc.string())
      .map((msg_signature) => aRequest('POST', { ...query, msg_signature }, envelope(encrypted))),
  );
});

test('another timestamp or nonce is refused', async () => {
  const timestamps = spoiled(query.timestamp, '0123456789 -+e.').map((timestamp) => ({ ...query, timestamp }));
  const nonces = spoiled(query.nonce, 'abcxyz0123456789 +').map((nonce) => ({ ...query, nonce }));
  await assertRefused(fc.oneof(timestamps, nonces).map((changed) => aRequest('POST', changed, envelope(encrypted))));
});

test('another ciphertext is refused, in POST and GET', async () => {
  const changed = spoiled(encrypted, BASE64);
  await assertRefused(changed.map((other) => aRequest('POST', query, envelope(other))));
  await assertRefused(changed.map((other) => aRequest('GET', { ...query, echostr: other }, '')));
});

test('flipped bits of the ciphertext are refused', async () => {
  const bytes = Buffer.from(encrypted, 'base64');
  const flipped = fc.nat(bytes.length * 8 - 1).map((bit) => {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return other.toString('base64');
  });
  await assertRefused(flipped.map((other) => aRequest('POST', query, envelope(other))));
});

test('a callback that breaks off is refused', async () => {
  const body = envelope(encrypted);
  const end = body.indexOf('</xml>') + '</xml>'.length;
  await assertRefused(fc.nat(end - 1).map((length) => aRequest('POST', query, body.slice(0, length))));
});

test('random bodies and random parameters are refused', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 100 });
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    text,
    fc.json(),
  );
  const parameters = fc.dictionary(
    fc.constantFrom('msg_signature', 'timestamp', 'nonce', 'echostr', '__proto__'),
    text,
  );
  const method = fc.constantFrom('GET', 'POST', 'PUT', '');
  const app = fc.constantFrom('main', 'fresh', '__proto__', 'constructor', '');
  const requests = fc.tuple(method, parameters, body, app);
  await assertRefused(requests.map(([how, changed, bytes, where]) => aRequest(how, changed, bytes, where)));
});

test('random plaintext under the right token and key is refused: it is no event, nor is a message an echo', async () => {
  const plaintext = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from([0x7f, ...bytes]));
  await assertRefused(
    fc.oneof(
      plaintext.map((bytes) => aPost(bytes)),
      // What is posted must not come back to whoever repeats it as a verification.
      plaintext.map((bytes) => aGet(`<xml>${bytes.toString('latin1')}`)),
    ),
  );
});

test('random blocks under the right token are refused', async () => {
  const blocks = fc.uint8Array({ minLength: 1, maxLength: 160 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  const signed = blocks.map((text) => {
    const [timestamp, nonce] = [String(NOON / 1000), 'n'];
    const msg_signature = signatureOf(OLD.token, timestamp, nonce, text);
    return aRequest('POST', { timestamp, nonce, msg_signature }, envelope(text));
  });
  await assertRefused(signed);
});

test('events that are cut or spliced under the right token and key never break the callback', async () => {
  const cut = fc.tuple(
    fc.nat(KF_NEWS.length),
    fc.nat(KF_NEWS.length),
    fc.constantFrom('', '<', '&', ']]>', '<![CDATA[', '\0'),
  );
  const messages = cut.map(([from, to, between]) => KF_NEWS.slice(0, from) + between + KF_NEWS.slice(to));
  const property = fc.asyncProperty(messages, async (message) => {
    const { handle, reports } = aCallbackRoom();
    const { status } = await handle(aPost(message));
    expect([200, 400]).toContain(status);
    expect(reports).toHaveLength(1);
  });
  await fc.assert(property, { numRuns: 1000 });
});

test('for every other receive id a callback is refused', async () => {
  const ids = fc.oneof(spoiled(CORP, BASE64), fc.string()).filter((id) => id !== CORP);
  await assertRefused(ids.map((receiveId) => aPost(KF_NEWS, { receiveId })));
});

test('a message under another key is refused though its token is right', async () => {
  const key = fc.string({ unit: fc.constantFrom(...BASE64.slice(0, 62)), minLength: 43, maxLength: 43 });
  const others = key.filter((other) => !readAesKey(other).equals(readAesKey(OLD.encodingAesKey)));
  await assertRefused(
    others.map((other) => {
      const text = encrypt(readAesKey(other), KF_NEWS, CORP);
      const msg_signature = signatureOf(OLD.token, query.timestamp, query.nonce, text);
      return aRequest('POST', { ...query, msg_signature }, envelope(text));
    }),
  );
});
