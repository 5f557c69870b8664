import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

// WeCom pads to 32 bytes although the cipher's block is 16, so the library's own padding stays off.
const BLOCK = 32;
const PREFIX = 16;

export interface Sealed {
  message: string;
  receiveId: string;
}

function keyOf(encodingAesKey: string): Buffer {
  return Buffer.from(`${encodingAesKey}=`, 'base64');
}

/** WeCom "加解密方案说明": base64(AES-256-CBC(16 random bytes + length + message + receiveid)), IV = first half of the key. */
export function seal(sealed: Sealed, encodingAesKey: string, random: Buffer): string {
  const message = Buffer.from(sealed.message, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([random, length, message, Buffer.from(sealed.receiveId, 'utf8')]);
  const pad = BLOCK - (plain.length % BLOCK);
  const key = keyOf(encodingAesKey);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, PREFIX)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString(
    'base64',
  );
}

/** The opposite of {@link seal}. Throws on anything that WeCom could not have made. */
export function unseal(encrypted: string, encodingAesKey: string): Sealed {
  const key = keyOf(encodingAesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, PREFIX)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK || !padded.subarray(-pad).every((byte) => byte === pad)) throw new Error('bad padding');
  const plain = padded.subarray(0, padded.length - pad);
  const start = PREFIX + 4;
  const end = start + plain.readUInt32BE(PREFIX);
  if (end > plain.length) throw new Error('bad length');
  return { message: plain.toString('utf8', start, end), receiveId: plain.toString('utf8', end) };
}

/** The four values, sorted as bytes and joined, as lower-case SHA-1. */
export function sign(token: string, timestamp: string, nonce: string, encrypted: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypted].sort().join('')).digest('hex');
}
