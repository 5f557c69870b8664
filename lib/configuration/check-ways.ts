import { type ContactWay, wayProblems } from '../contact-me/way.ts';
import { ContactFieldError, WAY_REMARK_CHARACTERS } from '../wecom/contact-limits.ts';
import { wayState } from '../wecom/way-state.ts';
import { type Business, type Finding, type Findings, pathText } from './business.ts';
import { OPEN_KFID, repeated } from './check-people.ts';
import { inTwo } from './shape-problems.ts';
import { contactWayOf, WrittenWay } from './written-way.ts';

/** DynamoDB keeps items of up to 400 KB, and a way is one. */
const LARGEST_WAY_BYTES = 200_000;
/** The codes of a `link` way's members have the member's number behind the way's id: WeCom's `state` has to hold it, too. */
const LARGEST_PART = '9999';

/** `GET /admin/v1/contact-ways/strange-codes` is no way. */
const RESERVED_IDS: ReadonlySet<string> = new Set(['strange-codes']);

/** By field, for what is wrong as a whole and says no mend of its own. */
const MENDS: Readonly<Record<string, string>> = {
  members: 'name somebody under members or departments',
  departments: 'remove one of the two',
  backups: 'remove one of the two',
};

/** Checks the contact ways of a file, which are applied to this stage. Pure. */
export function checkWays({ contactWays = [] }: Business, stage: string): Findings {
  const found = contactWays.map((way, index) => checkWay(way, stage, `contactWays[${index}]`));
  const ids = contactWays.map(({ id }) => id);
  return {
    problems: [...repeated(ids, 'contactWays', 'contact way'), ...found.flatMap(({ problems }) => problems)],
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

/** Checks one way of this stage. `path` is where it stands; empty when it stands alone. Pure. */
export function checkWay(written: WrittenWay, stage: string, path = ''): Findings {
  const at = within(path);
  const way = contactWayOf(written);
  const problems = [
    ...wayProblems(way).map(([steps, message]): Finding => {
      const field = pathText(steps.map((step) => (step === 'agentId' || step === 'departmentId' ? 'id' : step)));
      return { path: at(field), ...inTwo(message, MENDS[String(steps[0])]) };
    }),
    ...checkState(way, stage).map((finding) => ({ ...finding, path: at(finding.path) })),
  ];
  if (RESERVED_IDS.has(way.wayId)) {
    const problem = 'is an address of the admin API, where no way would be found';
    problems.push({ path: at('id'), problem, mend: 'write another id' });
  }
  if (way.kfAccount !== undefined && !OPEN_KFID.test(way.kfAccount)) {
    const mend = 'copy the open_kfid of the customer service account (wk…)';
    problems.push({ path: at('kfAccount'), problem: 'is no customer service account', mend });
  }
  if (Buffer.byteLength(JSON.stringify(written)) > LARGEST_WAY_BYTES) {
    const problem = `has more than ${LARGEST_WAY_BYTES} bytes`;
    problems.push({ path: path || 'the contact way', problem, mend: 'name departments instead of members' });
  }
  return { problems, warnings: warningsOf(way).map((finding) => ({ ...finding, path: at(finding.path) })) };
}

const within =
  (path: string) =>
  (field: string): string =>
    path === '' ? field : `${path}.${field}`;

/**
 * What is wrong with a way of which some fields have no good shape, as far as the others tell: what concerns both is found when those are
 * mended. Pure, never throws.
 */
export function checkRest(written: unknown, stage: string, path = ''): readonly Finding[] {
  const shaped = WrittenWay.safeParse(written);
  if (shaped.success) return checkWay(shaped.data, stage, path).problems;
  if (typeof written !== 'object' || written === null) return [];
  const at = within(path);
  const broken = new Set(
    shaped.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [String(issue.path[0])],
    ),
  );
  const rest = WrittenWay.safeParse(Object.fromEntries(Object.entries(written).filter(([name]) => !broken.has(name))));
  if (!rest.success) return [];
  // A field that was left out is not missing: neither by itself nor, of those who serve, as one of the two.
  const nobody = broken.has('departments') ? at('members') : undefined;
  const fieldOf = (finding: Finding) => finding.path.slice(path === '' ? 0 : path.length + 1).match(/^\w*/)?.[0] ?? '';
  return checkWay(rest.data, stage, path).problems.filter(
    (finding) => finding.path !== nobody && !broken.has(fieldOf(finding)),
  );
}

/** Whether WeCom's `state` has room for the way's name, by which its adds are known. */
function checkState({ wayId, mode }: ContactWay, stage: string): Finding[] {
  try {
    wayState(stage, wayId, mode === 'link' ? LARGEST_PART : undefined);
    return [];
  } catch (error) {
    if (!(error instanceof ContactFieldError)) throw error;
    const problem = error.field === 'stage' ? `the stage ${error.problem}` : error.problem;
    return [{ path: 'id', problem, mend: error.mend }];
  }
}

function warningsOf(way: ContactWay): Finding[] {
  const warnings: Finding[] = [];
  const warn = (path: string, problem: string, mend: string) => warnings.push({ path, problem, mend });
  if (way.paused) warn('paused', 'nobody takes turns while the way is paused', 'remove it, or write false, to resume');
  if (way.name.length > WAY_REMARK_CHARACTERS) {
    const problem = `WeCom keeps its first ${WAY_REMARK_CHARACTERS} characters as the code’s remark, and cuts the rest off`;
    warn('name', problem, 'say what matters first');
  }
  if (way.mode !== 'link') {
    for (const field of LINK_ONLY) {
      if (way[field]) warn(field, `means nothing in mode ${way.mode}`, 'remove it, or write mode: link');
    }
    if (way.memberContact !== 'code') {
      warn('memberContact', `means nothing in mode ${way.mode}`, 'remove it, or write mode: link');
    }
  }
  if (way.strategy !== 'weighted') {
    const weighed = [...way.members, ...way.departments].some(({ weight }) => weight !== 1);
    if (weighed)
      warn('strategy', `${way.strategy} knows no weights`, 'write strategy: weighted, or remove the weights');
  }
  way.members.forEach((member, index) => {
    for (const [day, ever] of CAPS) {
      const [perDay, total] = [member[day], member[ever]];
      if (perDay === undefined || total === undefined || perDay <= total) continue;
      warn(`members[${index}].${day}`, `is above ${ever}, which is reached first`, 'write a smaller cap, or remove it');
    }
  });
  return warnings;
}

const LINK_ONLY = ['makeGoodAfterMinutes', 'kfAccount', 'emergency'] as const;
const CAPS = [
  ['perDay', 'total'],
  ['perDayAcrossWays', 'totalAcrossWays'],
] as const;
