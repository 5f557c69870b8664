import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import { type Archive, findTraces, type Place } from './find-traces.ts';

/** Where an export goes. A file of the same name is replaced. */
export interface Sink {
  open(name: string): Promise<SinkFile>;
  /** Done also where there is none. */
  remove(name: string): Promise<void>;
}
export interface SinkFile {
  write(part: string | Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** What an export holds. Written last: an export without it is not complete. */
export interface Manifest {
  readonly customerId: string;
  readonly at: string;
  readonly complete: true;
  readonly items: Readonly<Partial<Record<Place, number>>>;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/**
 * Everything that is kept of a customer: `items.json`, an array of what lies in the tables as it lies there, the files that came with
 * messages, and `manifest.json`. Items are written as they are found, so that no history is too long.
 */
export async function exportCustomer(
  archive: Archive,
  customerId: string,
  sink: Sink,
  now: Instant,
  found: (total: number) => void = () => undefined,
): Promise<Manifest> {
  const items = new Map<Place, number>();
  const files: Manifest['files'][number][] = [];
  // That of an earlier export would make one that is killed half-way look complete.
  await sink.remove('manifest.json');
  const list = await counted(sink, 'items.json');
  let total = 0;
  await list.write('[');
  for await (const trace of findTraces(archive, customerId)) {
    const { place } = trace;
    if (place === 'media') {
      const object = await archive.files.get(trace.path);
      // Its time may have come between the two calls.
      if (!object) continue;
      const file = await counted(sink, `media/${trace.path.split('/').slice(1).join('/')}`);
      await file.write(object.bytes);
      files.push(await file.end());
    } else {
      const one = { place, what: trace.what, item: trace.item };
      await list.write(`${total === 0 ? '' : ','}\n${JSON.stringify(one, plain)}`);
      total += 1;
    }
    items.set(place, (items.get(place) ?? 0) + 1);
    found([...items.values()].reduce((sum, count) => sum + count, 0));
  }
  await list.write('\n]\n');
  files.unshift(await list.end());
  const counts: Manifest['items'] = Object.fromEntries(items);
  const manifest: Manifest = { customerId, at: new Date(now).toISOString(), complete: true, items: counts, files };
  const last = await sink.open('manifest.json');
  await last.write(`${JSON.stringify(manifest, null, 2)}\n`);
  await last.end();
  return manifest;
}

/** A file of the sink that counts and sums up what is written. */
async function counted(sink: Sink, name: string) {
  const file = await sink.open(name);
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async write(part: string | Uint8Array): Promise<void> {
      hash.update(part);
      bytes += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
      await file.write(part);
    },
    async end() {
      await file.end();
      return { name, bytes, sha256: hash.digest('hex') };
    },
  };
}

/** Sets have no form in JSON. */
const plain = (_: string, value: unknown): unknown => (value instanceof Set ? [...value].sort() : value);
