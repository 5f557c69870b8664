import { Business, type Finding } from './business.ts';
import { checkEntries } from './check-entries.ts';
import { checkPeople, repeated } from './check-people.ts';
import { checkReplies } from './check-replies.ts';
import { checkRest } from './check-ways.ts';

/**
 * What is wrong with those parts of a file that have their shape, when others do not, so that nobody mends one fault only to be told of the
 * next. Pure, never throws.
 */
export function checkSections(written: unknown, stage: string): Finding[] {
  if (typeof written !== 'object' || written === null) return [];
  const { agents, teams, replies, contactWays, entries }: Written = written;
  const people = Business.safeParse({ agents, teams });
  const answers = Business.safeParse({ replies, entries });
  const doors = Business.safeParse({ teams, replies, entries });
  const ways: readonly unknown[] = Array.isArray(contactWays) ? contactWays : [];
  return [
    ...(people.success ? checkPeople(people.data).problems : []),
    ...(answers.success ? checkReplies(answers.data).problems : []),
    ...(doors.success ? checkEntries(doors.data).problems : []),
    ...repeated(ways.map(idOf), 'contactWays', 'contact way'),
    ...ways.flatMap((way, index) => checkRest(way, stage, `contactWays[${index}]`)),
  ];
}

type Written = { readonly [Section in 'agents' | 'teams' | 'replies' | 'contactWays' | 'entries']?: unknown };

/** Something that no other has, where there is no id. */
function idOf(way: unknown, index: number): string {
  const id = typeof way === 'object' && way !== null && 'id' in way ? way.id : undefined;
  return typeof id === 'string' ? id : `[${index}]`;
}
