import * as z from 'zod';
import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import type { Agent, Team } from '../routing/agent.ts';
import {
  type AlsoServing,
  compareServicers,
  conversationsHeld,
  type ListedServicer,
  servicersWanted,
} from '../routing/servicers.ts';
import { WeComError } from '../wecom/errors.ts';
import type { KfApi } from '../wecom/kf-api.ts';
import type { ServicerApi } from '../wecom/servicer-api.ts';
import { isAboutServicer, servicerRefusal } from '../wecom/servicer-refusals.ts';
import { pageOf } from './paging.ts';
import { readJson } from './read-json.ts';
import { answering } from './wecom-answers.ts';
import { wrongBody } from './wrong-body.ts';

/** What the routes of servicers ask of the rooms. */
export interface AdminServicers {
  configured(): Promise<{
    agents: readonly Agent[];
    teams: readonly Team[];
    accounts: readonly { openKfId: string; teamId: string }[];
  }>;
  /** Whom the replies of an account name beside its team. */
  alsoServing(): Promise<(openKfId: string) => AlsoServing>;
  /** Who is asked for, also those whom the configuration does not name any more. */
  agents(agentIds: readonly string[]): Promise<readonly Agent[]>;
  /** WeCom, with the app that serves this account; without an account, the one that accounts have unless told otherwise. */
  kfOf(openKfId?: string): Promise<Pick<KfApi, 'listServicers' | 'listAccounts'> & ServicerApi>;
  /** Somebody is on the list of an account now; whether he receives, WeCom says later. */
  noteAdded(agentId: string, openKfId: string, at: Instant): Promise<void>;
}

/** The gateway waits no longer than the function lives; what is left then is done by the next call. */
const WORK_FOR = 8 * SECOND;

export const ServicersWish = z.strictObject({ remove: z.array(z.string().min(1).max(64)).max(2000).default([]) });

type Done = 'added' | 'removed' | 'not-there' | 'wanted' | 'holds-conversations' | 'refused';

