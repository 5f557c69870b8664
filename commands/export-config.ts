import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BusinessStores, readArrangement } from '../lib/configuration/apply-business.ts';
import { exportBusiness } from '../lib/configuration/export-business.ts';
import { hashOf, type LibraryFile, libraryKey } from '../lib/media/our-file.ts';
import type { Objects } from '../lib/store/objects.ts';
import { openStores } from './business-stores.ts';
import { print, Refusal } from './refusal.ts';
import { wrongOption } from './wrong-option.ts';

export const EXPORT_HELP = `npm run config -- export [--stage S] [--to FILE]

  导出该环境正在运行的配置，apply 后无变化。           Writes what the stage runs with, as a file that applies without a change.
  --to      写入新文件，并把 media 的文件放在旁边；否则输出到屏幕
            Writes a new file, and the files of media beside it; without it the configuration is printed
`;

/** Writes what a stage runs with. The exit code: 0, or 3 where the file would not leave the stage as it is, or lacks a file of media. */
export async function exportConfiguration(args: string[]): Promise<number> {
  const { stage, to } = readOptions(args);
  const { stores, close, bucket } = openStores(stage, to ?? '.');
  try {
    return await exportStage({ stage, to, stores, bucket }, { print, tell: (text) => process.stderr.write(text) });
  } finally {
    close();
  }
}

interface Export {
  readonly stage: string;
  /** The file; absent: to be printed. */
  readonly to: string | undefined;
  readonly stores: BusinessStores;
  /** Asked only where there are files of media. */
  readonly bucket: () => Promise<Pick<Objects, 'get'>>;
}

/** The same with everything passed in. `print` takes the result, `tell` what a person should know besides. */
export async function exportStage(
  { stage, to, stores, bucket }: Export,
  io: { print: (text: string) => unknown; tell: (text: string) => unknown },
): Promise<number> {
  const current = await readArrangement(stores);
  const { yaml, notes } = exportBusiness(current, stage);
  for (const note of notes) io.tell(`warning: ${note}\n`);
  if (to === undefined) {
    io.print(yaml);
    return notes.length > 0 ? 3 : 0;
  }
  try {
    // Never over what somebody has been working on.
    await writeFile(to, yaml, { flag: 'wx' });
  } catch {
    throw new Refusal(`${to} cannot be written. Is it there already?`);
  }
  const missing: string[] = [];
  for (const file of current.media.values()) {
    const problem = await writeBeside(to, file, bucket);
    if (problem) missing.push(`media ${file.id}: ${problem}`);
  }
  for (const one of missing) io.tell(`warning: ${one}\n`);
  io.print(`Stage ${stage} is in ${basename(to)}. 已导出。\n`);
  return notes.length + missing.length > 0 ? 3 : 0;
}

/** Puts a file of the library where the exported configuration names it; what stands in the way, if anything does. */
async function writeBeside(
  configuration: string,
  { file, hash }: LibraryFile,
  bucket: Export['bucket'],
): Promise<string | undefined> {
  const folder = dirname(resolve(configuration));
  const path = resolve(folder, file);
  const inside = relative(folder, path);
  // The stage says the name, and it may be another person's stage.
  if (inside === '' || inside.split(/[\\/]/)[0] === '..' || isAbsolute(inside)) {
    return `${file} is outside of the folder, and was not written`;
  }
  const there = await readFile(path).catch(() => undefined);
  if (there) return hashOf(there) === hash ? undefined : `${file} is another file here, and was left alone`;
  try {
    const object = await (await bucket()).get(libraryKey(hash));
    if (!object) return `${file} is not in the bucket`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, object.bytes, { flag: 'wx' });
    return undefined;
  } catch (error) {
    return `${file} was not written (${error instanceof Error ? error.name : 'unknown'})`;
  }
}

function readOptions(args: string[]): { stage: string; to: string | undefined } {
  try {
    const options = { stage: { type: 'string', default: 'dev' }, to: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.length > 1)
      throw new Error(`${positionals.slice(1).join(' ')} is too much; name a file with --to.`);
    return { stage: values.stage, to: values.to };
  } catch (error) {
    throw new Refusal(wrongOption(error) ?? `${error instanceof Error ? error.message : error}\n\n${EXPORT_HELP}`);
  }
}
