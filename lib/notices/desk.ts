import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { isOn, NO_CALENDAR, nextEdge } from '../platform/shifts.ts';
import { KINDS, type Notice, type NoticeKind } from './notice.ts';
import { type Line, type Saying, sayAll } from './say.ts';
import type { NoticeTerms, Supervisor } from './supervisor.ts';

/** What one supervisor has been told in the last hour, and is still to be told. Plain data. */
export interface Desk {
  readonly supervisorId: string;
  /** Counts the writes. */
  readonly version: number;
  /** What is still to be told, one for each key. */
  readonly pending: readonly Gathered[];
  /** The messages of the last hour. */
  readonly told: readonly { readonly at: Instant; readonly keys: readonly string[] }[];
  /** A message of which nobody knows yet whether WeCom took it. */
  readonly telling?: Telling | undefined;
  /** The events that were taken in last. */
  readonly heard: readonly string[];
}

/** Several notices of one key. */
export interface Gathered extends Pick<Notice, 'key' | 'kind' | 'teamId' | 'wayId' | 'reason' | 'closesAt'> {
  readonly since: Instant;
  /** How many events. */
  readonly events: number;
  /** What they are about, each once, and no more of them than MOST_ABOUT. */
  readonly about: readonly string[];
  /** Events for each member. */
  readonly agents: Readonly<Record<string, number>>;
}

export interface Telling {
  readonly id: string;
  readonly text: string;
  /** Who began to send it is given until then; afterwards somebody else tries. */
  readonly retryAt: Instant;
  readonly tries: number;
}

const MOST_ABOUT = 100;
/** All of them fit into one message. */
const MOST_AGENTS = 10;
const MOST_HEARD = 100;
/** Longer than the function may run. */
const SENDING_TAKES = MINUTE;

export function emptyDesk(supervisorId: string): Desk {
  return { supervisorId, version: 0, pending: [], told: [], heard: [] };
}

/** Takes in what happened. The same event a second time changes nothing. Pure. */
export function hear(desk: Desk, notice: Notice): Desk {
  if (desk.heard.includes(notice.eventId)) return desk;
  const known = desk.pending.find(({ key }) => key === notice.key);
  const gathered = gather(known, notice);
  return {
    ...desk,
    heard: [...desk.heard, notice.eventId].slice(-MOST_HEARD),
    pending: known ? desk.pending.map((one) => (one === known ? gathered : one)) : [...desk.pending, gathered],
  };
}

function gather(known: Gathered | undefined, notice: Notice): Gathered {
  const { key, kind, teamId, wayId, agentId, reason } = notice;
  const about = known?.about ?? [];
  const closings = [known?.closesAt, notice.closesAt].filter((at) => at !== undefined);
  return {
    key,
    kind,
    ...(teamId !== undefined && { teamId }),
    ...(wayId !== undefined && { wayId }),
    ...(reason !== undefined && { reason }),
    ...(closings.length > 0 && { closesAt: Math.min(...closings) }),
    since: Math.min(known?.since ?? notice.at, notice.at),
    events: (known?.events ?? 0) + 1,
    about: about.includes(notice.about) || about.length >= MOST_ABOUT ? about : [...about, notice.about],
    agents: countAgent(known?.agents ?? {}, agentId),
  };
}

function countAgent(agents: Readonly<Record<string, number>>, agentId: string | undefined) {
  if (agentId === undefined) return agents;
  const before = Object.hasOwn(agents, agentId) ? (agents[agentId] ?? 0) : 0;
  if (before === 0 && Object.keys(agents).length >= MOST_AGENTS) return agents;
  return { ...agents, [agentId]: before + 1 };
}

/** What deciding has to know. `lines`: who waits now, by team; a team that is missing is not known. */
export interface Situation {
  readonly supervisor: Supervisor;
  readonly terms: NoticeTerms;
  readonly zone: string;
  readonly now: Instant;
  readonly lines: ReadonlyMap<string, Line>;
}

/**
 * Decides whether to write to the supervisor now, and what. Everything that is due goes into one message; `telling` of the answer is to be
 * sent when `sends`. Pure.
 */
