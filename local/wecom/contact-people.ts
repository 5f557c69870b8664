import type { Listed } from './contact-book.ts';
import { type App, type Corp, type Department, type Member, memberOf } from './corp.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** Whether an app, or the app that a source belongs to, has somebody or some department in its visible range. */
export function isVisible(to: App, { visible }: Pick<Member | Department, 'visible'>): boolean {
  return typeof visible === 'boolean' ? visible : visible.includes(to.secretOf ?? to.name);
}

/**
 * The member that a call names.
 *
 * @throws Refusal 40003 for what is no userid, 60111 for nobody, 60011 outside the app's visible range
 */
export function namedMember(world: World, app: App, userid: string): Member {
  if (!/^[0-9A-Za-z_\-@.]{1,64}$/.test(userid)) throw new Refusal(40003, userid);
  const member = memberOf(world.corp, userid);
  if (member === undefined) throw new Refusal(60111, userid);
  if (!isVisible(app, member)) throw new Refusal(60011, userid);
  return member;
}

/**
 * A member who may be listed on a way or link of this app.
 *
 * @throws Refusal 40003, 60111, 60011, 41054, 40098, 84074, and what the fault `refuseMember` says
 */
export function servingMember(world: World, app: App, userid: string): Member {
  const member = namedMember(world, app, userid);
  const seen = { method: 'POST', path: '', body: { userid } };
  const refused = world.faults.strike('refuseMember', member.userid.toLowerCase(), seen);
  if (refused !== undefined) throw new Refusal(refused.value, userid);
  if (!member.activated || member.disabled) throw new Refusal(41054, userid);
  if (!member.verified) throw new Refusal(40098, userid);
  if (!member.contacts) throw new Refusal(84074, userid);
  return member;
}

/** @throws Refusal 60123 for no department, 60011 outside the app's visible range */
export function namedDepartment(world: World, app: App, id: number): Department {
  const department = world.corp.departments.get(id);
  if (department === undefined) throw new Refusal(60123, String(id));
  if (!isVisible(app, department)) throw new Refusal(60011, String(id));
  return department;
}

/** The department and everything below it. */
export function departmentsUnder(corp: Corp, id: number): Department[] {
  const own = corp.departments.get(id);
  const below = [...corp.departments.values()].filter((one) => one.parentId === id);
  return [...(own === undefined ? [] : [own]), ...below.flatMap((one) => departmentsUnder(corp, one.id))];
}

/** Who a list means now, departments expanded, each once; leavers are not among them. */
export function peopleOf(corp: Corp, { users, parties }: Listed): Member[] {
  const departments = parties.flatMap((id) => departmentsUnder(corp, id));
  const named = [...users, ...departments.flatMap((one) => one.members)].map((userid) => memberOf(corp, userid));
  return [...new Set(named.filter((one) => one !== undefined))];
}

/** Whether a customer who sees this member's profile can add him at all. */
export function canBeAdded(member: Member): boolean {
  return !member.left && member.activated && !member.disabled && member.verified && member.contacts;
}
