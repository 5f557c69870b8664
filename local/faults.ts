import type { OutsideCall } from './outside-call.ts';

/** What can happen to a call on its way. */
export type Fault =
  /** The calling environment dies before the call gets out. */
  | { readonly kind: 'kill-before' }
  /** The call is carried out; the calling environment dies before it hears of it. */
  | { readonly kind: 'kill-after' }
  /** The connection is reset, nothing is carried out. */
  | { readonly kind: 'refuse' }
  /** The call is carried out, then the connection is reset. */
  | { readonly kind: 'lose-answer' }
  /** The call waits for `ms` milliseconds of real time, then goes on. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing is carried out; this is the answer. A body that is no text is sent as JSON. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Nothing is carried out; the service says that it is asked too often, in its own words. */
  | { readonly kind: 'throttle' }
  /**
   * An eventually consistent read that finds nothing yet. Reads that ask for consistency never match. With `ms`, every
   * matching read is stale for that long (real milliseconds) after the rule was added, unless `times` says otherwise.
   */
  | { readonly kind: 'stale'; readonly ms?: number }
  /** A batch of which the last part (half of a table's keys, one message, one event) is not carried out, and said so. */
  | { readonly kind: 'partial-batch' };

/** When a fault happens. What is left out matches everything. */
export interface FaultRule {
  readonly function?: string;
  readonly service?: string;
  readonly action?: string;
  readonly match?: (call: OutsideCall) => boolean;
  /** How many matching calls pass before the first fault; 0 unless said. */
  readonly skip?: number;
  /** How many calls get the fault; 1 unless said. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface AddedFault {
  remove(): void;
  /** How many calls got the fault. */
  readonly hits: number;
}

export interface Faults {
  add(rule: FaultRule): AddedFault;
  clear(): void;
}

const STALE_READS = new Set(['Query', 'GetItem', 'BatchGetItem', 'Scan']);
const BATCHES = new Set(['BatchGetItem', 'BatchWriteItem', 'SendMessageBatch', 'PutEvents']);

/** @returns the rules, and `choose`, which says what happens to a call and counts it */
export function createFaults(): Faults & { choose(call: OutsideCall): Fault | undefined } {
  interface Added {
    readonly rule: FaultRule;
    readonly since: number;
    skipped: number;
    hits: number;
  }
  let added: Added[] = [];

  function isDue(one: Added, call: OutsideCall): boolean {
    const { rule, since } = one;
    const staleFor = rule.fault.kind === 'stale' ? rule.fault.ms : undefined;
    if (one.hits >= (rule.times ?? (staleFor === undefined ? 1 : Number.POSITIVE_INFINITY))) return false;
    if (staleFor !== undefined && performance.now() - since > staleFor) return false;
    if (!applies(rule, call)) return false;
    if (one.skipped < (rule.skip ?? 0)) {
      one.skipped++;
      return false;
    }
    return true;
  }

  return {
    add(rule) {
      const one: Added = { rule, since: performance.now(), skipped: 0, hits: 0 };
      added.push(one);
      return {
        remove() {
          added = added.filter((other) => other !== one);
        },
        get hits() {
          return one.hits;
        },
      };
    },
    clear() {
      added = [];
    },
    choose(call) {
      const due = added.find((one) => isDue(one, call));
      if (due) due.hits++;
      return due?.rule.fault;
    },
  };
}

function applies({ function: name, service, action, match, fault }: FaultRule, call: OutsideCall): boolean {
  if (name !== undefined && name !== call.function) return false;
  if (service !== undefined && service !== call.service) return false;
  if (action !== undefined && action !== call.action) return false;
  if (fault.kind === 'stale' && !mayBeStale(call)) return false;
  if (fault.kind === 'partial-batch' && !BATCHES.has(call.action)) return false;
  return match?.(call) ?? true;
}

function mayBeStale({ service, action, request }: OutsideCall): boolean {
  if (service !== 'dynamodb' || !STALE_READS.has(action)) return false;
  const body: Readonly<Record<string, unknown>> = Object(request);
  if (action !== 'BatchGetItem') return body.ConsistentRead !== true;
  return Object.values(Object(body.RequestItems)).every((table) => Object(table).ConsistentRead !== true);
}
