import { isDeepStrictEqual } from 'node:util';
import { type Clock, HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { InfrastructureError, isInfrastructureError } from '../platform/infrastructure.ts';
import { errorFields, log } from '../platform/log.ts';
import { count, duration } from '../platform/metrics.ts';
import { dayOf } from '../platform/wall-clock.ts';
import { type InboxPage, newEntries } from '../store/inbox.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import type { ContactWayStore } from './contact-way-store.ts';
import { decideList, nextDue, settlePush } from './decide-list.ts';
import type { AddCounts } from './eligibility.ts';
import { addCounts, cappedAcrossWays, foldWay, type House } from './fold-way.ts';
import type { OpeningStore } from './opening-store.ts';
import { type CodeApi, pushList } from './push-list.ts';
import { readAgain } from './read-again.ts';
import { removeCodes } from './remove-codes.ts';
import { showing, viewOf } from './show-openings.ts';
import { withoutSilentMembers } from './silent-members.ts';
import type { ContactWay } from './way.ts';
import { WayEntry } from './way-entries.ts';
import { hasCodes, type WayEffect, type WayRecord } from './way-record.ts';

/** How many entries are taken in at once: adds that come in a burst make one change of WeCom's list. */
const PAGE = 100;
/** From this many receives on, entries are tried one by one, so that a poisonous one is found (rule 4). */
const ONE_BY_ONE_FROM = 3;
const TRIES = 3;
/** SQS delays a message at most this long; due times further away are found by the sweep. */
const LONGEST_DELAY = 15 * MINUTE;
/** How many lists one invocation gives WeCom. */
const PUSHES = 20;
/** A code that was changed within this time leaves half of a minute's calls to the others. */
const RECENTLY = MINUTE;
const AGAIN_SOON = 2 * SECOND;
/** WeCom says nothing when a department changes. */
const PEOPLE_HOLD_FOR = HOUR;
/** Where WeCom did not answer. */
const PEOPLE_AGAIN_AFTER = MINUTE;

export interface RotateContactWays {
  readonly store: ContactWayStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stage: string;
  readonly zone: string;
  readonly openings: Pick<OpeningStore, 'show' | 'hide' | 'saveImage'>;
  contactFor(app: string): CodeApi & Pick<ContactApi, 'departmentMembers' | 'deleteLink'>;
  /** Whether the way is only observed: then WeCom's lists stay as they are. */
  observes(wayId: string): Promise<boolean>;
  /** Takes one of the app's calls of this minute; when it has none left, when there will be some. `again`: others go first. */
  takeCall(app: string, again: boolean): Promise<Instant | undefined>;
  /** The turns that the openings of a `link` way were given, by member. */
  linkTurns(wayId: string): Promise<Readonly<Record<string, number>>>;
  /** Where customers write to a kf account. Throws what WeCom's calls throw. */
  kfLink(openKfId: string, wayId: string): Promise<string>;
  /** A picture as the address of an `<img>`: the picture itself, or where it lies when it cannot be had. */
  imageOf(url: string): Promise<string>;
  publish(wayId: string, events: readonly Extract<WayEffect, { kind: 'publish' }>[]): Promise<void>;
  armTimer(wayId: string, dueAt: Instant): Promise<void>;
  wakeWay(wayId: string): Promise<void>;
  /** Lets operators see what was set aside, and why; ids and reasons only. */
  setAside(record: { wayId: string; entry: string; reason: string }): Promise<void>;
}

/**
 * A contact way's only writer: counts adds, gives turns, and makes WeCom's list what the rotation wants. Nothing is called unless
 * what WeCom has differs from what it should have. Throws only when our own infrastructure fails; when WeCom sleeps, the list is
 * parked with a timer (rule 19).
 */
export function rotateContactWays(room: RotateContactWays) {
  const { store, clock } = room;

  return async function rotate(wayId: string, receives = 1): Promise<void> {
    const oneByOne = receives >= ONE_BY_ONE_FROM;
    const found = await store.read(wayId, room.zone, clock());
    let { way, house, follows } = await configurationFor(found);
    let turns: Readonly<Record<string, number>> | undefined;
    const decide = async (folded: WayRecord): Promise<WayRecord> => {
      const now = clock();
      const today = following(foldWay(folded, [], way, house, now), follows);
      // Openings go on while this runs; those of now will do.
      if (way?.mode === 'link') turns ??= await room.linkTurns(wayId);
      const decided = way ? decideList(await withReadings(today, way, turns), way, house, now) : unconfigured(today);
      return showing(decided, way, house, now);
    };
    // What an earlier invocation saved may have been called already: WeCom is read before anything else is chosen (rule 12).
    const tried = new Set([found.push]);
    let record = await tell(found, { way, house, tried });
    for (let more = true, first = true; more; first = false) {
      const page = await store.inbox.unread(wayId, oneByOne ? 1 : PAGE);
      more = page.more || (oneByOne && page.entries.length > 0);
      const { entries, keys } = await readNews(record, page, oneByOne, first);
      if (keys.length === 0) continue;
      try {
        // Read after the entry that tells of it, so that no change is settled by an older configuration.
        if (entries.some(({ kind }) => kind === 'configured'))
          ({ way, house, follows } = await configurationFor(record));
        const folded = { ...foldWay(record, entries, way, house, clock()), folded: keys };
        record = await save(more ? folded : await decide(folded));
        await store.inbox.settle(wayId, keys, clock());
      } catch (error) {
        // Our own infrastructure says nothing about the entry that happened to be tried.
        if (oneByOne && isInfrastructureError(error)) await store.inbox.untried(wayId, keys);
        throw error;
      }
    }
    for (let pushes = 0; pushes < PUSHES; pushes += 1) {
      const decided = await decide(record);
      // Also saved when it was due and nothing came of it, or the sweep would find it overdue for ever.
      const wasDue = record.dueAt !== undefined && record.dueAt <= clock();
      const isNew = !isDeepStrictEqual(decided, record);
      if (isNew || wasDue || needsTimer(decided, clock())) record = await save(decided);
      if (record.pending.length === 0 && !isDue(record, way !== undefined, clock())) return;
      record = await tell(record, { way, house, tried });
    }
    // More than one invocation should do, or WeCom goes on refusing: the others' ways come first.
    await room.armTimer(wayId, clock() + AGAIN_SOON);
  };

  /** The way as it is configured now, and what is the same for all or comes from others. */
  async function configurationFor(record: WayRecord) {
    const { wayId } = record;
    const [way, settings] = await Promise.all([store.way(wayId), store.settings()]);
    const everywhere = { stage: room.stage, zone: room.zone, calendar: settings.calendar };
    const follows = way ? cappedAcrossWays(record, way, { ...everywhere, addsElsewhere: {} }, clock()) : [];
    const house: House = { ...everywhere, addsElsewhere: await addsElsewhere(wayId, follows) };
    return { way, house, follows };
  }

  async function readNews({ wayId, folded }: WayRecord, page: InboxPage, oneByOne: boolean, first: boolean) {
    const stored = await newEntries(store.inbox, wayId, folded, page, { first, at: clock() });
    const entries: WayEntry[] = [];
    const keys: string[] = [];
    for (const { entry, body } of stored) {
      // Written down before it is tried, so that a time-out or an exhausted memory counts too (rule 4).
      if (oneByOne && (await store.inbox.tried(wayId, entry)) > TRIES) {
        await setAside(wayId, entry);
        continue;
      }
      entries.push(WayEntry.parse(body));
      keys.push(entry);
    }
    return { entries, keys };
  }

  async function setAside(wayId: string, entry: string): Promise<void> {
    const reason = 'failed repeatedly';
    await room.setAside({ wayId, entry, reason });
    await store.inbox.setAside(wayId, entry, reason, clock());
    count('EntrySetAside', { queue: 'rotations' }, 1, [['queue'], []]);
    log.error('entry set aside', { wayId, entry, reason });
  }

  /** Tells what is pending, WeCom first, and saves what came of it. */
  async function tell(record: WayRecord, pass: Pass): Promise<WayRecord> {
    const { wayId, pending } = record;
    const next = isDue(record, pass.way !== undefined, clock()) ? await tellWeCom(record, pass) : record;
    const events = pending.filter((effect) => effect.kind === 'publish');
    if (events.length > 0) await room.publish(wayId, events);
    for (const effect of pending) {
      if (effect.kind === 'arm-timer') await room.armTimer(wayId, effect.dueAt);
      if (effect.kind === 'share-counts') await shareCounts(record, effect.agentIds);
      if (effect.kind === 'keep-image') await room.openings.saveImage(effect.name, await room.imageOf(effect.url));
    }
    // After its pictures.
    if (pending.some(({ kind }) => kind === 'show')) await show(record, pass);
    if (next === record && pending.length === 0) return record;
    return save({ ...next, pending: next.pending.filter((effect) => !pending.includes(effect)) });
  }

  async function addsElsewhere(wayId: string, agentIds: readonly string[]): Promise<AddCounts> {
    const day = dayOf(room.zone, clock());
    const counts = agentIds.map(
      async (agentId) => [agentId, await store.countsElsewhere(agentId, wayId, day)] as const,
    );
    return Object.fromEntries(await Promise.all(counts));
  }

  /** The counts as they are, so that a repeat says the same; then the ways whose caps they fill are woken. */
  async function shareCounts(record: WayRecord, agentIds: readonly string[]): Promise<void> {
    const { wayId, day, follows = [] } = record;
    const counts = addCounts(record);
    const followers = new Set<string>();
    for (const agentId of agentIds) {
      const { today = 0, total = 0 } = counts[agentId] ?? {};
      await store.shareCount(agentId, wayId, { day, today, total, follows: follows.includes(agentId) });
      for (const other of (await store.countsElsewhere(agentId, wayId, day)).followers) followers.add(other);
    }
    for (const other of followers) await room.wakeWay(other);
  }

  async function show(record: WayRecord, { way, house }: Pass): Promise<void> {
    if (way && record.opening) return room.openings.show(viewOf(record, way, house, clock()));
    return room.openings.hide(record.wayId, record.version);
  }

  /** One step of what WeCom should have: a list given, what was given read again, or the codes of a way that is gone removed. */
  async function tellWeCom(record: WayRecord, { way, tried }: Pass): Promise<WayRecord> {
    const { wayId, push, parkedTimes = 0, waitingSince, app = way?.app ?? 'main' } = record;
    const now = clock();
    if (await room.observes(wayId)) return lookedOn(record, tried, now);
    // Also while WeCom sleeps or the calls of the minute are used up: then the lag itself is known too late.
    if (waitingSince !== undefined) duration('RotationWaits', {}, now - waitingSince);
    const again = record.given !== undefined && record.given.at + RECENTLY > now;
    const busyUntil = await room.takeCall(app, again);
    if (busyUntil !== undefined) {
      count('ContactWaysDeferred');
      return { ...undecided(record, tried), parkedUntil: busyUntil, parkedBecause: 'calls-used-up' };
    }
    const calls = { contact: room.contactFor(app), stage: room.stage, clock, random: room.random };
    // Nobody wants a link of a way that is gone.
    if (!way && push?.link) {
      const { push: _, ...unwanted } = record;
      return unwanted;
    }
    if (!push) return way ? readAgain(calls, record) : removeCodes(calls, record);
    // Of a way that is gone the call is not made any more, but a code that it made is looked for.
    const stale = tried.has(push) || !way;
    tried.add(push);
    const code = push.whose === undefined ? record.code : record.members?.[push.whose]?.code;
    const task = { wayId, push, code, scene: way?.scene ?? 'code', tries: parkedTimes, stale };
    const outcome = await pushList(calls, task);
    log.info('list given', { wayId, outcome: outcome.is, count: push.content.users.length });
    // An add after which the list stays the same has no lag: it is settled when that is decided.
    if (outcome.is === 'done' && push.whose === undefined && waitingSince !== undefined) {
      duration('RotationLag', { mode: way?.mode ?? 'gone' }, clock() - waitingSince);
    }
    return settlePush(record, outcome, clock(), stale);
  }

  /** With what has to be read before a list can be decided. */
  async function withReadings(
    record: WayRecord,
    way: ContactWay,
    linkTurns: Readonly<Record<string, number>> | undefined,
  ): Promise<WayRecord> {
    const read = await withKfLink(await withPeople(record, way), way);
    return way.mode === 'link' && linkTurns ? withoutSilentMembers(read, linkTurns, clock()) : read;
  }

  /** With the people of the departments that the way names, asked for again after a while. */
  async function withPeople(record: WayRecord, way: ContactWay): Promise<WayRecord> {
    const named = way.departments.map(({ departmentId }) => String(departmentId));
    const { people, ...rest } = record;
    if (named.length === 0) return people ? rest : record;
    const asked = people !== undefined && named.every((id) => Object.hasOwn(people.byDepartment, id));
    if (asked && people.until > clock()) return record;
    // Who was there before stays until WeCom says something else.
    const before = people?.byDepartment ?? {};
    const byDepartment: Record<string, readonly string[]> = {};
    let holdsFor = PEOPLE_HOLD_FOR;
    for (const id of named) {
      try {
        byDepartment[id] = await room.contactFor(way.app).departmentMembers(Number(id));
      } catch (error) {
        if (!isOutage(error) && !(error instanceof WeComError)) throw error;
        log.warn('department not readable', { wayId: way.wayId, ...errorFields(error) });
        // A refusal is an answer: WeCom has no such department (60123), so nobody is in it.
        byDepartment[id] = (isOutage(error) ? before[id] : undefined) ?? [];
        if (isOutage(error)) holdsFor = PEOPLE_AGAIN_AFTER;
      }
    }
    return { ...record, people: { until: clock() + holdsFor, byDepartment } };
  }

  /** With the address of the kf account that is offered when nobody can take a customer; without it the page offers none. */
  async function withKfLink(record: WayRecord, way: ContactWay): Promise<WayRecord> {
    const account = way.mode === 'link' ? way.kfAccount : undefined;
    const known = record.kfLink?.account === account ? record.kfLink : undefined;
    if (account === undefined || known?.url !== undefined || (known?.retryAt ?? 0) > clock()) return record;
    const retryAt = clock() + HOUR;
    try {
      return { ...record, kfLink: { account, url: await room.kfLink(account, way.wayId), retryAt } };
    } catch (error) {
      if (!isOutage(error) && !(error instanceof WeComError)) throw error;
      log.warn('kf account has no link', { wayId: way.wayId, ...errorFields(error) });
      return { ...record, kfLink: { account, retryAt } };
    }
  }

  /** Saves on top of what was read, with the timer that the new state needs. */
  async function save(record: WayRecord): Promise<WayRecord> {
    const now = clock();
    const dueAt = needsTimer(record, now);
    const timed: WayRecord =
      dueAt === undefined
        ? record
        : { ...record, armedFor: dueAt, pending: [...record.pending, { kind: 'arm-timer', dueAt }] };
    const saved = await store.save(timed, now);
    if (!saved) throw new WaySavedByAnother(record.wayId);
    return saved;
  }
}

/** Of a way without configuration only its codes are removed; its adds still count. */
function unconfigured(record: WayRecord): WayRecord {
  const { validUntil: _, lookAt: __, people: ___, waitingSince: ____, ...rest } = record;
  return { ...rest, refused: {} };
}

/** With who is followed; a change of that is shared, so that other ways know whom to wake. */
function following(record: WayRecord, follows: readonly string[]): WayRecord {
  const before = record.follows ?? [];
  const agentIds = [...new Set([...before, ...follows])].filter(
    (one) => before.includes(one) !== follows.includes(one),
  );
  if (agentIds.length === 0) return record;
  return { ...record, follows, pending: [...record.pending, { kind: 'share-counts', agentIds }] };
}

/** What one invocation carries along. */
interface Pass {
  readonly way: ContactWay | undefined;
  readonly house: House;
  /** Pushes whose call may have been made. */
  readonly tried: Set<WayRecord['push']>;
}

/** Whether WeCom is to be called now; what has an unknown outcome rests as long as WeCom does. */
function isDue(record: WayRecord, configured: boolean, now: Instant): boolean {
  const { push, code, lookAt, parkedUntil = 0 } = record;
  if (parkedUntil > now) return false;
  if (push !== undefined) return true;
  return configured ? code !== undefined && lookAt !== undefined && lookAt <= now : hasCodes(record);
}

/** The due time for which a timer has to be armed now; one that SQS cannot reach yet is left to the sweep. */
function needsTimer(record: WayRecord, now: Instant): Instant | undefined {
  const due = nextDue(record, now);
  return due !== undefined && due <= now + LONGEST_DELAY && due !== record.armedFor ? due : undefined;
}

/** Another process saved this way first; what it left to tell is told by the redelivery. */
class WaySavedByAnother extends InfrastructureError {
  constructor(wayId: string) {
    super(`Contact way ${wayId} was saved by another process in the meantime.`);
  }
}

/** What was not called is decided anew when its time comes. */
function undecided(record: WayRecord, tried: ReadonlySet<unknown>): WayRecord {
  const { push, ...rest } = record;
  return push && !tried.has(push) ? rest : record;
}

/** The list that would have been given is only written down; whether we still only look on is asked again in a minute. */
function lookedOn(record: WayRecord, tried: ReadonlySet<unknown>, now: Instant): WayRecord {
  const { wayId, push } = record;
  if (push) log.info('list observed', { wayId, count: push.content.users.length });
  return { ...undecided(record, tried), parkedUntil: now + MINUTE, parkedBecause: OBSERVED };
}

/** As `waitsBecause` of the admin API. */
const OBSERVED = 'observed';
