import * as z from 'zod';
import type { Clock, Instant } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { type AccountDuty, type AccountDutyStore, EVERY_ACCOUNT, type Run } from '../wecom/account-duty.ts';
import { readJson } from './read-json.ts';

/** What the routes of accounts' duties need. */
export interface AdminAccountDuties {
  readonly duties: Pick<AccountDutyStore, 'duty' | 'observe' | 'begin'>;
  appOf(openKfId: string): Promise<string>;
  /** Has the run gone on with. A repeat is harmless. */
  goOn(app: string, openKfId: string, run: string): Promise<void>;
  newId(): string;
}

/** What an account is to be watched as. */
export const Observe = z.strictObject({ on: z.boolean() });

/** Whether an account is served, observed, taken over or released. What WeCom has to be asked for, a run does; these only begin it. */
export function accountDutyRoutes(room: AdminAccountDuties, clock: Clock): Readonly<Record<string, Route>> {
  /** Begun again while it runs, it is the same run; its signal may have been lost. */
  async function begin(openKfId: string, kind: Run['kind']) {
    if (openKfId === EVERY_ACCOUNT) return ONE_ACCOUNT;
    const app = await room.appOf(openKfId);
    const run = await room.duties.begin(openKfId, { id: room.newId(), kind, app, startedAt: clock() });
    await room.goOn(run.app, openKfId, run.id);
    return jsonAnswer(dutyView(openKfId, await room.duties.duty(openKfId)), 202);
  }

  return {
    'GET /accounts/{openKfId}/duty': async (_, { openKfId = '' }) =>
      jsonAnswer(dutyView(openKfId, await room.duties.duty(openKfId))),

    'POST /accounts/{openKfId}/observe': async ({ body }, { openKfId = '' }) => {
      const wish = Observe.safeParse(readJson(body));
      if (!wish.success) return problem(400, 'The body has to be {"on":true} or {"on":false}.');
      if (!(await room.duties.observe(openKfId, wish.data.on, clock()))) return BUSY;
      return jsonAnswer(dutyView(openKfId, await room.duties.duty(openKfId)));
    },

    'POST /accounts/{openKfId}/adopt': (_, { openKfId = '' }) => begin(openKfId, 'adopt'),
    'POST /accounts/{openKfId}/release': (_, { openKfId = '' }) => begin(openKfId, 'release'),
  };
}

function dutyView(account: string, { mode, since, servedFrom, run }: AccountDuty) {
  return {
    account,
    mode,
    ...(since !== undefined && { since: iso(since) }),
    ...(servedFrom !== undefined && { answersFrom: iso(servedFrom) }),
    ...(run && {
      run: {
        id: run.id,
        kind: run.kind,
        startedAt: iso(run.startedAt),
        done: run.doneAt !== undefined,
        steps: run.steps,
        customers: run.customers,
        withAgents: run.held,
        inPool: run.pooled,
        refused: run.refused,
      },
    }),
  };
}

const iso = (at: Instant): string => new Date(at).toISOString();

const BUSY = problem(409, 'The account is just being taken over or released; wait until that is done.');
const ONE_ACCOUNT = problem(400, 'One account at a time: name its open_kfid.');