/** Who serves which customer service account in WeCom, beside who should. Only functions have the address that WeCom trusts. */
export function servicerRoutes(room: AdminServicers, clock: Clock): Readonly<Record<string, Route>> {
  async function look(openKfId: string) {
    const kf = await room.kfOf(openKfId);
    const { agents, teams, accounts } = await room.configured();
    const entries = await kf.listServicers(openKfId);
    const listed = entries.flatMap((entry): ListedServicer[] => ('agentId' in entry ? [entry] : []));
    const departments = entries.flatMap((entry) => ('departmentId' in entry ? [entry.departmentId] : []));
    const wanted = servicersWanted({ teams, accounts }, openKfId, (await room.alsoServing())(openKfId));
    const left = new Set(agents.filter((agent) => agent.left).map(({ agentId }) => agentId));
    return { kf, wanted: wanted?.filter((agentId) => !left.has(agentId)), listed, departments };
  }

  async function heldBy(agentIds: readonly string[], openKfId: string): Promise<ReadonlyMap<string, number>> {
    const agents = agentIds.length > 0 ? await room.agents(agentIds) : [];
    return new Map(agents.map((agent) => [agent.agentId, conversationsHeld(agent, openKfId)]));
  }

  return {
    /** The accounts that the app sees, so that somebody knows what `*` stands for. */
    'GET /accounts': (request) =>
      answering(async () => {
        const kf = await room.kfOf();
        const [listed, { accounts, teams }] = await Promise.all([kf.listAccounts(), room.configured()]);
        const also = await room.alsoServing();
        const shown = listed.map(({ openKfId, managed }) => ({
          id: openKfId,
          // WeCom does not say it to every app.
          managed: managed ?? true,
          served: servicersWanted({ teams, accounts }, openKfId, also(openKfId)) !== undefined,
        }));
        const page = pageOf(request, shown, ({ id }) => id);
        if ('status' in page) return page;
        return jsonAnswer({ accounts: page.items, ...(page.next !== undefined && { next: page.next }) });
      }),

    'GET /accounts/{openKfId}/servicers': (_, { openKfId = '' }) =>
      answering(async () => {
        const { wanted, listed, departments } = await look(openKfId);
        const { missing, surplus } = compareServicers(wanted ?? [], listed);
        const held = await heldBy(surplus, openKfId);
        return jsonAnswer({
          account: openKfId,
          served: wanted !== undefined,
          wanted: wanted ?? [],
          actual: listed.map(({ agentId, status }) => ({ id: agentId, status })),
          // They have no status, so nobody can be given a customer by them.
          departments,
          missing,
          surplus: surplus.map((agentId) => ({ id: agentId, holds: held.get(agentId) ?? 0 })),
        });
      }),

    /** Adds who is missing, and takes out whom `remove` names, one by one. May be repeated; `more` says that it has to be. */
    'POST /accounts/{openKfId}/servicers': ({ body }, { openKfId = '' }) =>
      answering(async () => {
        const wish = ServicersWish.safeParse(body.byteLength === 0 ? {} : readJson(body));
        if (!wish.success) return wrongBody(wish.error, '{"remove":["userid", …]}, or nothing');
        const until = clock() + WORK_FOR;
        const { kf, wanted, listed } = await look(openKfId);
        if (!wanted) return NOBODYS_ACCOUNT;
        const { missing } = compareServicers(wanted, listed);
        const remove = [...new Set(wish.data.remove.map((agentId) => agentId.trim().toLowerCase()))];
        const held = await heldBy(remove, openKfId);
        const known = new Set(listed.map(({ agentId }) => agentId));
        const results: object[] = [];
        const note = (id: string, what: Done, errcode = 0) => results.push(resultOf(id, what, errcode));

        const jobs = [
          ...missing.map((id) => async () => {
            if (await change(() => kf.addServicer(openKfId, id), id, 'added', note)) {
              await room.noteAdded(id, openKfId, clock());
            }
          }),
          ...remove.map((id) => async () => {
            if (wanted.includes(id)) return note(id, 'wanted');
            if (!known.has(id)) return note(id, 'not-there');
            if ((held.get(id) ?? 0) > 0) return note(id, 'holds-conversations');
            await change(() => kf.removeServicer(openKfId, id), id, 'removed', note);
          }),
        ];
        const done = await workThrough(jobs, until);
        return jsonAnswer({ account: openKfId, results, more: done < jobs.length });
      }),
  };

  async function workThrough(jobs: readonly (() => Promise<unknown>)[], until: Instant): Promise<number> {
    let done = 0;
    for (const job of jobs) {
      // One at least, so that repeating comes to an end.
      if (done > 0 && clock() >= until) break;
      await job();
      done += 1;
    }
    return done;
  }
}

/** True when it is done. */
async function change(
  call: () => Promise<{ errcode: number }>,
  id: string,
  what: Done,
  note: (id: string, what: Done, errcode?: number) => void,
): Promise<boolean> {
  const errcode = await errcodeOf(call);
  if (errcode === 0) note(id, what);
  else note(id, 'refused', errcode);
  return errcode === 0;
}

/** WeCom answers one person whom it does not take in the list, or for the whole call. */
async function errcodeOf(call: () => Promise<{ errcode: number }>): Promise<number> {
  try {
    return (await call()).errcode;
  } catch (error) {
    if (error instanceof WeComError && isAboutServicer(error.errcode)) return error.errcode;
    throw error;
  }
}

function resultOf(id: string, what: Done, errcode: number): object {
  const words = what === 'refused' ? servicerRefusal(errcode) : WORDS[what];
  return { id, what, ...(errcode !== 0 && { errcode }), ...(words && { reason: words }) };
}

const WORDS: Readonly<Partial<Record<Done, { zh: string; en: string }>>> = {
  'holds-conversations': {
    zh: '仍有未结束的会话，未移除：请先转接或结束',
    en: 'still holds conversations, so stays: hand them over or end them first',
  },
  wanted: { zh: '配置需要此人，未移除', en: 'the configuration wants this person, so stays' },
};

const NOBODYS_ACCOUNT = problem(
  404,
  'No team serves this account, so nobody is wanted there. Name it in the accounts of a team and apply the configuration.',
);
