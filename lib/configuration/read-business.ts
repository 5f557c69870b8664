import { parseDocument } from 'yaml';
import * as z from 'zod';
import { Business, type Finding } from './business.ts';
import { checkEntries } from './check-entries.ts';
import { checkFaq } from './check-faq.ts';
import { checkHandOvers } from './check-hand-overs.ts';
import { checkMedia } from './check-media.ts';
import { checkPeople } from './check-people.ts';
import { checkReplies } from './check-replies.ts';
import { checkSections } from './check-sections.ts';
import { checkSupervisors } from './check-supervisors.ts';
import { checkTerms } from './check-terms.ts';
import { checkWantedAgents } from './check-wanted-agents.ts';
import { checkWays } from './check-ways.ts';
import { NO_MEDIA_FILES, withMediaFiles } from './media-files.ts';
import { droppedFields, shapeProblems } from './shape-problems.ts';

export type ReadBusiness =
  | { readonly ok: true; readonly business: Business; readonly warnings: readonly Finding[] }
  | { readonly ok: false; readonly problems: readonly Finding[] };

/** Reads the file in which a configuration's frequent questions lie: the list, or what is wrong with it. */
export type ReadFaqFile = (file: string) => { readonly list: unknown } | { readonly problems: readonly Finding[] };

const NO_FILES: ReadFaqFile = () => {
  const problem = 'a file cannot be read from here';
  return { problems: [{ path: 'faq.file', problem, mend: 'write the list under faq' }] };
};

/**
 * Reads a business configuration file (YAML 1.2) that is meant for this stage. Every problem names its field and the mend. Never
 * throws.
 */
export function readBusiness(
  yamlText: string,
  stage = 'dev',
  readFaqFile = NO_FILES,
  readMediaFile = NO_MEDIA_FILES,
): ReadBusiness {
  const parsed = parseYaml(yamlText);
  const listed = parsed.ok ? withFaqFile(parsed.written, readFaqFile) : parsed;
  const yaml = listed.ok ? withMediaFiles(listed.written, readMediaFile) : listed;
  if (!yaml.ok) return yaml;
  const shaped = Business.safeParse(yaml.written);
  if (!shaped.success) {
    const found = shapeProblems(Business, yaml.written, shaped.error.issues);
    return { ok: false, problems: [...found, ...checkSections(yaml.written, stage)] };
  }
  const business = shaped.data;
  const checks = [
    checkPeople(business),
    checkTerms(business),
    checkReplies(business),
    checkFaq(business),
    checkWays(business, stage),
    checkSupervisors(business),
    checkHandOvers(business),
    checkWantedAgents(business),
    checkEntries(business),
    checkMedia(business),
  ];
  const found = checks.flatMap(({ problems }) => problems);
  const problems = [...droppedFields(Business, yaml.written, business), ...found];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, business, warnings: checks.flatMap(({ warnings }) => warnings) };
}

const FaqFile = z.strictObject({ file: z.string().min(1) });

/** The configuration with the list of frequent questions in the place of its file's name. */
function withFaqFile(
  written: unknown,
  readFaqFile: ReadFaqFile,
): { ok: true; written: unknown } | { ok: false; problems: readonly Finding[] } {
  if (typeof written !== 'object' || written === null || !('faq' in written)) return { ok: true, written };
  const { faq } = written;
  if (typeof faq !== 'object' || faq === null || Array.isArray(faq)) return { ok: true, written };
  const Whole = z.object({ faq: FaqFile });
  const named = Whole.safeParse(written);
  if (!named.success) return { ok: false, problems: shapeProblems(Whole, written, named.error.issues) };
  const read = readFaqFile(named.data.faq.file);
  return 'list' in read
    ? { ok: true, written: { ...written, faq: read.list } }
    : { ok: false, problems: read.problems };
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
