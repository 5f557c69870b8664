import type { Listed } from './contact-book.ts';
import { namedDepartment, peopleOf, servingMember } from './contact-people.ts';
import type { App } from './corp.ts';
import { type Fields, invalid, numberList } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** The userids under a name, each once. A text instead of a list is 60011, as WeCom says it. */
export function userList(fields: Fields, name: string): string[] | undefined {
  const value: unknown = fields[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') throw new Refusal(60011, name);
  if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string' && one !== '')) {
    throw invalid(name);
  }
  const once = new Map(value.map((userid) => [userid.toLowerCase(), userid]));
  return [...once.values()];
}

export function partyList(fields: Fields, name: string): number[] | undefined {
  const parties = numberList(fields, name, Number.POSITIVE_INFINITY);
  return parties && [...new Set(parties)];
}

/**
 * Checks everybody on a list and spells the userids as the corp does. One bad member refuses the whole list.
 *
 * @param most members after departments are expanded
 * @throws Refusal 60123, 60011, 40003, 60111, 41054, 40098, 84074, and the code for too many members
 */
export function checkedList(world: World, app: App, { users, parties }: Listed, most: number): Listed {
  for (const id of parties) namedDepartment(world, app, id);
  const members = users.map((userid) => servingMember(world, app, userid));
  const list = { users: members.map((one) => one.userid), parties };
  if (peopleOf(world.corp, list).length > most) throw new Refusal(world.switches.tooManyMembersCode);
  return list;
}
