import { parseDocument } from 'yaml';
import { Business, type Finding } from './business.ts';
import { checkPeople } from './check-people.ts';
import { checkReplies } from './check-replies.ts';
import { checkTerms } from './check-terms.ts';
import { checkWays } from './check-ways.ts';
import { droppedFields, shapeProblems } from './shape-problems.ts';

export type ReadBusiness =
  | { readonly ok: true; readonly business: Business; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly problems: readonly Finding[] };

/**
 * Reads a business configuration file (YAML 1.2) that is meant for this stage. Every problem names its field and the mend. Never
 * throws.
 */
export function readBusiness(yamlText: string, stage = 'dev'): ReadBusiness {
  const yaml = parseYaml(yamlText);
  if (!yaml.ok) return yaml;
  const shaped = Business.safeParse(yaml.written);
  if (!shaped.success) return { ok: false, problems: shapeProblems(Business, yaml.written, shaped.error.issues) };
  const business = shaped.data;
  const checks = [checkPeople(business), checkTerms(business), checkReplies(business), checkWays(business, stage)];
  const found = checks.flatMap(({ problems }) => problems);
  const problems = [...droppedFields(Business, yaml.written, business), ...found];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, business, warnings: checks.flatMap(({ warnings }) => warnings) };
}

function parseYaml(text: string): { ok: true; written: unknown } | { ok: false; problems: Finding[] } {
  const document = parseDocument(text);
  const problems = [...document.errors, ...document.warnings].map((error): Finding => {
    const [position] = error.linePos ?? [];
    return {
      path: position ? `line ${position.line}, column ${position.col}` : 'the file',
      // The first line says what is wrong; a picture of the place follows.
      problem: `is not YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:$/, '')}`,
      mend: 'look at the indentation, the quotes and the colons there',
    };
  });
  if (problems.length > 0) return { ok: false, problems };
  try {
    const written: unknown = document.toJS();
    if (written !== null) return { ok: true, written };
    // Applying nothing would remove everything, which nobody means by an empty file.
    const mend = 'see config/sample.yml for an example';
    return { ok: false, problems: [{ path: 'the file', problem: 'is empty', mend }] };
  } catch {
    const mend = 'write the value out where its *name stands';
    return { ok: false, problems: [{ path: 'the file', problem: 'has an alias without its anchor', mend }] };
  }
}
