import type { Change } from '../lib/configuration/plan-business.ts';

const SIGNS = { new: '+', changed: '~', removed: '-' };
const NOUNS = {
  agents: 'agent',
  teams: 'team',
  accounts: 'account',
  quickReplies: 'quick reply',
  faq: 'frequent questions,',
  ruleSets: 'replies of account',
  contactWays: 'contact way',
  waySettings: 'for all:',
  supervisors: 'supervisor',
  notices: 'for all supervisors:',
  entries: 'entry',
  media: 'file',
};

/** What differs of one thing, at most: a list of questions may be another in a thousand places. */
const LONGEST_DETAILS = 20;

/** A plan, for people: a line for each thing that is new, changed or removed, and below it what of it differs. */
export function planText(changes: readonly Change[], alone: readonly string[]): string {
  const lines = changes.flatMap(({ how, kind, id, details }) => [
    `${SIGNS[how]} ${NOUNS[kind]} ${id}`,
    ...shortened(details).map((detail) => `    ${detail}`),
  ]);
  if (lines.length === 0) lines.push('No changes. 无变化。');
  for (const section of alone)
    lines.push(`The file has no ${section}: they stay as they are. 文件未写 ${section}，保持不变。`);
  return lines.map((line) => `${line}\n`).join('');
}

function shortened(details: readonly string[]): readonly string[] {
  const more = details.length - LONGEST_DETAILS;
  return more <= 0
    ? details
    : [...details.slice(0, LONGEST_DETAILS), `… and ${more} more (--json shows all). 另有 ${more} 处`];
}
