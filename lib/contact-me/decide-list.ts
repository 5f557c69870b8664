import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { factsOf, type House } from './fold-way.ts';
import { rotate } from './rotate.ts';
import { wantedCodes } from './wanted-codes.ts';
import type { ContactWay } from './way.ts';
import {
  type GivenList,
  hasCodes,
  type MemberCode,
  type Push,
  type WayRecord,
  type WeComCode,
  withFact,
  withRefused,
} from './way-record.ts';

/** What became of giving WeCom a list. */
export type PushOutcome =
  | { readonly is: 'done'; readonly configId: string; readonly qrCodeUrl?: string | undefined }
  /** Before repeating it WeCom was read, and has something else: what to give is decided again. */
  | { readonly is: 'not-there' }
  /** The code was made after all, but lists something else by now. */
  | { readonly is: 'found'; readonly configId: string; readonly qrCodeUrl?: string | undefined }
  /** WeCom refuses these members; without them the list may be good. */
  | { readonly is: 'members-refused'; readonly members: Readonly<Record<string, string>> }
  /** Try again then. `untouched`: this attempt certainly did nothing. */
  | { readonly is: 'parked'; readonly until: Instant; readonly because: string; readonly untouched: boolean }
  /** WeCom will not have it as it is; an operator has to look. */
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'linked'; readonly linkId: string; readonly url: string };

/** How long we wait after a refusal that only an operator can mend. */
const AGAIN_AFTER = HOUR;
const LAGS_KEPT = 100;
/** WeCom may carry out a call long after we gave up on its answer. */
const LOOK_AFTER = 2 * MINUTE;

/**
 * What WeCom should have now. Where it differs from what WeCom has, it becomes the way's `push`; as long as the outcome of an earlier
 * one is open, nothing new is decided.
 */
export function decideList(record: WayRecord, way: ContactWay, house: House, now: Instant): WayRecord {
  const { validUntil: _, ...rest } = record;
  const rotation = rotate(factsOf(record, way, house, now));
  const timed: WayRecord = rotation.validUntil === undefined ? rest : { ...rest, validUntil: rotation.validUntil };
  // Turns of a link are given by its openings, whoever its own code lists.
  const alarm = way.mode === 'link' && rotation.alarm === 'list-cut' ? undefined : rotation.alarm;
  const alarmed = withAlarm(timed, alarm, now);
  if (alarmed.push !== undefined) return alarmed;
  const { record: numbered, wanted } = wantedCodes(alarmed, way, rotation.listed, house, now);
  const [first] = wanted;
  const settled = rotation.listed.length > 0 && first?.whose !== undefined ? arrived(numbered) : numbered;
  if (!first) return rotation.listed.length > 0 ? arrived(settled) : settled;
  const { trouble } = settled;
  const mended = trouble !== undefined && trouble.whose === first.whose && trouble.hash !== first.hash;
  if ((settled.parkedUntil ?? 0) > now && !mended) return settled;
  // A code stays with the app that made it: no other one can change it.
  const app = hasCodes(settled) ? (settled.app ?? way.app) : way.app;
  return { ...settled, app, push: { ...first, since: now } };
}

/** WeCom's list is as it should be: no add waits for it any more. */
function arrived(record: WayRecord): WayRecord {
  const { waitingSince: _, ...settled } = record;
  return settled;
}

/**
 * The record once the outcome of its push is known. `stale`: it was known only after WeCom was read, so that the first call may still land:
 * the list is looked at again.
 */
export function settlePush(record: WayRecord, outcome: PushOutcome, now: Instant, stale = false): WayRecord {
  const { push, parkedUntil: _, parkedBecause: __, parkedTimes = 0, ...rest } = record;
  if (!push) return record;
  const { whose } = push;
  const looked = stale && whose === undefined ? { ...rest, lookAt: now + LOOK_AFTER } : rest;
  switch (outcome.is) {
    case 'done':
      return given(looked, push, outcome, now);
    case 'found':
      return whose === undefined
        ? { ...looked, code: codeOf(rest.code, outcome) }
        : withMember(looked, whose, { code: codeOf(undefined, outcome) });
    case 'linked':
      return withMember(rest, whose ?? '', { link: { linkId: outcome.linkId, url: outcome.url } });
    case 'not-there':
      return looked;
    case 'members-refused':
      return withRefused(rest, outcome.members, now);
    case 'parked': {
      const { until, because } = outcome;
      // The codes do not wait for a link.
      if (push.link) return { ...rest, linksRefused: { reason: because, retryAt: until } };
      const parked = { ...rest, parkedUntil: until, parkedBecause: because, parkedTimes: parkedTimes + 1 };
      return outcome.untouched ? parked : { ...parked, push };
    }
    case 'refused':
      return refused(rest, push, outcome.reason, now);
  }
}

