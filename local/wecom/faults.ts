import type { Fields } from './fields.ts';

/** What a fault's predicate may look at. */
export interface SeenCall {
  readonly method: string;
  /** Such as `/cgi-bin/kf/send_msg`. */
  readonly path: string;
  readonly body: Fields;
}

export interface HowOften {
  /** The next so many calls. Default 1, or without end when `untilMs` is given. */
  times?: number;
  /** Up to this time of the simulator's clock. */
  untilMs?: number;
  when?: (call: SeenCall) => boolean;
}

export type Often = number | HowOften;

/** A fault that was switched on: how often it struck, and its switch. */
export interface Fault {
  readonly hits: number;
  clear(): void;
}

export type NativeReception = 'off' | 'pool' | 'person';

/** A path is written as `kf/send_msg`, `/cgi-bin/kf/send_msg` or `*`. Everything lasts until it is used up or cleared. */
export interface Faults {
  /** -1, system busy. */
  busy(path?: string, often?: Often): Fault;
  answer(path: string, errcode: number, often?: Often): Fault;
  /** 45009. */
  rateLimit(path: string, often?: Often): Fault;
  /** 45033. */
  parallel(path: string, often?: Often): Fault;
  /** All tokens that are out answer 42001 from now on. */
  expireTokens(): void;
  /** All tokens that are out answer 40014 from now on. */
  invalidateTokens(): void;
  /** Every connection is reset, until {@link up}. The control paths stay. */
  down(): void;
  up(): void;
  /** Acts at once and answers after `ms`; with `actsLate` it also acts only then. Without `often`: all calls. */
  slow(path: string, ms: number, often?: Often, actsLate?: boolean): Fault;
  /** Acts, then drops the connection instead of answering. */
  loseAnswer(path: string, often?: Often): Fault;
  /** Accepts a message, does not deliver it, and tells so by a `msg_send_fail` event. */
  sendFails(failType: number, often?: Often): Fault;
  /** `service_state/trans` to this person (or `*`) is refused with 95014, 95019, 60253 … */
  refuseServicer(userid: string, errcode: number, often?: Often): Fault;
  /** A contact way or link with this member on its list is refused, whatever is wrong with him. */
  refuseMember(userid: string, errcode: number, often?: Often): Fault;
  /** WeCom's own rules send new sessions to the pool or to a receiving servicer. */
  nativeReception(mode: NativeReception): void;
  readonly callbacks: CallbackFaults;
  readonly pages: PageFaults;
  clear(): void;
}

export interface CallbackFaults {
  /** The next callback is sent `extra` times more. */
  repeat(extra: number): void;
  /** The next callback arrives after the one that follows it. */
  reorder(): void;
  /** Every callback leaves so much later; 0 ends it. */
  delay(ms: number): void;
  /** No callback leaves until it is released: what happens meanwhile is known all at once. */
  hold(): void;
  release(): void;
  /** The next `times` callbacks are never sent. */
  drop(times?: number): void;
}

export interface PageFaults {
  /** The next pull finds an empty page with `has_more` 1. */
  emptyPageFirst(times?: number): void;
  /** The next pull gets the account's last page once more. */
  repeatPage(times?: number): void;
  /** No page is longer; undefined ends it. */
  pageSize(items: number | undefined): void;
}

type Kind = 'answer' | 'slow' | 'loseAnswer' | 'sendFails' | 'refuseServicer' | 'refuseMember';

interface Rule {
  kind: Kind;
  /** A path, or a userid for `refuseServicer` and `refuseMember`. */
  on: string;
  value: number;
  actsLate: boolean;
  left: number;
  untilMs: number;
  when: (call: SeenCall) => boolean;
  hits: number;
}

/** The same faults as the simulator asks for them. */
export interface FaultBoard extends Faults {
  isDown(): boolean;
  /** Uses up one hit of the first rule that fits. */
  strike(kind: Kind, on: string, call: SeenCall): { value: number; actsLate: boolean } | undefined;
  reception(): NativeReception;
  nextCallback(): {
    extra: number;
    behindNext: boolean;
    delayMs: number;
    dropped: boolean;
    held: Promise<void> | undefined;
  };
  nextPage(): { empty: boolean; repeated: boolean; size: number };
}

