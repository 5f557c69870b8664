import { createHash } from 'node:crypto';
import { HOUR, type Instant } from '../platform/clock.ts';
import { WAY_REMARK_CHARACTERS } from '../wecom/contact-limits.ts';
import { wayState } from '../wecom/way-state.ts';
import { factsOf, type House } from './fold-way.ts';
import { rotate } from './rotate.ts';
import type { ContactWay } from './way.ts';
import {
  type CodeContent,
  type GivenList,
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
  | { readonly is: 'parked'; readonly until: Instant; readonly untouched: boolean }
  /** WeCom will not have it as it is; an operator has to look. */
  | { readonly is: 'refused'; readonly reason: string };

/** How long we wait after a refusal that only an operator can mend. */
const AGAIN_AFTER = HOUR;
const LAGS_KEPT = 100;

/**
 * What WeCom should have now. Where it differs from what WeCom has, it becomes the way's `push`; as long as the outcome of an earlier
 * one is open, nothing new is decided.
 */
export function decideList(record: WayRecord, way: ContactWay, house: House, now: Instant): WayRecord {
  const { validUntil: _, ...rest } = record;
  const rotation = rotate(factsOf(record, way, house, now));
  const timed: WayRecord = rotation.validUntil === undefined ? rest : { ...rest, validUntil: rotation.validUntil };
  const alarmed = withAlarm(timed, rotation.alarm, now);
  if (alarmed.push !== undefined || rotation.listed.length === 0) return alarmed;
  const content = contentOf(way, rotation.listed, house.stage);
  const hash = hashOf(content);
  if (alarmed.given?.hash === hash) {
    const { waitingSince: __, ...settled } = alarmed;
    return settled;
  }
  const mended = alarmed.trouble !== undefined && alarmed.trouble.hash !== hash;
  if ((alarmed.parkedUntil ?? 0) > now && !mended) return alarmed;
  return { ...alarmed, push: { content, hash, since: now } };
}

/** The record once the outcome of its push is known. */
export function settlePush(record: WayRecord, outcome: PushOutcome, now: Instant): WayRecord {
  const { push, parkedUntil: _, parkedTimes = 0, ...rest } = record;
  if (!push) return record;
  switch (outcome.is) {
    case 'done':
      return given(rest, push, outcome, now);
    case 'found':
      return { ...rest, code: codeOf(rest, outcome) };
    case 'not-there':
      return rest;
    case 'members-refused':
      return withRefused(rest, outcome.members, now);
    case 'parked': {
      const parked = { ...rest, parkedUntil: outcome.until, parkedTimes: parkedTimes + 1 };
      return outcome.untouched ? parked : { ...parked, push };
    }
    case 'refused':
      return withTrouble({ ...rest, parkedUntil: now + AGAIN_AFTER }, { reason: outcome.reason, hash: push.hash }, now);
  }
}

/** Two lists are the same when WeCom would do the same with them: it knows no order. */
export function hashOf({ users, remark, state, skipVerify }: CodeContent): string {
  const content = JSON.stringify([[...users].sort(), remark, state, skipVerify]);
  return createHash('sha256').update(content).digest('base64url');
}

/** The next moment at which this way has to be looked at, if nothing else happens. */
export function nextDue({ parkedUntil, validUntil, refused }: WayRecord, now: Instant): Instant | undefined {
  const retries = Object.values(refused).map(({ retryAt }) => retryAt);
  const dues = [parkedUntil, validUntil, ...retries].filter((due) => due !== undefined).filter((due) => due > now);
  return dues.length > 0 ? Math.min(...dues) : undefined;
}

function contentOf(way: ContactWay, users: readonly string[], stage: string): CodeContent {
  const remark = way.name.slice(0, WAY_REMARK_CHARACTERS);
  return { users, remark, state: wayState(stage, way.wayId), skipVerify: way.skipVerify };
}

function given(record: WayRecord, push: Push, done: Extract<PushOutcome, { is: 'done' }>, now: Instant): WayRecord {
  const { waitingSince, parkedTimes: _, trouble: __, ...rest } = record;
  const list: GivenList = { hash: push.hash, users: push.content.users, at: now };
  const lags = waitingSince === undefined ? [] : [now - waitingSince];
  // Whom WeCom takes again is no longer left out.
  const refused = Object.entries(record.refused).filter(([agentId]) => !list.users.includes(agentId));
  return {
    ...rest,
    refused: Object.fromEntries(refused),
    code: codeOf(record, done),
    given: list,
    lags: [...record.lags, ...lags].slice(-LAGS_KEPT),
  };
}

function codeOf(record: WayRecord, { configId, qrCodeUrl = record.code?.qrCodeUrl }: MadeCode): WeComCode {
  return { configId, ...(qrCodeUrl !== undefined && { qrCodeUrl }) };
}

type MadeCode = { readonly configId: string; readonly qrCodeUrl?: string | undefined };

function withAlarm(record: WayRecord, reason: string | undefined, now: Instant): WayRecord {
  const { alarm, ...calm } = record;
  if (reason === undefined) return calm;
  if (alarm === reason) return record;
  return withFact({ ...calm, alarm: reason }, 'way.alarmed.v1', now, { wayId: record.wayId, reason });
}

function withTrouble(record: WayRecord, trouble: { reason: string; hash: string }, now: Instant): WayRecord {
  if (record.trouble?.reason === trouble.reason) return { ...record, trouble };
  return withFact({ ...record, trouble }, 'way.alarmed.v1', now, { wayId: record.wayId, reason: trouble.reason });
}
