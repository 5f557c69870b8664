/**
 * A QR code (ISO/IEC 18004) of a short text: byte mode, level M (a seventh of the picture may be unreadable), up to version 20.
 * For addresses of ours that are printed; WeCom draws its own.
 */

/** Rows of modules, dark is true, without the quiet zone around them. */
export type Modules = readonly (readonly boolean[])[];

/** By version, from 1: check codewords of each block, and number of blocks, at level M. */
const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const VERSIONS = CHECKS.length;

/** Throws RangeError for a text of more bytes than version 20 holds (666). */
export function qrCode(text: string): Modules {
  const bytes = [...new TextEncoder().encode(text)];
  const version = smallestVersion(bytes.length);
  const codewords = withChecks(dataCodewords(bytes, version), version);
  const drawings = MASKS.map((_, mask) => draw(version, codewords, mask));
  const [best] = drawings.map((modules) => ({ modules, penalty: penaltyOf(modules) })).sort(byPenalty);
  return best?.modules ?? [];
}

const byPenalty = (a: { penalty: number }, b: { penalty: number }): number => a.penalty - b.penalty;

function smallestVersion(bytes: number): number {
  for (let version = 1; version <= VERSIONS; version++) {
    if (4 + lengthBits(version) + 8 * bytes <= 8 * dataCapacity(version)) return version;
  }
  throw new RangeError(`A text of ${bytes} bytes is too long for a QR code of ours; shorten the address.`);
}

const lengthBits = (version: number): number => (version < 10 ? 8 : 16);
const sizeOf = (version: number): number => 17 + 4 * version;
const checksOf = (version: number): number => CHECKS[version - 1] ?? 0;
const blocksOf = (version: number): number => BLOCKS[version - 1] ?? 1;
const dataCapacity = (version: number): number => allCodewords(version) - checksOf(version) * blocksOf(version);

/** What is left of the square after everything but data has its place. */
function allCodewords(version: number): number {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2;
  const alignment = version === 1 ? 0 : (25 * aligned - 10) * aligned - 55;
  return Math.floor(((16 * version + 128) * version + 64 - alignment - (version < 7 ? 0 : 36)) / 8);
}

function dataCodewords(bytes: readonly number[], version: number): number[] {
  const capacity = dataCapacity(version);
  const head = `0100${binary(bytes.length, lengthBits(version))}`;
  const all = head + bytes.map((byte) => binary(byte, 8)).join('');
  const ended = all + '0'.repeat(Math.min(4, 8 * capacity - all.length));
  const codewords = (ended.match(/.{1,8}/g) ?? []).map((bits) => Number.parseInt(bits.padEnd(8, '0'), 2));
  for (let pad = 0xec; codewords.length < capacity; pad ^= 0xec ^ 0x11) codewords.push(pad);
  return codewords;
}

const binary = (value: number, bits: number): string => value.toString(2).padStart(bits, '0');

/** The data in blocks, each with its Reed-Solomon checks, and all of them interleaved. */
function withChecks(data: readonly number[], version: number): number[] {
  const count = blocksOf(version);
  const short = Math.floor(data.length / count);
  const shortBlocks = count - (data.length % count);
  const divisor = generator(checksOf(version));
  const blocks = Array.from({ length: count }, (_, index) => {
    const from = index * short + Math.max(0, index - shortBlocks);
    const part = data.slice(from, from + short + (index < shortBlocks ? 0 : 1));
    return { part, checks: remainder(part, divisor) };
  });
  return [...interleaved(blocks.map(({ part }) => part)), ...interleaved(blocks.map(({ checks }) => checks))];
}

function interleaved(lists: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat();
}