/** What no list would change. */
const CONCERNS_ALL: ReadonlySet<string> = new Set(['too-many-codes', 'no-permission']);

/**
 * A member's own code was never printed, so a new one takes its place; where links are refused, the codes are shown; and whoever is refused
 * on a code of his own is left out, so that the others have theirs.
 */
function refused(record: WayRecord, push: Push, reason: string, now: Instant): WayRecord {
  const member = push.whose === undefined ? undefined : record.members?.[push.whose];
  if (push.link) return { ...record, linksRefused: { reason, retryAt: now + AGAIN_AFTER } };
  if (push.whose !== undefined && member && reason === 'code-gone') {
    const { code: _, hash: __, ...without } = member;
    return { ...record, members: { ...record.members, [push.whose]: without } };
  }
  if (push.whose !== undefined && !CONCERNS_ALL.has(reason)) return withRefused(record, { [push.whose]: reason }, now);
  return withTrouble({ ...record, parkedUntil: now + AGAIN_AFTER }, push, reason, now);
}

/** The next moment at which this way has to be looked at, if nothing else happens. */
export function nextDue(record: WayRecord, now: Instant): Instant | undefined {
  const { parkedUntil, validUntil, refused, lookAt, people, linksRefused, kfLink } = record;
  const retries = Object.values(refused).map(({ retryAt }) => retryAt);
  const link = kfLink?.url === undefined ? kfLink?.retryAt : undefined;
  const moments = [parkedUntil, validUntil, lookAt, people?.until, linksRefused?.retryAt, link, ...retries];
  const dues = moments.filter((due) => due !== undefined).filter((due) => due > now);
  return dues.length > 0 ? Math.min(...dues) : undefined;
}

function given(record: WayRecord, push: Push, done: MadeCode, now: Instant): WayRecord {
  if (push.whose !== undefined)
    return withMember(record, push.whose, { code: codeOf(undefined, done), hash: push.hash });
  const { waitingSince, parkedTimes: _, trouble, ...rest } = record;
  const list: GivenList = { hash: push.hash, users: push.content.users, at: now };
  const lags = waitingSince === undefined ? [] : [now - waitingSince];
  // Whom WeCom takes again is no longer left out.
  const refused = Object.entries(record.refused).filter(([agentId]) => !list.users.includes(agentId));
  const next = {
    ...rest,
    refused: Object.fromEntries(refused),
    code: codeOf(record.code, done),
    given: list,
    lags: [...record.lags, ...lags].slice(-LAGS_KEPT),
  };
  const told = isSameList(record.given, list)
    ? next
    : withFact(next, 'rotation.changed.v1', now, { wayId: record.wayId, agentIds: list.users });
  return trouble ? withCalm(told, trouble.reason, now) : told;
}

const isSameList = (before: GivenList | undefined, { users }: GivenList): boolean =>
  before?.users.length === users.length && users.every((agentId) => before.users.includes(agentId));

/** With what is known of a member's own code and link. */
function withMember(record: WayRecord, agentId: string, change: Partial<MemberCode>): WayRecord {
  const before = record.members?.[agentId];
  if (!before) return record;
  const { parkedTimes: _, ...rest } = record;
  const code = change.code && codeOf(before.code, change.code);
  const member = { ...before, ...change, ...(code && { code }) };
  return { ...rest, members: { ...record.members, [agentId]: member } };
}

function codeOf(known: WeComCode | undefined, { configId, qrCodeUrl = known?.qrCodeUrl }: MadeCode): WeComCode {
  const kept = known?.configId === configId && known.imageKept;
  return { configId, ...(qrCodeUrl !== undefined && { qrCodeUrl }), ...(kept && { imageKept: true }) };
}

type MadeCode = { readonly configId: string; readonly qrCodeUrl?: string | undefined };

function withAlarm(record: WayRecord, reason: string | undefined, now: Instant): WayRecord {
  const { alarm, ...calm } = record;
  if (alarm === reason) return record;
  const over = alarm === undefined ? calm : withCalm(calm, alarm, now);
  if (reason === undefined) return over;
  return withFact({ ...over, alarm: reason }, 'way.alarmed.v1', now, { wayId: record.wayId, reason });
}

function withCalm(record: WayRecord, reason: string, now: Instant): WayRecord {
  return withFact(record, 'way.calmed.v1', now, { wayId: record.wayId, reason });
}

function withTrouble(record: WayRecord, push: Push, reason: string, now: Instant): WayRecord {
  const { hash, whose } = push;
  const trouble = { reason, hash, ...(whose !== undefined && { whose }) };
  if (record.trouble?.reason === reason) return { ...record, trouble };
  return withFact({ ...record, trouble }, 'way.alarmed.v1', now, { wayId: record.wayId, reason });
}
