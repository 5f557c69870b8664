import type { Fault } from '../../local/faults.ts';
import type { OutsideCall } from '../../local/outside-call.ts';
import type { Yard } from './yard.ts';

const READS = new Set([
  'GetItem',
  'Query',
  'BatchGetItem',
  '/cgi-bin/kf/sync_msg',
  '/cgi-bin/kf/service_state/get',
  '/cgi-bin/kf/servicer/list',
]);

/** Where a function can die, and how. `nth` counts the function's calls from 1. */
export interface Death {
  readonly function: string;
  readonly nth: number;
  readonly fault: Extract<Fault, { kind: 'kill-before' | 'kill-after' }>;
  /** For the report: `route-message dies after 7 dynamodb PutItem`. */
  readonly says: string;
}

/** Runs something and returns the calls that functions made meanwhile. */
export async function callsOf(yard: Yard, run: () => Promise<void>): Promise<OutsideCall[]> {
  const before = yard.stack.calls.length;
  await run();
  return yard.stack.calls.slice(before);
}

/**
 * The deaths that these calls offer: before and after every call. A call that only reads leaves nothing behind, so there one
 * death is enough. With `afterChanges`, only those after a call that changed something: just before the next call the
 * world is the same, and long stories would take minutes.
 */
export function deathsIn(calls: readonly OutsideCall[], which: 'all' | 'afterChanges' = 'all'): Death[] {
  const counted = new Map<string, number>();
  return calls.flatMap((call) => {
    const nth = (counted.get(call.function) ?? 0) + 1;
    counted.set(call.function, nth);
    return kindsFor(call, which).map((kind) => ({
      function: call.function,
      nth,
      fault: { kind },
      says: `${call.function} dies ${kind === 'kill-before' ? 'before' : 'after'} its call ${nth}, ${call.service} ${call.action}`,
    }));
  });
}

function kindsFor({ action }: OutsideCall, which: 'all' | 'afterChanges'): Death['fault']['kind'][] {
  if (READS.has(action)) return which === 'all' ? ['kill-before'] : [];
  return which === 'all' ? ['kill-before', 'kill-after'] : ['kill-after'];
}
