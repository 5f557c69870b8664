import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const CELLS = 29;
const CELL_PIXELS = 8;
const QUIET_CELLS = 4;
const SIDE = (CELLS + 2 * QUIET_CELLS) * CELL_PIXELS;

/** A PNG with the look of a code, a different one for every seed. It cannot be scanned: the phone here reads addresses. */
export function codeImage(seed: string): Buffer {
  const noise = createHash('shake256', { outputLength: CELLS * CELLS })
    .update(seed)
    .digest();
  const rows = Array.from({ length: SIDE }, (_, y) => {
    const row = Buffer.alloc(1 + SIDE, 0xff);
    row[0] = 0;
    for (let x = 0; x < SIDE; x += 1) {
      if (isDark(noise, Math.floor(x / CELL_PIXELS) - QUIET_CELLS, Math.floor(y / CELL_PIXELS) - QUIET_CELLS))
        row[x + 1] = 0;
    }
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Eight bits of grey.
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function isDark(noise: Buffer, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= CELLS || y >= CELLS) return false;
  const corner = cornerOf(x, y);
  if (corner !== undefined) {
    const ring = Math.max(Math.abs(corner.x - 3), Math.abs(corner.y - 3));
    return ring !== 2 && ring !== 4;
  }
  return ((noise[y * CELLS + x] ?? 0) & 1) === 1;
}

/** The place inside one of the three finder patterns, with the light cells around it. */
function cornerOf(x: number, y: number): { x: number; y: number } | undefined {
  const near = (at: number) => at < 8;
  const far = (at: number) => at >= CELLS - 8;
  if (near(x) && near(y)) return { x, y };
  if (far(x) && near(y)) return { x: CELLS - 1 - x, y };
  if (near(x) && far(y)) return { x, y: CELLS - 1 - y };
  return undefined;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
