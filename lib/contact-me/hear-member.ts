import type { Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import type { ContactEvent, MemberStatus } from '../wecom/contact-events.ts';
import { isOutage } from '../wecom/errors.ts';
import { absenceOf, isMended } from './compare-night.ts';
import type { ContactWay } from './way.ts';
import type { WayEntry } from './way-entries.ts';
import type { WayRecord } from './way-record.ts';

export type MemberEvent = Extract<ContactEvent, { type: 'member-left' | 'member-changed' }>;

export interface HearMember {
  ways(): Promise<readonly ContactWay[]>;
  recordOf(wayId: string): Promise<Pick<WayRecord, 'people' | 'refused'>>;
  contactFor(app: string): Pick<ContactApi, 'memberStatus'>;
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
  /** Who serves customers may be no member of any way. */
  agentLeft(agentId: string, at: Instant): Promise<void>;
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
    if (event.type === 'member-left') await room.agentLeft(agentId, at);
    const naming = await waysNaming(agentId);
    if (naming.length === 0) return;
    if (renamed) log.warn('member renamed', { agentId, count: naming.length });
    const status = await statusOf(event, naming);
    const reason = renamed ? 'renamed' : status && absenceOf(status);
    if (reason !== undefined) return tell(naming, { kind: 'set-aside', id, agentId, reason, at });
    if (status !== 'active') return;
    // Whoever was set aside for something else is no better for it.
    const waiting = await where(naming, async ({ wayId }) => isMended(await room.recordOf(wayId), agentId));
    return tell(waiting, { kind: 'back', id, agentId, at });
  };

  async function tell(naming: readonly ContactWay[], entry: WayEntry): Promise<void> {
    for (const { wayId } of naming) await room.tellWay(wayId, [entry]);
  }

  /** The ways that name him, himself or by a department that he was in when it was last read. */
  async function waysNaming(agentId: string): Promise<ContactWay[]> {
    return where(await room.ways(), async ({ wayId, members, backups, departments }) => {
      if (members.some((one) => one.agentId === agentId) || backups.includes(agentId)) return true;
      if (departments.length === 0) return false;
      const { people } = await room.recordOf(wayId);
      return Object.values(people?.byDepartment ?? {}).some((some) => some.includes(agentId));
    });
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

/** How many ways are looked at side by side. */
const SIDE_BY_SIDE = 10;

async function where(ways: readonly ContactWay[], holds: (way: ContactWay) => Promise<boolean>): Promise<ContactWay[]> {
  const found: ContactWay[] = [];
  for (const some of inChunks(ways, SIDE_BY_SIDE)) {
    const held = await Promise.all(some.map(holds));
    found.push(...some.filter((_, index) => held[index]));
  }
  return found;
}
