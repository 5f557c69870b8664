import { isAtLimit } from './contact-adding.ts';
import type { Listed } from './contact-book.ts';
import { canBeAdded, peopleOf } from './contact-people.ts';
import { relationOf } from './contact-relations.ts';
import type { Member } from './corp.ts';
import { NotPossible, type World } from './world.ts';

/** What is on a code or behind a link, as far as choosing somebody goes. */
export interface Choice {
  readonly list: Listed;
  readonly adds: ReadonlyMap<string, number>;
  /** Customers of one outside company stay with one member. */
  readonly exclusive: boolean;
}

/** The member whose profile a customer is shown. WeCom only promises somebody of the list; how is a switch. */
export function pickMember(world: World, customer: string, { list, adds, exclusive }: Choice): Member {
  const { switches } = world;
  const usable = peopleOf(world.corp, list).filter(canBeAdded);
  const known = switches.friendsGoBack ? usable.filter((one) => isFriend(world, one, customer)) : [];
  const ofCompany = exclusive ? usable.filter((one) => servesCompanyOf(world, one, customer)) : [];
  const free = switches.fullMembersSkipped ? usable.filter((one) => !isAtLimit(world, one)) : usable;
  const people = [known, ofCompany, free].find((group) => group.length > 0) ?? [];
  const first = people[0];
  if (first === undefined) throw new NotPossible('the code shows nobody');
  if (switches.wayPicks === 'first') return first;
  if (switches.wayPicks === 'random') return people[world.random.int(people.length)] ?? first;
  const count = (one: Member) => adds.get(one.userid.toLowerCase()) ?? 0;
  return people.reduce((least, one) => (count(one) < count(least) ? one : least));
}

function isFriend(world: World, member: Member, customer: string): boolean {
  const stage = relationOf(world, member.userid, customer)?.stage;
  return stage === 'half' || stage === 'full';
}

function servesCompanyOf(world: World, member: Member, customer: string): boolean {
  const { employers, relations } = world.contacts;
  const company = employers.get(customer);
  if (company === undefined) return false;
  return [...relations.values()].some(
    (one) => one.member === member.userid && one.stage !== 'over' && employers.get(one.customer) === company,
  );
}
