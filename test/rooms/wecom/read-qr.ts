import type { Modules } from '../../../lib/wecom/qr-code.ts';

/**
 * Reads a QR code of level M that has one block (versions 1 to 3), from the standard's side: format, mask, path, checks, bytes.
 * Throws where a reader's camera would have to guess.
 */
export function readQr(modules: Modules): string {
  const size = modules.length;
  const version = (size - 17) / 4;
  const checks = [10, 16, 26][version - 1];
  if (checks === undefined) throw new RangeError(`version ${version} is not read here`);
  const at = (x: number, y: number): number => (modules[y]?.[x] ? 1 : 0);
  const bits: number[] = [];
  const mask = maskOf(at, size);
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isFunction(x, y, size, version)) bits.push(at(x, y) ^ (isMasked(mask, x, y) ? 1 : 0));
      }
    }
    upwards = !upwards;
  }
  const codewords = Array.from({ length: bits.length >> 3 }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => 2 * byte + bit, 0),
  );
  for (let i = 0; i < checks; i++) if (syndrome(codewords, i) !== 0) throw new Error(`check ${i} fails`);
  const hex = codewords.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex[0] !== '4') throw new Error('not in byte mode');
  const length = Number.parseInt(hex.slice(1, 3), 16);
  return Buffer.from(hex.slice(3, 3 + 2 * length), 'hex').toString('utf8');
}

/** The format stands beside the first eye and, divided, beside the others. Both have to say the same. */
function maskOf(at: (x: number, y: number) => number, size: number): number {
  const beside = [0, 1, 2, 3, 4, 5, 7, 8].map((x) => at(x, 8)).concat([7, 5, 4, 3, 2, 1, 0].map((y) => at(8, y)));
  const divided = Array.from({ length: 7 }, (_, i) => at(8, size - 1 - i)).concat(
    Array.from({ length: 8 }, (_, i) => at(size - 8 + i, 8)),
  );
  if (beside.join('') !== divided.join('')) throw new Error('the formats differ');
  if (at(8, size - 8) !== 1) throw new Error('the dark module is missing');
  const bits = Number.parseInt(beside.join(''), 2) ^ 0x5412;
  if (bits >> 13 !== 0) throw new Error('not of level M');
  return (bits >> 10) & 7;
}

function isFunction(x: number, y: number, size: number, version: number): boolean {
  const eyes = (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8);
  const [near, far] = [size - 9, size - 5];
  const alignment = version > 1 && x >= near && x <= far && y >= near && y <= far;
  return eyes || x === 6 || y === 6 || alignment;
}

function isMasked(mask: number, x: number, y: number): boolean {
  const [sum, product] = [x + y, x * y];
  const conditions = [
    sum % 2,
    y % 2,
    x % 3,
    sum % 3,
    (Math.floor(y / 2) + Math.floor(x / 3)) % 2,
    (product % 2) + (product % 3),
    ((product % 2) + (product % 3)) % 2,
    ((sum % 2) + (product % 3)) % 2,
  ];
  return conditions[mask] === 0;
}

/** The value of the code's polynomial at 2^power; zero when nothing was damaged. */
function syndrome(codewords: readonly number[], power: number): number {
  return codewords.reduce((value, codeword) => {
    let shifted = value;
    for (let i = 0; i < power; i++) shifted = shifted < 128 ? 2 * shifted : (2 * shifted) ^ 0x11d;
    return shifted ^ codeword;
  }, 0);
}
