import * as z from 'zod';
import { DAY, type Instant, SECOND } from '../platform/clock.ts';
import { absent, all, any, equals, present, type Table } from '../store/table.ts';
import { type AccountDuty, type AccountDutyStore, EVERY_ACCOUNT, Run } from './account-duty.ts';

/** What lies there: `duty#<openKfId>`, beside `adopted#<run>#<customer>` for whom a run has taken in. */
const Item = z.object({
  mode: z.enum(['serves', 'observes', 'adopting', 'released']),
  servedFrom: z.number().optional(),
  since: z.number().optional(),
  runId: z.string().optional(),
  runKind: z.enum(['adopt', 'release']).optional(),
  runApp: z.string().optional(),
  startedAt: z.number().optional(),
  doneAt: z.number().optional(),
  steps: z.number().default(0),
  cursor: z.string().optional(),
  customers: z.number().default(0),
  held: z.number().default(0),
  pooled: z.number().default(0),
  refused: z.number().default(0),
});

/** WeCom gives three days again; who was taken in is remembered longer than a run can take. */
const REMEMBERED = 4 * DAY;

export function accountDutyStore(table: Table): AccountDutyStore {
  const keyOf = (openKfId: string) => ({ id: `duty#${openKfId}` });
  const markOf = (run: string, customerId: string) => ({ id: `adopted#${run}#${customerId}` });
  const wholeSecond = (at: Instant): Instant => Math.floor(at / SECOND) * SECOND;

  async function read(openKfId: string): Promise<AccountDuty | undefined> {
    const item = await table.get(keyOf(openKfId), { consistent: true });
    return item && dutyIn(item);
  }

  return {
    async duty(openKfId) {
      return (await read(openKfId)) ?? (await read(EVERY_ACCOUNT)) ?? { mode: 'serves' };
    },

    async observe(openKfId, observes, at) {
      // WeCom's times are whole seconds: what is written in this very second is still answered.
      const served = observes ? {} : { servedFrom: wholeSecond(at) };
      const change = { set: { mode: observes ? 'observes' : 'serves', since: at, ...served } };
      const idle = any(absent('mode'), present('doneAt'), absent('runId'));
      return (await table.update(keyOf(openKfId), change, { condition: idle })) !== undefined;
    },

    async begin(openKfId, { id, kind, app, startedAt }) {
      const set = {
        mode: kind === 'adopt' ? 'adopting' : 'released',
        since: startedAt,
        ...(kind === 'adopt' && { servedFrom: wholeSecond(startedAt) }),
        ...{ runId: id, runKind: kind, runApp: app, startedAt, steps: 0, customers: 0, held: 0, pooled: 0, refused: 0 },
      };
      const other = kind === 'adopt' ? 'release' : 'adopt';
      const free = any(absent('runId'), present('doneAt'), equals('runKind', other));
      const begun = await table.update(
        keyOf(openKfId),
        { set, remove: ['cursor', 'doneAt'] },
        { condition: free, returning: 'after' },
      );
      const run = begun ? dutyIn(begun).run : (await read(openKfId))?.run;
      if (!run) throw new TypeError('A run that was begun has to be there.');
      return run;
    },

    async advance(openKfId, { id, steps }, { cursor, ...counts }) {
      const change = { ...(cursor !== undefined && { set: { cursor } }), add: { steps: 1, ...counts } };
      const condition = all(equals('runId', id), equals('steps', steps), absent('doneAt'));
      return (await table.update(keyOf(openKfId), change, { condition })) !== undefined;
    },

    async finish(openKfId, { id, kind }, at) {
      const set = { doneAt: at, ...(kind === 'adopt' && { mode: 'serves', since: at }) };
      const condition = all(equals('runId', id), absent('doneAt'));
      return (await table.update(keyOf(openKfId), { set }, { condition })) !== undefined;
    },

    async isTakenIn(run, customerId) {
      return (await table.get(markOf(run, customerId), { consistent: true })) !== undefined;
    },

    async noteTakenIn(run, customerId, at) {
      const expiresAt = Math.ceil((at + REMEMBERED) / SECOND);
      await table.update(markOf(run, customerId), { set: { expiresAt } });
    },
  };
}

function dutyIn(item: unknown): AccountDuty {
  const { mode, servedFrom, since, runId, runKind, runApp, ...rest } = Item.parse(item);
  const run = Run.safeParse({ ...rest, id: runId, kind: runKind, app: runApp });
  return {
    mode,
    ...(servedFrom !== undefined && { servedFrom }),
    ...(since !== undefined && { since }),
    ...(run.success && { run: run.data }),
  };
}
