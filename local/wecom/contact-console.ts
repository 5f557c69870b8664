import { tellAcquisition, tellDirectoryChange, tellUnsubscribed } from './contact-happenings.ts';
import { isVisible } from './contact-people.ts';
import type { App, Member, MemberTraits } from './corp.ts';
import { NotPossible, type World } from './world.ts';

/** What an administrator does in WeCom's console. The API's users learn of it as little as they do out there. */
export interface Console {
  /** Out of the visible range is `unsubscribe` for the app; everything else is silent. */
  changeMember(userid: string, traits: Partial<Omit<MemberTraits, 'left'>>): void;
  /** The member leaves the corp: `unsubscribe`, and `change_contact` for who receives it. */
  removeMember(userid: string): void;
  /** Says who is in a department. */
  setDepartment(id: number, members: readonly string[]): void;
  /** `delete_link`, which deleting by the API does not cause. */
  deleteLink(linkId: string): void;
  /** `link_unavailable`. */
  breakLink(linkId: string): void;
  /** The adds that are left: `balance_increased` when there were none. `expiresAt` in milliseconds. */
  setBalance(balance: number, expiresAt?: number): void;
}

export function consoleOf(world: World): Console {
  const { corp, contacts } = world;
  const known = (userid: string): Member => {
    const member = corp.members.get(userid.toLowerCase());
    if (member === undefined) throw new NotPossible(`no member ${userid}`);
    return member;
  };
  const seeing = (member: Member): App[] =>
    [...corp.apps.values()].filter((app) => app.secretOf === undefined && isVisible(app, member));

  return {
    changeMember(userid, traits) {
      const member = known(userid);
      const before = seeing(member);
      Object.assign(member, traits);
      const after = seeing(member);
      tellUnsubscribed(
        world,
        member,
        before.filter((app) => !after.includes(app)),
      );
    },
    removeMember(userid) {
      const member = known(userid);
      if (member.left) throw new NotPossible(`${userid} has left before`);
      const before = seeing(member);
      member.left = true;
      tellUnsubscribed(world, member, before);
      tellDirectoryChange(world, 'delete_user', { UserID: member.userid });
    },
    setDepartment(id, members) {
      const department = corp.departments.get(id);
      if (department === undefined) throw new NotPossible(`no department ${id}`);
      for (const userid of members) known(userid);
      department.members = [...members];
    },
    deleteLink(linkId) {
      const link = contacts.links.get(linkId);
      if (link === undefined) throw new NotPossible(`no link ${linkId}`);
      contacts.links.delete(linkId);
      tellAcquisition(world, 'delete_link', link.app, { LinkId: linkId });
    },
    breakLink(linkId) {
      const link = contacts.links.get(linkId);
      if (link === undefined) throw new NotPossible(`no link ${linkId}`);
      link.broken = true;
      tellAcquisition(world, 'link_unavailable', link.app, { LinkId: linkId });
    },
    setBalance(balance, expiresAt = Number.POSITIVE_INFINITY) {
      const wasEmpty = contacts.quota.balance <= 0;
      Object.assign(contacts.quota, { balance, expiresAt });
      if (wasEmpty && balance > 0) tellAcquisition(world, 'balance_increased', undefined, {});
    },
  };
}
