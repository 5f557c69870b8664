import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * WeCom's callback cryptography: a SHA-1 over four sorted strings, and AES-256-CBC around
 * `16 random bytes, 4 bytes of length, message, receive id`. https://developer.work.weixin.qq.com/document/path/90968
 */

/** What a signature covers, with the signature itself; `encrypted` is the Base64 text, not its bytes. */
export interface SignedText {
  readonly timestamp: string;
  readonly nonce: string;
  readonly encrypted: string;
  readonly signature: string;
}

/** The signature that WeCom and we put on an encrypted text: 40 lower-case hexadecimal digits. */
export function signatureOf(token: string, timestamp: string, nonce: string, encrypted: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypted].sort().join('')).digest('hex');
}

/** Whether the holder of `token` signed this text. Takes the same time wherever the two signatures differ. */
export function isSignedWith(token: string, signed: SignedText): boolean {
  const expected = Buffer.from(signatureOf(token, signed.timestamp, signed.nonce, signed.encrypted));
  const given = Buffer.from(signed.signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * The 32 bytes of an EncodingAESKey. Its 43 characters hold two bits more than that, and WeCom leaves them as they fall;
 * `Buffer` ignores them, where a strict decoder would refuse most real keys.
 */
export function readAesKey(encodingAesKey: string): Buffer {
  return Buffer.from(`${encodingAesKey}=`, 'base64');
}

/** The text is not what WeCom's encryption makes with this key: its Base64, its padding, or its length is wrong. */
export class NotDecryptable extends Error {
  override readonly name = 'NotDecryptable';
}

export interface Decrypted {
  readonly message: Buffer;
  /** The corp (or suite) that the message is meant for; the caller has to compare it. */
  readonly receiveId: string;
}

const AES_BLOCK = 16;
const PADDED_TO = 32;
const HEAD = 20;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Decrypts the Base64 text. There is no checksum inside, so check the signature first. Throws `NotDecryptable`. */
export function decrypt(key: Buffer, encrypted: string): Decrypted {
  const sealed =
    encrypted.length % 4 === 0 && BASE64.test(encrypted) ? Buffer.from(encrypted, 'base64') : Buffer.alloc(0);
  if (sealed.length === 0 || sealed.length % AES_BLOCK !== 0) throw new NotDecryptable('not whole blocks of Base64');

  // WeCom pads to 32 bytes, not to AES's 16: OpenSSL's own unpadding would refuse every pad above 16.
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(sealed), decipher.final()]);

  const pad = padded.at(-1) ?? 0;
  const plain = padded.subarray(0, padded.length - pad);
  const isPadded = pad >= 1 && pad <= PADDED_TO && padded.subarray(padded.length - pad).every((byte) => byte === pad);
  if (!isPadded || plain.length < HEAD) throw new NotDecryptable('wrong padding');

  const end = HEAD + plain.readUInt32BE(AES_BLOCK);
  if (end > plain.length) throw new NotDecryptable('wrong length');
  return { message: plain.subarray(HEAD, end), receiveId: plain.toString('utf8', end) };
}

/** Encrypts as WeCom does. `random` (16 bytes) is given only where the outcome must be repeatable. */
export function encrypt(key: Buffer, message: string | Buffer, receiveId: string, random = randomBytes(16)): string {
  const body = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const plain = Buffer.concat([random, length, body, Buffer.from(receiveId)]);
  const pad = PADDED_TO - (plain.length % PADDED_TO);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, AES_BLOCK)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}
