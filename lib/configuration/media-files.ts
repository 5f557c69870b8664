import * as z from 'zod';
import type { LibraryFile } from '../media/our-file.ts';
import type { Finding } from './business.ts';

/** What a file of the library holds, or why it cannot be said. `name` is the file's own, without its folder. */
export type ReadMediaFile = (
  file: string,
) => Omit<LibraryFile, 'id' | 'file'> | { readonly problem: string; readonly mend: string };

export const NO_MEDIA_FILES: ReadMediaFile = () => ({
  problem: 'a file cannot be read from here',
  mend: 'apply the configuration where its files lie',
});

const Named = z.looseObject({ file: z.string().min(1) });
/** In the place of a file that is not named, so that only that is said. */
const UNKNOWN = { name: '-', hash: '0'.repeat(64), bytes: 0, format: 'other' };

/** The configuration with what its files hold beside their names. */
export function withMediaFiles(
  written: unknown,
  readMediaFile: ReadMediaFile,
): { ok: true; written: unknown } | { ok: false; problems: readonly Finding[] } {
  if (typeof written !== 'object' || written === null || !('media' in written)) return { ok: true, written };
  const { media } = written;
  if (!Array.isArray(media)) return { ok: true, written };
  const problems: Finding[] = [];
  const read = media.map((one: unknown, index) => {
    if (typeof one !== 'object' || one === null) return one;
    const named = Named.safeParse(one);
    if (!named.success) return { ...UNKNOWN, ...one };
    const facts = readMediaFile(named.data.file);
    if (!('problem' in facts)) return { ...facts, ...named.data };
    problems.push({ path: `media[${index}].file`, problem: facts.problem, mend: facts.mend });
    return one;
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, written: { ...written, media: read } };
}
