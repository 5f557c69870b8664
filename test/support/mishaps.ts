import { InfrastructureError } from '../../lib/platform/infrastructure.ts';
import type { Queue } from '../../lib/platform/queues.ts';
import type { Table } from '../../lib/store/table.ts';
import type { KfApi } from '../../lib/wecom/kf-api.ts';

/** What happens to a call that leaves the process: a table's write, a queue's send, WeCom, the bus. */
export type Harm = 'dies-before' | 'dies-after' | 'fails-before' | 'fails-after';

class Died extends Error {
  override readonly name = 'Died';
}
export const isDeath = (error: unknown): boolean => error instanceof Died;
class Throttled extends InfrastructureError {}

/** Outside calls, counted, and harmed on demand. A process that died does nothing any more, not even reading, until it is replaced. */
export function mishaps() {
  let calls = 0;
  let dead = false;
  let harmed = 0;
  const harms = new Map<number, Harm>();
  const troubled = new Map<string, () => boolean>();
  const watchers = new Map<string, () => void>();

  async function outside<T>(act: () => Promise<T>, place: string): Promise<T> {
    if (dead) throw new Died();
    calls += 1;
    const harm = harms.get(calls);
    harms.delete(calls);
    if (harm === 'dies-before' || harm === 'fails-before') fall(harm);
    for (const [where, whenever] of troubled) if (place.startsWith(where) && whenever()) throw new Throttled(place);
    watchers.get(place)?.();
    const answer = await act();
    if (harm === 'dies-after' || harm === 'fails-after') fall(harm);
    return answer;
  }

  function fall(harm: Harm): never {
    harmed += 1;
    if (harm.startsWith('fails')) throw new Throttled(harm);
    dead = true;
    throw new Died();
  }

  async function alive<T>(read: () => Promise<T>): Promise<T> {
    if (dead) throw new Died();
    return read();
  }

  return {
    outside,
    /** A table whose writes are outside calls. */
    watched: (table: Table): Table => ({
      ...table,
      get: (...asked) => alive(() => table.get(...asked)),
      getMany: (...asked) => alive(() => table.getMany(...asked)),
      query: (...asked) => alive(() => table.query(...asked)),
      put: (...asked) => outside(() => table.put(...asked), `${table.shape.name} put ${asked[0].entry}`),
      update: (...asked) => outside(() => table.update(...asked), table.shape.name),
      delete: (...asked) => outside(() => table.delete(...asked), table.shape.name),
    }),
    sender: <Message>(queue: Queue<Message>, name: string): Queue<Message> => ({
      send: (...asked) => outside(() => queue.send(...asked), name),
      sendMany: (...asked) => outside(() => queue.sendMany(...asked), name),
    }),
    overTheWire: (theirs: KfApi): KfApi => ({
      syncMessages: (asked) => outside(() => theirs.syncMessages(asked), 'wecom'),
      sendMessage: (asked) => outside(() => theirs.sendMessage(asked), 'wecom'),
      sendOnEvent: (asked) => outside(() => theirs.sendOnEvent(asked), 'wecom'),
      readSession: (...asked) => outside(() => theirs.readSession(...asked), 'wecom'),
      readEntrances: (...asked) => outside(() => theirs.readEntrances(...asked), 'wecom'),
      moveSession: (...asked) => outside(() => theirs.moveSession(...asked), 'wecom'),
      listServicers: (...asked) => outside(() => theirs.listServicers(...asked), 'wecom'),
      listAccounts: () => outside(() => theirs.listAccounts(), 'wecom'),
    }),
    isDead: () => dead,
    replace: () => {
      dead = false;
    },
    countAnew: () => {
      calls = 0;
    },
    /** How many calls were harmed so far. */
    harmed: () => harmed,
    controls: {
      /** The n-th outside call from now on is harmed. */
      harm(n: number, harm: Harm): void {
        harms.set(calls + n, harm);
      },
      /**
       * Every outside call to this place (a table, a queue, `bus`, `wecom`, `dead-letters`; of a table also `routing put line#`)
       * fails while this says so.
       */
      trouble(place: string, whenever: (() => boolean) | undefined): void {
        if (whenever) troubled.set(place, whenever);
        else troubled.delete(place);
      },
      /** Something else that happens before every call to this place. */
      onCall(place: string, happens: (() => void) | undefined): void {
        if (happens) watchers.set(place, happens);
        else watchers.delete(place);
      },
      harmless(): void {
        harms.clear();
        troubled.clear();
      },
      outsideCalls: () => calls,
    },
  };
}
