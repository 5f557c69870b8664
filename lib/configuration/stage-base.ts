import { revisionOf } from '../store/revision.ts';
import type { Arrangement } from './arrangement.ts';
import { comparedRuleSets } from './plan-business.ts';

/** In this order they stand in a base. New ones go to the end, and with another mark. */
const SECTIONS = [
  ...(['agents', 'teams', 'accounts', 'quickReplies', 'faq', 'media', 'ruleSets', 'supervisors', 'notices'] as const),
  ...(['contactWays', 'waySettings', 'entries'] as const),
];
const MARK = 'b1';
/** Of a section's hash. What changed is seen by the whole hash, these only name it. */
const NAMING = 4;
const BASE = new RegExp(`^${MARK}\\.[\\w-]{22}\\.[0-9a-f]{${SECTIONS.length * NAMING}}$`);

/**
 * A name for all that a stage runs with: the same as long as nothing of it changes, whoever changes it. Duties that were switched and whatever is
 * counted do not belong to it. It is printed by `plan`, and `apply` refuses where another holds.
 */
export function baseOf(arrangement: Arrangement): string {
  const compared = { ...arrangement, ruleSets: comparedRuleSets(arrangement.ruleSets) };
  const revisions = SECTIONS.map((section) => revisionOf(plain(compared[section])));
  return [MARK, revisionOf(revisions), revisions.map(briefly).join('')].join('.');
}

export const isBase = (text: string): boolean => BASE.test(text);

/** The sections that are not any more what they were at that base; empty when it still holds. */
export function changedSince(base: string, arrangement: Arrangement): string[] {
  const now = baseOf(arrangement);
  if (now === base) return [];
  const [before, after] = [sectionsOf(base), sectionsOf(now)];
  const found = SECTIONS.filter((_, index) => before[index] !== after[index]);
  return found.length > 0 ? found : ['something'];
}

/** The stage is not what its plan was made from. Nothing was written. */
export class StaleBase extends Error {
  readonly changed: readonly string[];
  constructor(changed: readonly string[]) {
    super(
      `The stage has changed since that base: ${changed.join(', ')}. Plan again, and apply with the base that it prints. ` +
        '该环境在此基准之后已有变化，请重新 plan。',
    );
    this.name = 'StaleBase';
    this.changed = changed;
  }
}

const briefly = (revision: string): string => Buffer.from(revision, 'base64url').toString('hex').slice(0, NAMING);

function sectionsOf(base: string): string[] {
  const hints = base.split('.')[2] ?? '';
  return SECTIONS.map((_, index) => hints.slice(index * NAMING, (index + 1) * NAMING));
}

/** The order in which things stand in a store means nothing. */
const plain = (section: unknown): unknown => (section instanceof Map ? Object.fromEntries(section) : (section ?? null));
