import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A project's files by their path from the root, with their text. Made up by hand in tests that show a guard at work. */
export type SourceTree = Readonly<Record<string, string>>;

/** One `import … from`, `export … from`, `import '…'` or `import('…')` of a file. */
export interface Import {
  /** As it is written: `../platform/log.ts`, `zod`, `node:crypto`. */
  readonly from: string;
  /** The file it means, from the root; a package's or Node's own name stays as it is. */
  readonly target: string;
  /** `import type`, which is gone when the code runs. */
  readonly typeOnly: boolean;
  /** What stands between `import` and `from`: `* as z`, `{ log }`; empty without `from`. */
  readonly names: string;
}

/** Reads the files in `folders`, without what npm and the tools put there. */
export function readTree(root: string, folders: readonly string[]): SourceTree {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,js,md}`);
  const paths = globSync(patterns, { cwd: root }).filter((path) => !path.includes('node_modules'));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

export const isCode = (path: string): boolean => /\.[jt]s$/.test(path);

export const codeIn = (tree: SourceTree, ...folders: string[]): string[] =>
  Object.keys(tree).filter((path) => isCode(path) && folders.some((folder) => path.startsWith(`${folder}/`)));

// Statements start a line: the formatter sees to it.
const FROM = /^(?:import|export)\s+(type\s+)?([\w$*{},\s]*?)\s*\bfrom\s*'([^']+)'/gm;
const BARE = /^import\s*'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

/** Throws when a file has an import that this scan does not understand. */
export function importsOf(tree: SourceTree, path: string): Import[] {
  const text = tree[path] ?? '';
  const made = (from = '', typeOnly = false, names = ''): Import => ({
    from,
    target: from.startsWith('.') ? posix.join(posix.dirname(path), from) : from,
    typeOnly,
    names,
  });
  const declared = [
    ...[...text.matchAll(FROM)].map(([, type, names, from]) => made(from, type !== undefined, names)),
    ...[...text.matchAll(BARE)].map(([, from]) => made(from)),
  ];
  const exported = [...text.matchAll(FROM)].filter(([statement]) => statement.startsWith('export')).length;
  const begun = [...text.matchAll(/^import\s*['{*\w]/gm)].length;
  if (begun !== declared.length - exported) throw new Error(`${path} has an import that cannot be read`);
  return [...declared, ...[...text.matchAll(DYNAMIC)].map(([, from]) => made(from))];
}

/** All that a file needs when it runs, directly or not: files of the tree, packages, and Node's own modules. */
export function reachedFrom(tree: SourceTree, start: string): Set<string> {
  const reached = new Set<string>([start]);
  for (const path of reached) {
    if (!(path in tree)) continue;
    for (const { target, typeOnly } of importsOf(tree, path)) if (!typeOnly) reached.add(target);
  }
  return reached;
}
