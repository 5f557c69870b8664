import type { Objects, StoredObject } from '../../lib/store/objects.ts';

/** A bucket in memory. `keys` are what lies there now. */
export function memoryObjects(): Objects & { keys(): string[] } {
  const kept = new Map<string, StoredObject>();
  return {
    put: async (key, { bytes, contentType }) => void kept.set(key, { bytes: bytes.slice(), contentType }),
    get: async (key) => kept.get(key),
    has: async (key) => kept.has(key),
    delete: async (key) => void kept.delete(key),
    linkTo: async (key, { seconds, fileName, now }) =>
      `memory:${key}?until=${now + seconds * 1000}&name=${encodeURIComponent(fileName)}`,
    async *list(prefix) {
      for (const key of [...kept.keys()].sort()) if (key.startsWith(prefix)) yield key;
    },
    keys: () => [...kept.keys()].sort(),
  };
}