export function faultBoard(now: () => number, endTokens: (errcode: number) => void): FaultBoard {
  let rules: Rule[] = [];
  let down = false;
  let reception: NativeReception = 'off';
  const callbacks = { extra: 0, behindNext: false, delayMs: 0, drops: 0 };
  let held: PromiseWithResolvers<void> | undefined;
  const release = () => {
    held?.resolve();
    held = undefined;
  };
  const pages = { empty: 0, repeated: 0, size: Number.POSITIVE_INFINITY };

  const add = (kind: Kind, on: string, value: number, often: Often, actsLate = false): Fault => {
    const how = typeof often === 'number' ? { times: often } : often;
    const untilMs = how.untilMs ?? Number.POSITIVE_INFINITY;
    const left = how.times ?? (how.untilMs === undefined ? 1 : Number.POSITIVE_INFINITY);
    const rule: Rule = { kind, on, value, actsLate, left, untilMs, when: how.when ?? (() => true), hits: 0 };
    rules.push(rule);
    return {
      get hits() {
        return rule.hits;
      },
      clear() {
        rule.left = 0;
      },
    };
  };

  return {
    busy: (path = '*', often = 1) => add('answer', pathOf(path), -1, often),
    answer: (path, errcode, often = 1) => add('answer', pathOf(path), errcode, often),
    rateLimit: (path, often = 1) => add('answer', pathOf(path), 45009, often),
    parallel: (path, often = 1) => add('answer', pathOf(path), 45033, often),
    expireTokens: () => endTokens(42001),
    invalidateTokens: () => endTokens(40014),
    down: () => {
      down = true;
    },
    up: () => {
      down = false;
    },
    slow: (path, ms, often = Number.POSITIVE_INFINITY, actsLate = false) =>
      add('slow', pathOf(path), ms, often, actsLate),
    loseAnswer: (path, often = 1) => add('loseAnswer', pathOf(path), 0, often),
    sendFails: (failType, often = 1) => add('sendFails', '*', failType, often),
    refuseServicer: (userid, errcode, often = 1) => add('refuseServicer', userid.toLowerCase(), errcode, often),
    refuseMember: (userid, errcode, often = 1) => add('refuseMember', userid.toLowerCase(), errcode, often),
    nativeReception: (mode) => {
      reception = mode;
    },
    callbacks: {
      repeat: (extra) => {
        callbacks.extra = extra;
      },
      reorder: () => {
        callbacks.behindNext = true;
      },
      delay: (ms) => {
        callbacks.delayMs = ms;
      },
      hold: () => {
        held ??= Promise.withResolvers<void>();
      },
      release,
      drop: (times = 1) => {
        callbacks.drops = times;
      },
    },
    pages: {
      emptyPageFirst: (times = 1) => {
        pages.empty = times;
      },
      repeatPage: (times = 1) => {
        pages.repeated = times;
      },
      pageSize: (items) => {
        pages.size = items ?? Number.POSITIVE_INFINITY;
      },
    },
    clear() {
      rules = [];
      down = false;
      reception = 'off';
      release();
      Object.assign(callbacks, { extra: 0, behindNext: false, delayMs: 0, drops: 0 });
      Object.assign(pages, { empty: 0, repeated: 0, size: Number.POSITIVE_INFINITY });
    },
    isDown: () => down,
    strike(kind, on, call) {
      const rule = rules.find(
        (one) =>
          one.kind === kind &&
          (one.on === '*' || one.on === on) &&
          one.left > 0 &&
          now() < one.untilMs &&
          one.when(call),
      );
      if (rule === undefined) return undefined;
      rule.left -= 1;
      rule.hits += 1;
      return { value: rule.value, actsLate: rule.actsLate };
    },
    reception: () => reception,
    nextCallback() {
      const { extra, behindNext, delayMs } = callbacks;
      const dropped = callbacks.drops > 0;
      if (dropped) {
        callbacks.drops -= 1;
        return { extra: 0, behindNext: false, delayMs, dropped, held: undefined };
      }
      callbacks.extra = 0;
      callbacks.behindNext = false;
      return { extra, behindNext, delayMs, dropped, held: held?.promise };
    },
    nextPage() {
      const empty = pages.empty > 0;
      if (empty) pages.empty -= 1;
      const repeated = !empty && pages.repeated > 0;
      if (repeated) pages.repeated -= 1;
      return { empty, repeated, size: pages.size };
    },
  };
}

function pathOf(path: string): string {
  return path === '*' || path.startsWith('/') ? path : `/cgi-bin/${path}`;
}
