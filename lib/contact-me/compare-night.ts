import { DAY, type Instant, MINUTE } from '../platform/clock.ts';
import type { FoundRelation } from '../wecom/contact-api.ts';
import type { MemberStatus } from '../wecom/contact-events.ts';
import { parseState } from '../wecom/way-state.ts';
import type { CustomerRelations } from './adds.ts';
import type { ContactWay } from './way.ts';
import type { WayRecord } from './way-record.ts';

/** What the nightly comparison makes of what WeCom says. */

/** A callback is repeated within minutes; what is younger may still come by itself. */
const SETTLED_AFTER = 15 * MINUTE;
/** WeCom's time of an event and the time in its lists may differ by seconds. */
const SAME_ADD = 10 * MINUTE;
/** Adds so long before the last comparison are looked at again, so that one night that went wrong loses nothing. */
const LOOK_BACK = 3 * DAY;
const LOOK_BACK_AT_MOST = 30 * DAY;

/** From when on adds are looked for. */
export function lookBack(lastStartedAt: Instant | undefined, now: Instant): Instant {
  return Math.max(now - LOOK_BACK_AT_MOST, Math.min(now, lastStartedAt ?? now) - LOOK_BACK);
}

/** Those of WeCom's relations that came by a way of this stage, and whose events have had time to reach us. */
export function worthALook(
  relations: readonly FoundRelation[],
  { stage, since, now }: { stage: string; since: Instant; now: Instant },
): FoundRelation[] {
  return relations.filter(
    ({ state, addedAt }) => 'wayId' in parseState(stage, state) && addedAt >= since && addedAt <= now - SETTLED_AFTER,
  );
}

/** Whether we heard of this add, or of a later one of the same two. A deleted relation that WeCom still lists is no new one. */
export function knowsAdd(relations: CustomerRelations | undefined, { agentId, addedAt }: FoundRelation): boolean {
  const facts = relations && Object.hasOwn(relations.facts, agentId) ? (relations.facts[agentId] ?? []) : [];
  return facts.some(({ kind, at }) => (kind === 'half' || kind === 'full') && at >= addedAt - SAME_ADD);
}

/** Why a member of such a status cannot be added, in the words of `MemberFault` where it has one; undefined: he can, or WeCom does not say. */
export function absenceOf(status: MemberStatus | 'absent'): string | undefined {
  return ABSENCES.get(status);
}

const ABSENCES: ReadonlyMap<MemberStatus | 'absent', string> = new Map([
  ['left', 'unknown-member'],
  ['absent', 'unknown-member'],
  ['disabled', 'disabled'],
  ['not-activated', 'not-activated'],
]);

/** Why who serves customers cannot be set aside any more. */
const MENDED_BY_SERVING = new Set([
  'unknown-member',
  'no-permission',
  'out-of-range',
  'disabled',
  'not-activated',
  'renamed',
]);

/** Whether a member was set aside for something that is over when he serves customers. */
export function isMended({ refused }: Pick<WayRecord, 'refused'>, agentId: string): boolean {
  const reason = Object.hasOwn(refused, agentId) ? refused[agentId]?.reason : undefined;
  return reason !== undefined && MENDED_BY_SERVING.has(reason);
}

/**
 * The members whom a way names, against those who may serve customers: who is missing and was not set aside yet, and who was and is there
 * again. WeCom: externalcontact/get_follow_user_list.
 */
export function membersMoved(
  way: ContactWay,
  record: Pick<WayRecord, 'refused'>,
  serving: ReadonlySet<string>,
): { readonly missing: string[]; readonly back: string[] } {
  const named = [...new Set([...way.members.map(({ agentId }) => agentId), ...way.backups])];
  return {
    missing: named.filter((agentId) => !serving.has(agentId) && !Object.hasOwn(record.refused, agentId)),
    back: named.filter((agentId) => serving.has(agentId) && isMended(record, agentId)),
  };
}

/** The handles of all codes that a way has at WeCom. */
export function codesOf({ code, members = {} }: Pick<WayRecord, 'code' | 'members'>): string[] {
  const all = [code, ...Object.values(members).map((member) => member.code)];
  return all.flatMap((one) => one?.configId ?? []);
}
