import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import type { ContactEvent, MemberStatus } from '../wecom/contact-events.ts';
import { isOutage } from '../wecom/errors.ts';
import { absenceOf } from './compare-night.ts';
import type { ContactWay } from './way.ts';
import type { WayEntry } from './way-entries.ts';

export type MemberEvent = Extract<ContactEvent, { type: 'member-left' | 'member-changed' }>;

export interface HearMember {
  ways(): Promise<readonly ContactWay[]>;
  /** Who was in the departments of a way when they were last read. */
  peopleOf(wayId: string): Promise<readonly string[]>;
  contactFor(app: string): Pick<ContactApi, 'memberStatus'>;
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
}

/**
 * Lets the ways that name a member know that he cannot be added any more, or may be again. WeCom: change_contact, which comes through
 * the directory helper's door alone; without it the nightly comparison finds the same. A new userid is another member to the ways:
 * supervisors name him by it.
 */
export function hearMember(room: HearMember) {
  return async function hear(event: MemberEvent, id: string): Promise<void> {
    const { agentId, at } = event;
    const renamed = event.type === 'member-changed' && event.renamedTo !== undefined;
    count('MemberEvents', { kind: renamed ? 'renamed' : event.type });
    const naming = await waysNaming(agentId);
    if (naming.length === 0) return;
    if (renamed) log.warn('member renamed', { agentId, count: naming.length });
    const status = await statusOf(event, naming);
    const reason = renamed ? 'renamed' : status && absenceOf(status);
    if (reason !== undefined) return tell(naming, { kind: 'set-aside', id, agentId, reason, at });
    if (status === 'active') return tell(naming, { kind: 'back', id, agentId, at });
  };

  async function tell(naming: readonly ContactWay[], entry: WayEntry): Promise<void> {
    for (const { wayId } of naming) await room.tellWay(wayId, [entry]);
  }

  async function waysNaming(agentId: string): Promise<ContactWay[]> {
    const naming: ContactWay[] = [];
    for (const way of await room.ways()) {
      const named = way.members.some((one) => one.agentId === agentId) || way.backups.includes(agentId);
      const inDepartment = !named && way.departments.length > 0 && (await room.peopleOf(way.wayId)).includes(agentId);
      if (named || inDepartment) naming.push(way);
    }
    return naming;
  }

  /** Events of helpers set up since August 2022 name the member and say nothing of him, so WeCom is asked. */
  async function statusOf(
    event: MemberEvent,
    naming: readonly ContactWay[],
  ): Promise<MemberStatus | 'absent' | undefined> {
    if (event.type === 'member-left') return 'left';
    const [way] = naming;
    if (event.status !== undefined || event.renamedTo !== undefined || !way) return event.status;
    try {
      return await room.contactFor(way.app).memberStatus(event.agentId);
    } catch (error) {
      if (!isOutage(error)) throw error;
      // The nightly comparison asks again.
      log.warn('member not readable', { agentId: event.agentId });
      return undefined;
    }
  }
}
