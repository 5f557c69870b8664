import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Unpacks a function's package. Knows what a packager writes: stored and deflated files, no encryption, no zip64.
 *
 * @throws when the archive holds anything else, or a path that leads out of `into`
 */
export async function unzip(archive: string, into: string): Promise<void> {
  const zip = await readFile(archive);
  for (const { path, content } of readFiles(zip, archive)) {
    const target = join(into, normalize(path));
    if (!target.startsWith(normalize(join(into, '/')))) throw new Error(`${archive} holds a path outside: ${path}`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

function* readFiles(zip: Buffer, archive: string): Generator<{ path: string; content: Buffer }> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || zip.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error(`${archive} is not a zip archive`);
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(entry + 10);
    const packedSize = zip.readUInt32LE(entry + 20);
    const nameLength = zip.readUInt16LE(entry + 28);
    const header = zip.readUInt32LE(entry + 42);
    const path = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
    if (path.endsWith('/')) continue;
    // The local header's own lengths of name and extra field differ from those in the directory.
    const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const packed = zip.subarray(start, start + packedSize);
    if (method !== STORED && method !== DEFLATED) throw new Error(`${archive}: ${path} is packed by method ${method}`);
    yield { path, content: method === STORED ? packed : inflateRawSync(packed) };
  }
}