/** In the field of 256 elements modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> bit) & 1) * a;
  }
  return product;
}

/** The product of (x - 2^i) for the given degree, without its leading 1. */
function generator(degree: number): number[] {
  let polynomial = [1];
  for (let i = 0, root = 1; i < degree; i++, root = multiply(root, 2)) {
    const shifted = [...polynomial, 0];
    polynomial = shifted.map((value, index) => value ^ multiply(polynomial[index - 1] ?? 0, root));
  }
  return polynomial.slice(1);
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  let rest = divisor.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0);
    rest = divisor.map((value, index) => (rest[index + 1] ?? 0) ^ multiply(value, factor));
  }
  return rest;
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function draw(version: number, codewords: readonly number[], mask: number): boolean[][] {
  const size = sizeOf(version);
  const modules = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const taken = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const set = (x: number, y: number, dark: boolean): void => {
    const [row, places] = [modules[y], taken[y]];
    if (!row || !places || x < 0 || x >= size) return;
    row[x] = dark;
    places[x] = true;
  };
  drawTiming(size, set);
  drawFinders(size, set);
  drawAlignment(version, set);
  drawFormat(size, mask, set);
  if (version >= 7) drawVersion(version, set);
  const covers = MASKS[mask] ?? (() => false);
  const path = dataPath(size).filter(([x, y]) => taken[y]?.[x] === false);
  path.forEach(([x, y], index) => {
    const bit = ((codewords[index >> 3] ?? 0) >>> (7 - (index & 7))) & 1;
    set(x, y, (bit === 1) !== covers(x, y));
  });
  return modules;
}

type SetModule = (x: number, y: number, dark: boolean) => void;

function drawTiming(size: number, set: SetModule): void {
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
}

/** Three eyes, with their light frames. */
function drawFinders(size: number, set: SetModule): void {
  for (const [atX, atY] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    drawRings(atX, atY, 4, (ring) => ring !== 2 && ring !== 4, set);
  }
}

function drawAlignment(version: number, set: SetModule): void {
  const places = alignmentPlaces(version);
  const last = places.length - 1;
  for (const [i, x] of places.entries()) {
    for (const [j, y] of places.entries()) {
      const onFinder = (i === 0 && (j === 0 || j === last)) || (i === last && j === 0);
      if (!onFinder) drawRings(x, y, 2, (ring) => ring !== 1, set);
    }
  }
}

function alignmentPlaces(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
  const last = sizeOf(version) - 7;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => last - (count - 2 - index) * step)];
}

function drawRings(atX: number, atY: number, radius: number, isDark: (ring: number) => boolean, set: SetModule): void {
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      set(atX + dx, atY + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }
}

/** Level M is 00; what stands twice is level and mask, with checks of their own. */
function drawFormat(size: number, mask: number, set: SetModule): void {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >>> i) & 1) === 1;
    if (i < 8) {
      set(8, i < 6 ? i : i + 1, dark);
      set(size - 1 - i, 8, dark);
    } else {
      set(i === 8 ? 7 : 14 - i, 8, dark);
      set(8, size - 15 + i, dark);
    }
  }
  set(8, size - 8, true);
}

function drawVersion(version: number, set: SetModule): void {
  let rest = version;
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >>> i) & 1) === 1;
    const [near, far] = [Math.floor(i / 3), sizeOf(version) - 11 + (i % 3)];
    set(far, near, dark);
    set(near, far, dark);
  }
}

/** Up and down in pairs of columns from the right; the timing column is left out. */
function dataPath(size: number): (readonly [number, number])[] {
  const path: (readonly [number, number])[] = [];
  let upwards = true;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let i = 0; i < size; i++) {
      const y = upwards ? size - 1 - i : i;
      path.push([right, y], [right - 1, y]);
    }
    upwards = !upwards;
  }
  return path;
}

/** How hard a picture is to read: long runs, blocks, what looks like an eye, and too much of one colour. */
function penaltyOf(modules: Modules): number {
  const columns = modules.map((_, x) => modules.map((row) => row[x] ?? false));
  const lines = [...modules, ...columns].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''));
  const runs = lines.flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? []);
  const eyes = lines.flatMap((line) => [...line.matchAll(/(?=00001011101|10111010000)/g)]);
  let blocks = 0;
  for (const [y, row] of modules.entries()) {
    for (const [x, dark] of row.entries()) {
      const below = modules[y + 1];
      if (below && row[x + 1] === dark && below[x] === dark && below[x + 1] === dark) blocks++;
    }
  }
  const all = modules.flat();
  const share = all.filter(Boolean).length / all.length;
  const unbalanced = 10 * Math.floor(Math.abs(share - 0.5) * 20);
  return runs.reduce((sum, run) => sum + run.length - 2, 0) + 3 * blocks + 40 * eyes.length + unbalanced;
}
