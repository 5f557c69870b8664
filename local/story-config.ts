import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The shortest that an offer may be. */
export const OFFER_SECONDS = 10;

/** The same configuration with offers as short as they may be, written into this folder, so that the story need not wait for a minute. */
export function storyConfig(sample: string, folder: string): string {
  const text = readFileSync(sample, 'utf8');
  const short = text.replaceAll(/(offer: \{ seconds: )\d+/g, `$1${OFFER_SECONDS}`);
  if (short === text) throw new Error(`${sample} makes no offers, and the story tells of one`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'story.yml');
  writeFileSync(file, short);
  return file;
}
