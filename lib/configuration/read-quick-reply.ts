import { LibraryReply } from '../replies/reply.ts';
import { type Finding, WHOLE_FILE } from './business.ts';
import { checkQuickReply } from './check-replies.ts';
import { shapeProblems } from './shape-problems.ts';

export type ReadQuickReply =
  | { readonly ok: true; readonly quickReply: LibraryReply }
  | { readonly ok: false; readonly problems: readonly Finding[] };

/** Reads one quick reply, written as in the file, and holds it to what `plan` does. Pure, never throws. */
export function readQuickReply(written: unknown): ReadQuickReply {
  const shaped = LibraryReply.safeParse(written);
  const problems = shaped.success
    ? checkQuickReply(shaped.data, '')
    : shapeProblems(LibraryReply, written, shaped.error.issues);
  if (shaped.success && problems.length === 0) return { ok: true, quickReply: shaped.data };
  // There is no file here.
  return {
    ok: false,
    problems: problems.map((one) => (one.path === WHOLE_FILE ? { ...one, path: 'the quick reply' } : one)),
  };
}
