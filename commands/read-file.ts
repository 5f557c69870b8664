import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Business, Finding } from '../lib/configuration/business.ts';
import { checkModel } from '../lib/configuration/check-model.ts';
import type { ReadMediaFile } from '../lib/configuration/media-files.ts';
import { type ReadFaqFile, readBusiness } from '../lib/configuration/read-business.ts';
import { hashOf } from '../lib/media/our-file.ts';
import { faqFromCsv } from '../lib/replies/faq-csv.ts';
import { readMediaFacts } from '../lib/wecom/media.ts';
import { Refusal } from './refusal.ts';
import { modelOf } from './stage-model.ts';

/** A business configuration that may be applied; otherwise throws a `Refusal` that says why not. */
export async function readBusinessFile(
  file: string,
  stage?: string,
): Promise<{ business: Business; warnings: readonly Finding[] }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw new Refusal(`${file} cannot be read. Is the path right?`);
  }
  const read = readBusiness(text, stage, faqFileBeside(file), mediaFileBeside(file));
  if (!read.ok) throw new Refusal(`${file} cannot be applied; nothing was written.`, read.problems);
  return read;
}

/** The same, with all that is to be warned of where it is applied to this stage. `env` says whether that is the stack on this machine. */
export async function readWithWarnings(
  file: string,
  stage: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ business: Business; warnings: readonly Finding[] }> {
  const { business, warnings } = await readBusinessFile(file, stage);
  return { business, warnings: [...warnings, ...checkModel(business, stage, modelOf(stage, env))] };
}

/** A file of the library, whose path begins where the configuration lies. */
function mediaFileBeside(configuration: string): ReadMediaFile {
  return (name) => {
    try {
      const bytes = readFileSync(resolve(dirname(configuration), name));
      return { name: basename(name), hash: hashOf(bytes), ...readMediaFacts(bytes) };
    } catch {
      const mend = 'correct the path; it begins in the folder of this file';
      return { problem: `${name} cannot be read`, mend };
    }
  };
}

/** Frequent questions in a table (CSV), whose path begins where the configuration lies. */
function faqFileBeside(configuration: string): ReadFaqFile {
  return (name) => {
    const mend = 'correct the path; it begins in the folder of this file';
    const missing = { problems: [{ path: 'faq.file', problem: `${name} cannot be read`, mend }] };
    return readFaqCsv(resolve(dirname(configuration), name), name) ?? missing;
  };
}

/** The list in a table, or what is wrong with it, which lies in the file of that `name`. Undefined where there is no such file. */
export function readFaqCsv(path: string, name: string): ReturnType<ReadFaqFile> | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const read = faqFromCsv(bytes);
  if (read.ok) return { list: read.faq };
  const problems = read.problems.map(({ line, column, problem, mend }) => ({
    path: `${name} line ${line}${column ? `, column ${column}` : ''}`,
    problem,
    mend,
  }));
  return { problems };
}
