import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decrypt,
  encrypt,
  isSignedWith,
  NotDecryptable,
  readAesKey,
  signatureOf,
} from '../../../lib/wecom/callback-crypto.ts';
import { published, vector, vectors } from './callback-samples.ts';

const key = readAesKey(vector('A').encodingAesKey);

describe.each(vectors)('published vector $id', (each) => {
  const itsKey = readAesKey(each.encodingAesKey);

  test('decrypts to its message and its receive id', () => {
    const { message, receiveId } = decrypt(itsKey, each.encrypted);
    expect({ message: message.toString(), receiveId }).toEqual({ message: each.message, receiveId: each.receiveId });
  });

  test('its message, encrypted with its random bytes, gives its text', () => {
    expect(encrypt(itsKey, each.message, each.receiveId, Buffer.from(each.random))).toBe(each.encrypted);
  });
});

test.each(published)('the signature of published vector %#', (each) => {
  const { token, timestamp, nonce, encrypted, signature } = Object(each);
  expect(signatureOf(token, timestamp, nonce, encrypted)).toBe(signature);
  expect(isSignedWith(token, { timestamp, nonce, encrypted, signature })).toBe(true);
  expect(isSignedWith(`${token}x`, { timestamp, nonce, encrypted, signature })).toBe(false);
  expect(isSignedWith(token, { timestamp, nonce, encrypted, signature: signature.slice(1) })).toBe(false);
  expect(isSignedWith(token, { timestamp, nonce, encrypted, signature: '' })).toBe(false);
  expect(isSignedWith(token, { timestamp, nonce, encrypted, signature: `é${signature.slice(2)}` })).toBe(false);
});

test('whatever is encrypted comes back, whatever its length', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, fc.string({ maxLength: 40, unit: 'grapheme-ascii' }), (message, receiveId) => {
      const sealed = encrypt(key, message, receiveId);
      expect(Buffer.from(sealed, 'base64').length % 32).toBe(0);
      expect(decrypt(key, sealed)).toEqual({ message, receiveId });
    }),
  );
});

test('every pad from 1 to 32 is understood', () => {
  const pads = Array.from({ length: 32 }, (_, length) => {
    const message = Buffer.alloc(length, 'm');
    expect(decrypt(key, encrypt(key, message, ''))).toEqual({ message, receiveId: '' });
    return 32 - ((20 + length) % 32);
  });
  expect(new Set(pads).size).toBe(32);
});

/** Encrypts these very bytes, without adding any padding. */
function encryptRaw(plain: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

function plainWith(changes: { pad?: number[]; length?: number }): Buffer {
  const plain = Buffer.alloc(64, 16);
  plain.writeUInt32BE(changes.length ?? 20, 16);
  plain.set(changes.pad ?? [], 64 - (changes.pad?.length ?? 0));
  return plain;
}

test('the bytes that the next cases spoil are fine as they are', () => {
  expect(decrypt(key, encryptRaw(plainWith({}))).message).toHaveLength(20);
});

test.each([
  ['a pad of 0', encryptRaw(plainWith({ pad: [0] }))],
  ['a pad of 33', encryptRaw(Buffer.alloc(64, 33))],
  ['a pad of 255', encryptRaw(plainWith({ pad: [255] }))],
  ['a pad whose bytes differ', encryptRaw(plainWith({ pad: [9, 3, 3] }))],
  ['a pad that eats the head', encryptRaw(Buffer.alloc(32, 32))],
  ['a length beyond the end', encryptRaw(plainWith({ length: 29 }))],
  ['the largest length', encryptRaw(plainWith({ length: 0xffffffff }))],
  ['half a block', Buffer.alloc(24).toString('base64')],
  ['nothing', ''],
  ['not Base64', '*'.repeat(64)],
  ['the URL alphabet', '-_'.repeat(32)],
  ['Base64 cut short', vector('A').encrypted.slice(0, -3)],
])('refused: %s', (_, text) => {
  expect(() => decrypt(key, text)).toThrow(NotDecryptable);
});

test('another key opens nothing', () => {
  const other = readAesKey(vector('F').encodingAesKey);
  for (const { encrypted } of vectors.slice(0, 4)) expect(() => decrypt(other, encrypted)).toThrow(NotDecryptable);
});

test('a key whose last character carries two stray bits is read as 32 bytes', () => {
  expect(readAesKey(`${'A'.repeat(42)}D`)).toEqual(Buffer.alloc(32));
});