export function decide(before: Desk, situation: Situation): { desk: Desk; sends: boolean } {
  const { now, lines } = situation;
  const told = before.told.filter(({ at }) => at > now - HOUR);
  // Whoever waited has been served meanwhile: there is nothing to do about it any more.
  const pending = before.pending.filter(
    ({ kind, teamId }) => kind !== 'waiting' || lines.get(teamId ?? '')?.count !== 0,
  );
  const desk: Desk =
    told.length < before.told.length || pending.length < before.pending.length ? { ...before, told, pending } : before;
  if (desk.telling) return again(desk, desk.telling, now);
  const due = inOrder(pending.filter((one) => dueAt(one, desk, situation) <= now));
  if (due.length === 0) return { desk, sends: false };
  const said = sayAll(due, saying(situation));
  const keys = due.slice(0, said.count).map(({ key }) => key);
  const telling = { id: `${desk.version}`, text: said.text, retryAt: now + SENDING_TAKES, tries: 0 };
  const left = pending.filter(({ key }) => !keys.includes(key));
  return { desk: { ...desk, pending: left, told: [...told, { at: now, keys }], telling }, sends: true };
}

function again(desk: Desk, telling: Telling, now: Instant): { desk: Desk; sends: boolean } {
  if (telling.retryAt > now) return { desk, sends: false };
  const next = { ...telling, retryAt: now + SENDING_TAKES, tries: telling.tries + 1 };
  return { desk: { ...desk, telling: next }, sends: true };
}

function saying({ supervisor, terms, zone, now, lines }: Situation): Saying {
  return { language: supervisor.language, zone, now, lines, ...(terms.link !== undefined && { link: terms.link }) };
}

function inOrder(due: readonly Gathered[]): Gathered[] {
  return due.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.since - b.since);
}

/** When to look at this desk again; undefined while nothing is left to do. */
export function lookAgainAt(desk: Desk, situation: Situation): Instant | undefined {
  const due = desk.telling ? [desk.telling.retryAt] : desk.pending.map((one) => dueAt(one, desk, situation));
  const next = Math.min(...due);
  return Number.isFinite(next) ? next : undefined;
}

/** When this may be told: gathered long enough, within the limits, and not in quiet hours. */
function dueAt({ key, kind }: Gathered, { told }: Desk, { supervisor, terms, zone, now }: Situation): Instant {
  const same = told.filter(({ keys }) => keys.includes(key)).map(({ at }) => at);
  const gatheredAt = same.length > 0 ? Math.max(...same) + terms.mergeMinutes * MINUTE : now;
  const ofKind = told.filter(({ keys }) => keys.some((one) => kindOf(one) === kind)).map(({ at }) => at);
  const all = told.map(({ at }) => at);
  const due = Math.max(now, gatheredAt, freeAt(ofKind, terms.perHourOfAKind), freeAt(all, terms.perHour));
  const { quiet } = supervisor;
  if (!quiet || !isOn(quiet, NO_CALENDAR, zone, due)) return due;
  // Somebody who is never not quiet is never told.
  return nextEdge(quiet, NO_CALENDAR, zone, due) ?? Number.POSITIVE_INFINITY;
}

const kindOf = (key: string): NoticeKind | undefined => KINDS.find((kind) => key.startsWith(`${kind}#`));

/** When one more fits into any hour. */
function freeAt(times: readonly Instant[], perHour: number): Instant {
  const first = times.toSorted((a, b) => a - b).at(-perHour);
  return times.length >= perHour && first !== undefined ? first + HOUR : Number.NEGATIVE_INFINITY;
}

/** The message went out, or never will. */
export function settled(desk: Desk, id: string): Desk {
  return desk.telling?.id === id ? { ...desk, telling: undefined } : desk;
}

/** WeCom sleeps; the same message is sent again at `retryAt`. */
export function putOff(desk: Desk, id: string, retryAt: Instant): Desk {
  return desk.telling?.id === id ? { ...desk, telling: { ...desk.telling, retryAt } } : desk;
}
