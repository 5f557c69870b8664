import { DAY, HOUR, type Instant } from '../platform/clock.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import type { AddKind } from './adds.ts';
import { NO_TURNS, type Turns } from './turns.ts';

/** What a contact way's writer keeps of it. The configuration lies beside it, and is written by others. */
export interface WayRecord {
  readonly wayId: string;
  readonly version: number;
  /** The day of the figures called `today`. */
  readonly day: Day;
  readonly figures: Readonly<Record<string, MemberFigures>>;
  readonly turns: Turns;
  /** How many of each one's adds have a turn. */
  readonly turned: Readonly<Record<string, number>>;
  /** Members with caps across ways, of whose adds elsewhere this way is told. */
  readonly follows?: readonly string[];
  /** Adds that went to somebody whose turn it was not: WeCom chose, or the customer scanned before the list moved on. */
  readonly elsewhere: number;
  readonly duty: Readonly<Record<string, 'on' | 'off'>>;
  /** Members whom WeCom refuses in a list, and until when they are left out. */
  readonly refused: Readonly<Record<string, RefusedMember>>;
  /** Who is in the departments that the way names, as WeCom said last. */
  readonly people?: DepartmentPeople;
  /** The app that its codes belong to. */
  readonly app?: string;
  /** WeCom's code. Without one, none was made yet. */
  readonly code?: WeComCode;
  /** `link`: each member's own code and link, by agent; whoever once had a number keeps it. */
  readonly members?: Readonly<Record<string, MemberCode>>;
  /** `link`: how many adds each member had, and how many turns he had been given when the last of them came. */
  readonly lastAdds?: Readonly<Record<string, { readonly adds: number; readonly turns: number }>>;
  /** WeCom makes no acquisition links: the codes are shown instead, and it is asked again then. */
  readonly linksRefused?: { readonly reason: string; readonly retryAt: Instant };
  /** `link`: where the kf account is written to, or when to ask for it again. */
  readonly kfLink?: { readonly account: string; readonly url?: string; readonly retryAt: Instant };
  /** `link`: what openings are shown. */
  readonly opening?: { readonly revision: number; readonly facts: string; readonly shown: string };
  /** What WeCom certainly has. */
  readonly given?: GivenList;
  /** What WeCom is being given: saved before the call, so that whoever finds it knows that the call may have been made. */
  readonly push?: Push;
  /** WeCom's time of the oldest add after which WeCom's list has not moved on yet. */
  readonly waitingSince?: Instant;
  /** The latest rotation lags, in milliseconds: from an add until WeCom confirmed the list that follows from it. */
  readonly lags: readonly number[];
  /** What somebody has to see to; told once for as long as it lasts. */
  readonly alarm?: string;
  /** Why WeCom did not take a list for good, and which; told once, and tried again when another is wanted. */
  readonly trouble?: { readonly reason: string; readonly hash: string; readonly whose?: string };
  /** WeCom sleeps or limits us: nothing is called before. */
  readonly parkedUntil?: Instant;
  readonly parkedTimes?: number;
  /** From then on WeCom's list is to be read and compared with what it was given. */
  readonly lookAt?: Instant;
  /** From then on time alone may change who is next. */
  readonly validUntil?: Instant;
  readonly armedFor?: Instant;
  /** Entries that the last save took in; they may not be marked as handled yet. */
  readonly folded: readonly string[];
  /** Counts the way's events. */
  readonly sequence: number;
  readonly pending: readonly WayEffect[];
}

/** Adds and losses of one member. */
export type Figures = Readonly<Record<AddKind | 'lost', number>>;

export interface MemberFigures {
  readonly today: Figures;
  readonly total: Figures;
}

export interface RefusedMember {
  readonly reason: string;
  readonly since: Instant;
  readonly retryAt: Instant;
}

export interface DepartmentPeople {
  readonly at: Instant;
  readonly byDepartment: Readonly<Record<string, readonly string[]>>;
}

