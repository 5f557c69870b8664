import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { OpsCommand } from '../../commands/ops-command.ts';

// What the documents lead to is there: their links, and the commands that they have people type.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ELSEWHERE = /^(node_modules|\.|export-)/;

function documentsIn(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (ELSEWHERE.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documentsIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const FENCE = /^\s*(?:\d+\. |- )?```/;

/** A text without its blocks of code, in which nothing is a heading or a link. */
function withoutCode(text: string): string {
  let inside = false;
  const kept = text.split('\n').filter((line) => {
    const fence = FENCE.test(line);
    if (fence) inside = !inside;
    return !fence && !inside;
  });
  return kept.join('\n');
}

/** As GitHub makes them: small letters, no punctuation, a hyphen for each space. */
function anchorsOf(text: string): string[] {
  const headings = [...withoutCode(text).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a document that lead nowhere. */
function brokenLinks(path: string, text: string, read: (path: string) => string | undefined): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? text : read(join(dirname(path), file));
      if (target === undefined) return true;
      return anchor !== undefined && !anchorsOf(target).includes(decodeURIComponent(anchor));
    })
    .map((link) => `${path}: ${link}`);
}

const documents = documentsIn();
const readDocument = (path: string) => readFileSync(join(ROOT, path), 'utf8');

function read(path: string): string | undefined {
  if (!existsSync(join(ROOT, path))) return undefined;
  return path.endsWith('.md') ? readDocument(path) : '';
}

describe('links between documents', () => {
  test('a link to a file or heading that is not there is found, and no other', () => {
    const house: Record<string, string> = {
      'docs/there.md': '# One: two, `three`\n```sh\n# no heading\n```\n## 夜间核对 · The night',
    };
    const page = [
      '[well](there.md) [well](there.md#one-two-three) [well](there.md#夜间核对--the-night) [well](https://example.com/x#y) [well](#own)',
      '# Own',
      '[a](gone.md) [b](there.md#two) [c](there.md#no-heading) [d](#other)',
      '```\n[code](gone.md)\n```',
    ].join('\n');
    expect(brokenLinks('docs/page.md', page, (path) => house[path])).toEqual(
      ['gone.md', 'there.md#two', 'there.md#no-heading', '#other'].map((link) => `docs/page.md: ${link}`),
    );
  });

  test.each(documents)('%s', (path) => {
    expect(brokenLinks(path, readDocument(path), read)).toEqual([]);
  });
});

interface Typed {
  readonly command: string;
  readonly options: readonly string[];
}

/** The commands of `npm run ops` in a text, with the options that are typed behind them. */
function opsTyped(text: string): Typed[] {
  return [...text.matchAll(/npm run ops -- ([a-z][a-z-]*)([^`\n#]*)/g)].map(([, command = '', rest = '']) => ({
    command,
    options: [...rest.matchAll(/(?<=\s)--([a-z-]+)/g)].map(([, option = '']) => option),
  }));
}

const OPS = new URL('../../commands/ops/', import.meta.url);

/** Which of the typed words nobody knows. */
async function unknownWords({ command, options }: Typed): Promise<string[]> {
  if (!existsSync(new URL(`${command}.ts`, OPS))) return [command];
  const { help }: OpsCommand = await import(new URL(`${command}.ts`, OPS).href);
  return options.filter((option) => !new RegExp(`--${option}\\b`).test(help)).map((option) => `${command} --${option}`);
}

test('every command for operators in a document is there, with the options that stand behind it', async () => {
  const typed = documents.flatMap((path) => opsTyped(readDocument(path)).map((one) => ({ path, ...one })));
  expect(new Set(typed.map(({ command }) => command))).toEqual(
    new Set(readdirSync(OPS).map((file) => file.replace(/\.ts$/, ''))),
  );
  const unknown: string[] = [];
  for (const one of typed) unknown.push(...(await unknownWords(one)).map((word) => `${one.path}: ${word}`));
  expect(unknown).toEqual([]);
});

test.each([
  ['npm run ops -- docter --stage prod', ['docter']],
  ['npm run ops -- doctor --stage prod --prob', ['doctor --prob']],
  ['`npm run ops -- erase wm… --yes`, then --more', []],
])('of %j these words are unknown: %j', async (text, unknown) => {
  const [typed] = opsTyped(text);
  expect(typed && (await unknownWords(typed))).toEqual(unknown);
});
