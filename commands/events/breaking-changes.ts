import { surprises, vanished } from './compare-schemas.ts';
import type { JsonSchema } from './contract.ts';

/** Schemas by the type of their event. */
export type Contracts = Readonly<Record<string, JsonSchema>>;

/** A change that could break a consumer. */
export interface Breaking {
  readonly type: string;
  readonly path: string;
  readonly why: string;
}

/**
 * What, of all that changed since the last release, could break somebody who relies on it. Two kinds of readers are thought of:
 * whoever was written for the released events and gets today's; and whoever reads by today's schemas what the archive replays.
 * So within one version only optional fields may be added. New events, and words for people, are free.
 */
export function breakingChanges(released: Contracts, current: Contracts): Breaking[] {
  return Object.entries(released).flatMap(([type, before]): Breaking[] => {
    const after = current[type];
    if (!after) return [{ type, path: 'the event', why: 'it is sent no more; who waits for it hears nothing' }];
    const gone = vanished(before, after);
    const isGone = new Set(gone.map(({ path }) => path));
    const forReaders = surprises(before, after).filter(({ path }) => !isGone.has(path));
    const known = new Set([...gone, ...forReaders].map(({ path }) => path));
    // What is a surprise both ways is told once, from the side of those who read today's.
    const inArchive = surprises(after, before)
      .filter(({ path }) => !known.has(path))
      .map(({ path, why }) => ({ path, why: `read by today's schema, a replayed event breaks here: ${why}` }));
    return [...gone, ...forReaders, ...inArchive].map((one) => ({ type, ...one }));
  });
}

/** In words, with the way out. */
export function sayBreaking(changes: readonly Breaking[]): string {
  const lines = changes.map(({ type, path, why }) => `  ${type}: ${path}: ${why}`);
  const types = [...new Set(changes.map(({ type }) => type))];
  const next = types.map((type) => `  ${type} → ${nextVersion(type)}`);
  return [
    'These changes could break whoever consumes our events:',
    ...lines,
    'The way out: put the old shape back, and send the new one as an event of its own next to it:',
    ...next,
    'Within one version, only optional fields may be added. An event that nobody consumes any more goes by',
    '  npm run events -- retire TYPE',
  ].join('\n');
}

export const nextVersion = (type: string): string =>
  type.replace(/\.v(\d+)$/, (_, version: string) => `.v${Number(version) + 1}`);
