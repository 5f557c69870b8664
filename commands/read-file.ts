import { readFile } from 'node:fs/promises';
import type { Business, Finding } from '../lib/configuration/business.ts';
import { readBusiness } from '../lib/configuration/read-business.ts';
import { Refusal } from './refusal.ts';

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
  const read = readBusiness(text, stage);
  if (!read.ok) throw new Refusal(`${file} cannot be applied; nothing was written.`, read.problems);
  return read;
}
