import type { ContactWay } from '../contact-me/way.ts';
import { type Finding, WHOLE_FILE } from './business.ts';
import { checkRest, checkWay } from './check-ways.ts';
import { droppedFields, shapeProblems } from './shape-problems.ts';
import { contactWayOf, WrittenWay } from './written-way.ts';

export type ReadWay =
  | { readonly ok: true; readonly way: ContactWay; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly problems: readonly Finding[] };

/** Reads one contact way of this stage, written as in the file. Every problem names its field and the mend. Pure, never throws. */
export function readWay(written: unknown, stage: string): ReadWay {
  const shaped = WrittenWay.safeParse(written);
  if (!shaped.success) {
    return refused([...shapeProblems(WrittenWay, written, shaped.error.issues), ...checkRest(written, stage)]);
  }
  const checked = checkWay(shaped.data, stage);
  const problems = [...droppedFields(WrittenWay, written, shaped.data), ...checked.problems];
  return problems.length > 0
    ? refused(problems)
    : { ok: true, way: contactWayOf(shaped.data), warnings: checked.warnings };
}

/** There is no file here. */
function refused(problems: readonly Finding[]): ReadWay {
  return {
    ok: false,
    problems: problems.map((one) => (one.path === WHOLE_FILE ? { ...one, path: 'the contact way' } : one)),
  };
}
