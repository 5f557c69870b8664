import { type Clock, MINUTE } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactApi, WayScene } from '../wecom/contact-api.ts';
import { ContactFieldError } from '../wecom/contact-limits.ts';
import { type MemberFault, memberFault, saysNoSuchWay, saysTooManyWays } from '../wecom/contact-refusals.ts';
import { GateClosed, isOutage, MissingAppSecret, parkedUntil, WeComError, WeComUnreachable } from '../wecom/errors.ts';
import { TRIAL_STATE } from '../wecom/way-state.ts';
import type { PushOutcome } from './decide-list.ts';
import { hashOf } from './wanted-codes.ts';
import type { CodeContent, Push, WeComCode } from './way-record.ts';

/** What a list asks of WeCom. */
export type CodeApi = Pick<
  ContactApi,
  'createWay' | 'readWay' | 'listWays' | 'updateWay' | 'deleteWay' | 'followUsers' | 'memberStatus' | 'createLink'
>;

export interface PushRoom {
  readonly contact: CodeApi;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface PushTask {
  readonly wayId: string;
  readonly push: Push;
  readonly code: WeComCode | undefined;
  readonly scene: WayScene;
  /** How often it was parked before. */
  readonly tries: number;
  /** The push was saved by an earlier invocation, which may have made the call: WeCom is read before anything else (rule 12). */
  readonly stale: boolean;
}

/**
 * Gives WeCom a list: updates the code, or makes it when there is none. Throws only what has nothing to do with WeCom.
 * WeCom: externalcontact/add_contact_way, externalcontact/update_contact_way.
 */
export async function pushList(room: PushRoom, task: PushTask): Promise<PushOutcome> {
  const { contact } = room;
  const { push, code, wayId } = task;
  try {
    // A link made twice costs nothing, and nobody sees the other one.
    if (push.link) {
      const { state: name, users, skipVerify } = push.content;
      return { is: 'linked', ...(await contact.createLink({ name, users, skipVerify })) };
    }
    if (task.stale) return await readBack(contact, task);
    if (code) {
      await contact.updateWay(code.configId, push.content);
      count('ContactWaysUpdated');
      return { is: 'done', configId: code.configId };
    }
    const made = await contact.createWay({ ...push.content, scene: task.scene });
    log.info('contact way made', { wayId });
    return { is: 'done', ...made };
  } catch (error) {
    // Before isOutage: one member without permission has the same errcode as an app without it.
    const fault = memberFault(error);
    if (fault) return explainRefusal(room, task, fault);
    if (isOutage(error)) return parked(room, error, task);
    if (saysNoSuchWay(error)) return { is: 'refused', reason: 'code-gone' };
    if (saysTooManyWays(error)) return { is: 'refused', reason: 'too-many-codes' };
    if (error instanceof ContactFieldError) return { is: 'refused', reason: `bad-${error.field}` };
    if (!(error instanceof WeComError)) throw error;
    log.error('contact way refused', { wayId, api: error.api, errcode: error.errcode });
    return { is: 'refused', reason: `errcode-${error.errcode}` };
  }
}

/** What came of a call whose outcome nobody knows. */
async function readBack(contact: CodeApi, { push, code }: PushTask): Promise<PushOutcome> {
  if (!code) return findMade(contact, push);
  const there = await contact.readWay(code.configId);
  if (!there) return { is: 'refused', reason: 'code-gone' };
  return isSame(there, push) ? { is: 'done', configId: code.configId } : { is: 'not-there' };
}

/**
 * The code that the lost call may have made, by its state, which no other code has. WeCom lists codes by the time at which they were made,
 * so that few have to be read.
 */
async function findMade(contact: CodeApi, push: Push): Promise<PushOutcome> {
  for (const configId of await contact.listWays(push.since - MINUTE)) {
    const way = await contact.readWay(configId);
    if (way?.state !== push.content.state || !way.several) continue;
    // Whatever it lists, it is ours. What it should list is compared next.
    const { qrCodeUrl } = way;
    return isSame(way, push) ? { is: 'done', configId, qrCodeUrl } : { is: 'found', configId, qrCodeUrl };
  }
  return { is: 'not-there' };
}

function isSame(there: CodeContent & { readonly departments: readonly number[] }, { hash }: Push): boolean {
  return there.departments.length === 0 && hashOf(there) === hash;
}

/** An outage, as far as this call is concerned. Whoever has read back knows no more than before. */
function parked({ clock, random }: PushRoom, error: unknown, { tries, stale }: PushTask): PushOutcome {
  const mayHaveActed = !(error instanceof GateClosed || error instanceof MissingAppSecret) && !saysNo(error);
  const until = parkedUntil(error, clock(), tries, random());
  return { is: 'parked', until, untouched: !stale && !mayHaveActed };
}

/** WeCom answered that it did not do it. Its "system busy" (-1) leaves that open. */
function saysNo(error: unknown): boolean {
  if (error instanceof WeComError) return error.errcode !== -1;
  return error instanceof WeComUnreachable && !error.mayHaveActed;
}

/**
 * Which members are meant: WeCom does not say. First by what WeCom knows of each; where that does not tell (a missing real name), by
 * codes that nobody ever sees, never by the printed one.
 */
async function explainRefusal(room: PushRoom, task: PushTask, fault: MemberFault): Promise<PushOutcome> {
  const { contact } = room;
  const { users } = task.push.content;
  try {
    const serving = new Set(await contact.followUsers());
    // Nobody at all may serve: then it is the app that lacks the permission, and no member is at fault.
    if (serving.size === 0) return { is: 'refused', reason: 'no-permission' };
    const members: Record<string, string> = {};
    // Those who may serve are asked about only when it is none of the others: a list has up to a hundred members.
    const suspects = users.filter((agentId) => !serving.has(agentId));
    for (const agentId of suspects.length > 0 ? suspects : users) {
      const status = await contact.memberStatus(agentId);
      if (status !== 'active') members[agentId] = status === 'absent' || status === 'left' ? 'unknown-member' : status;
      else if (!serving.has(agentId)) members[agentId] = 'no-permission';
    }
    if (Object.keys(members).length === 0) {
      for (const agentId of await refusedOf(contact, task.push.content, users)) members[agentId] = fault;
    }
    count('ContactWayMembersRefused', { fault }, Object.keys(members).length);
    if (Object.keys(members).length === 0) return { is: 'refused', reason: fault };
    return { is: 'members-refused', members };
  } catch (error) {
    if (!isOutage(error)) throw error;
    return { is: 'parked', until: parkedUntil(error, room.clock(), task.tries, room.random()), untouched: true };
  }
}

/** Those whom WeCom refuses on a code, found by halves on codes that are deleted at once. */
async function refusedOf(contact: CodeApi, content: CodeContent, users: readonly string[]): Promise<string[]> {
  if (users.length === 1) return (await isTaken(contact, content, users)) ? [] : [...users];
  if (await isTaken(contact, content, users)) return [];
  const middle = Math.ceil(users.length / 2);
  return [
    ...(await refusedOf(contact, content, users.slice(0, middle))),
    ...(await refusedOf(contact, content, users.slice(middle))),
  ];
}

async function isTaken(contact: CodeApi, content: CodeContent, users: readonly string[]): Promise<boolean> {
  try {
    const { configId } = await contact.createWay({ ...content, state: TRIAL_STATE, users, scene: 'code' });
    await contact.deleteWay(configId);
    return true;
  } catch (error) {
    if (memberFault(error)) return false;
    throw error;
  }
}
