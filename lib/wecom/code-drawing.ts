import { type Modules, qrCode } from './qr-code.ts';

/** The light frame that readers need: four modules. */
const QUIET = 4;

/** A QR code of the text as SVG, for print: black on white, of any size. Throws RangeError for a text that is too long. */
export function codeAsSvg(text: string): string {
  const modules = qrCode(text);
  const side = modules.length + 2 * QUIET;
  const path = modules.flatMap((row, y) =>
    runsOf(row).map(([x, length]) => `M${x + QUIET} ${y + QUIET}h${length}v1h-${length}z`),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/><path d="${path.join('')}"/></svg>`
  );
}

/**
 * A QR code of the text as PNG, black on white. `atLeast` is the wanted side in pixels: the picture is as much larger as it
 * takes for every module to have the same number of pixels. Throws RangeError for a text that is too long.
 */
export function codeAsPng(text: string, atLeast = 600): Uint8Array {
  const modules = qrCode(text);
  const scale = Math.max(1, Math.ceil(atLeast / (modules.length + 2 * QUIET)));
  return png(modules, scale);
}

/** Where a row is dark: from where, and how far. */
function runsOf(row: readonly boolean[]): (readonly [number, number])[] {
  const line = row.map((dark) => (dark ? '1' : '0')).join('');
  return [...line.matchAll(/1+/g)].map((run) => [run.index, run[0].length] as const);
}

/** One bit a pixel, and stored as it is: a code that is printed once is not worth a compressor. */
function png(modules: Modules, scale: number): Uint8Array {
  const side = (modules.length + 2 * QUIET) * scale;
  const white = pixelRow([], side, scale);
  const frame = Array.from({ length: QUIET * scale }, () => white);
  const picture = modules.flatMap((row) => {
    const pixels = pixelRow(row, side, scale);
    return Array.from({ length: scale }, () => pixels);
  });
  const header = [...bigEndian(side), ...bigEndian(side), 1, 0, 0, 0, 0];
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.from(header)),
    chunk('IDAT', stored(Buffer.concat([...frame, ...picture, ...frame]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A filter byte (none), then eight pixels to the byte; 1 is white. */
function pixelRow(row: readonly boolean[], side: number, scale: number): Buffer {
  const pixels = Buffer.alloc(1 + Math.ceil(side / 8), 0xff);
  pixels[0] = 0;
  for (let x = 0; x < side; x++) {
    if (!row[Math.floor(x / scale) - QUIET]) continue;
    const at = 1 + (x >> 3);
    pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7));
  }
  return pixels;
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  return Buffer.concat([Buffer.from(bigEndian(data.length)), named, Buffer.from(bigEndian(crc32(named)))]);
}

/** The zlib format (RFC 1950) with blocks that are not compressed (RFC 1951). */
function stored(data: Buffer): Buffer {
  const most = 0xffff;
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])];
  for (let from = 0; from < data.length; from += most) {
    const part = data.subarray(from, from + most);
    const head = Buffer.alloc(5);
    head[0] = from + most < data.length ? 0 : 1;
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(~part.length & 0xffff, 3);
    parts.push(head, part);
  }
  return Buffer.concat([...parts, Buffer.from(bigEndian(adler32(data)))]);
}

function adler32(data: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