export interface WeComCode {
  readonly configId: string;
  readonly qrCodeUrl?: string;
  /** Its picture is kept, or being kept. */
  readonly imageKept?: true;
}

/** `number` tells the codes of one way apart in WeCom's `state`. `hash` is what WeCom certainly has. */
export interface MemberCode {
  readonly number: number;
  readonly code?: WeComCode;
  readonly hash?: string;
  readonly link?: { readonly linkId: string; readonly url: string };
}

export interface GivenList {
  readonly hash: string;
  readonly users: readonly string[];
  readonly at: Instant;
}

/** Everything of a code that we own. */
export interface CodeContent {
  readonly users: readonly string[];
  readonly remark: string;
  readonly state: string;
  readonly skipVerify: boolean;
}

export interface Push {
  /** A member's own; absent, the code of the way. */
  readonly whose?: string;
  /** An acquisition link instead of a code. */
  readonly link?: true;
  readonly content: CodeContent;
  readonly hash: string;
  /** When it was saved: a code that it made is no older. */
  readonly since: Instant;
}

/** What is told after the save that holds it. */
export type WayEffect =
  | {
      readonly kind: 'publish';
      readonly id: string;
      readonly type: string;
      readonly sequence: number;
      readonly at: Instant;
      readonly data: object;
    }
  | { readonly kind: 'arm-timer'; readonly dueAt: Instant }
  /** Openings are to see the record as it is. */
  | { readonly kind: 'show' }
  /** WeCom's picture of a code is to be kept, so that our page loads nothing from elsewhere. */
  | { readonly kind: 'keep-image'; readonly name: string; readonly url: string }
  /** Lets other ways of these members know how many adds they have here. */
  | { readonly kind: 'share-counts'; readonly agentIds: readonly string[] };

export const NO_FIGURES: Figures = { new: 0, again: 0, 'already-served': 0, lost: 0 };

export const addsIn = (figures: Figures): number => figures.new + figures.again + figures['already-served'];

export function emptyRecord(wayId: string, zone: string, now: Instant): WayRecord {
  return {
    wayId,
    version: 0,
    day: dayOf(zone, now),
    figures: {},
    turns: NO_TURNS,
    turned: {},
    elsewhere: 0,
    duty: {},
    refused: {},
    lags: [],
    folded: [],
    sequence: 0,
    pending: [],
  };
}

/** With one more fact to publish. Its id follows from the way and the count of its events, so that a repeat has the same. */
export function withFact(record: WayRecord, type: string, at: Instant, data: object): WayRecord {
  const sequence = record.sequence + 1;
  const fact = { kind: 'publish' as const, id: `way#${record.wayId}#${sequence}`, type, sequence, at, data };
  return { ...record, sequence, pending: [...record.pending, fact] };
}

/**
 * How long a refused member is left out before WeCom is asked again: first an hour, then as long again as he has been refused, a day at
 * most. Whoever left the company is refused for ever, and each try costs calls on every code that names him.
 */
const LEFT_OUT_FOR = { least: HOUR, most: DAY };

/** With members left out for a while, by reason. Each is told once for as long as the reason stays. */
export function withRefused(record: WayRecord, members: Readonly<Record<string, string>>, now: Instant): WayRecord {
  let next = record;
  for (const [agentId, reason] of Object.entries(members)) {
    const known = Object.hasOwn(record.refused, agentId) ? record.refused[agentId] : undefined;
    const goesOn = known?.reason === reason;
    const since = goesOn ? known.since : now;
    const wait = Math.min(LEFT_OUT_FOR.most, Math.max(LEFT_OUT_FOR.least, now - since));
    const refusal = { reason, since, retryAt: now + wait };
    next = { ...next, refused: { ...next.refused, [agentId]: refusal } };
    if (!goesOn) next = withFact(next, 'member.refused.v1', now, { wayId: record.wayId, agentId, reason });
  }
  return next;
}
