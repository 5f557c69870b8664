import type { Clock } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import { type Desk, decide, hear, lookAgainAt, putOff, type Situation, settled, type Telling } from './desk.ts';
import { type BusNews, type Notice, noticeOf } from './notice.ts';
import type { NoticesStore } from './notices-store.ts';
import type { Line } from './say.ts';
import { concerns, type NoticeSettings, type Supervisor } from './supervisor.ts';

export interface NoticesRoom {
  readonly store: Pick<NoticesStore, 'read' | 'save' | 'wasHeard' | 'noteHeard'>;
  readonly clock: Clock;
  readonly zone: string;
  /** As they were a moment ago. */
  settings(): Promise<NoticeSettings>;
  /** Who waits for a team now. */
  lineOf(teamId: string): Promise<Line>;
  /** The app's AgentId; undefined when `WECOM_SECRETS` does not have it. */
  agentIdOf(app: string): number | undefined;
  /** Sends a text to one member. See `sendAppMessage`. */
  send(
    app: string,
    message: { agentId: number; users: readonly string[]; text: string },
  ): Promise<{ invalidUsers: readonly string[] }>;
  /** A number in [0, 1). */
  random(): number;
}

/** An hour or two: what happened meanwhile is gathered, and more worth telling. */
const GIVE_UP_AFTER = 60;
/** So often two processes write to one desk at once before something is wrong. */
const TRIES = 10;

/**
 * Tells supervisors in WeCom what went wrong. Each has a desk that gathers, keeps the limits, and remembers what is being told: decide,
 * save, tell, settle. A message whose sending was interrupted is sent again by whoever looks at the desk next, and WeCom shows it once.
 *
 * `hear` takes an event of the bus, `look` wakes one supervisor's desk. Both throw when a store does not answer; everything may be repeated.
 */
export function notifySupervisors(room: NoticesRoom) {
  const { store, clock } = room;
  let missingSaid = false;

  /** The AgentId, or undefined when nothing can be sent; then it says once what is missing. */
  function senderOf(app: string): number | undefined {
    const agentId = room.agentIdOf(app);
    if (agentId === undefined && !missingSaid) {
      missingSaid = true;
      log.error('Supervisors are told nothing: the app has no agentId in WECOM_SECRETS', { app });
    }
    return agentId;
  }

  async function hearNews(news: BusNews): Promise<void> {
    const notice = noticeOf(news);
    if (!notice) return;
    const settings = await room.settings();
    const concerned = settings.supervisors.filter((one) => concerns(one, notice.teamId));
    if (concerned.length === 0 || senderOf(settings.terms.app) === undefined) return;
    if (await store.wasHeard(notice.eventId)) return;
    const attended = await Promise.allSettled(concerned.map((one) => attend(one, settings, notice)));
    for (const one of attended) if (one.status === 'rejected') throw one.reason;
    await store.noteHeard(notice.eventId, clock());
  }

  async function look(supervisorId: string): Promise<void> {
    const settings = await room.settings();
    const supervisor = settings.supervisors.find(({ id }) => id === supervisorId);
    if (!supervisor) return clear(supervisorId);
    if (senderOf(settings.terms.app) !== undefined) await attend(supervisor, settings);
  }

  /** Somebody who is no supervisor any more has nothing to be told. */
  async function clear(supervisorId: string): Promise<void> {
    await change(supervisorId, (desk) => ({ desk: { ...desk, pending: [], telling: undefined }, lookAt: undefined }));
  }

  async function attend(supervisor: Supervisor, settings: NoticeSettings, notice?: Notice): Promise<void> {
    let sends = false;
    let situation: Situation | undefined;
    const saved = await change(supervisor.id, async (before) => {
      const heard = notice ? hear(before, notice) : before;
      const { terms } = settings;
      situation = { supervisor, terms, zone: room.zone, now: clock(), lines: await linesFor(heard) };
      const decided = decide(heard, situation);
      sends = decided.sends;
      return { desk: decided.desk, lookAt: lookAgainAt(decided.desk, situation) };
    });
    if (sends && saved.telling && situation) await tell(saved.telling, settings.terms.app, situation);
  }

  /** Who waits for the teams of which something is to be said. */
  async function linesFor({ pending }: Desk): Promise<Map<string, Line>> {
    const teams = new Set(
      pending.flatMap(({ kind, teamId }) => (kind === 'waiting' && teamId !== undefined ? [teamId] : [])),
    );
    return new Map(await Promise.all([...teams].map(async (teamId) => [teamId, await room.lineOf(teamId)] as const)));
  }

  async function tell(telling: Telling, app: string, situation: Situation): Promise<void> {
    const { id } = situation.supervisor;
    const retryAt = await send(telling, app, id);
    await change(id, (desk) => {
      const after = retryAt === undefined ? settled(desk, telling.id) : putOff(desk, telling.id, retryAt);
      return { desk: after, lookAt: lookAgainAt(after, { ...situation, now: clock() }) };
    });
  }

  /** When to send it again; undefined when it went out, or never will. */
  async function send({ text, tries }: Telling, app: string, supervisorId: string): Promise<number | undefined> {
    const agentId = room.agentIdOf(app);
    if (agentId === undefined) return undefined;
    try {
      const { invalidUsers } = await room.send(app, { agentId, users: [supervisorId], text });
      if (invalidUsers.length === 0) {
        count('NoticesSent');
        return undefined;
      }
      count('NoticesUndeliverable', { app });
      log.warn('WeCom does not reach this supervisor: is he a member who sees the app?', {
        app,
        agentId: supervisorId,
      });
      return undefined;
    } catch (error) {
      if (isOutage(error) && tries < GIVE_UP_AFTER) return parkedUntil(error, clock(), tries, room.random());
      if (!(error instanceof WeComError) && !isOutage(error)) throw error;
      const errcode = error instanceof WeComError ? error.errcode : undefined;
      count('NoticesRefused', { errcode: String(errcode ?? 'none') });
      log.error('WeCom refused a notice', {
        app,
        agentId: supervisorId,
        ...errorFields(error),
        errcode,
      });
      return undefined;
    }
  }

  type Changed = { readonly desk: Desk; readonly lookAt: number | undefined };

  /** Changes a desk on top of what it is now, whoever else does so at the same time. */
  async function change(supervisorId: string, next: (desk: Desk) => Changed | Promise<Changed>): Promise<Desk> {
    for (let n = 0; n < TRIES; n += 1) {
      const { desk, lookAt } = await next(await store.read(supervisorId));
      const saved = await store.save(desk, lookAt);
      if (saved) return saved;
    }
    throw new Error('A desk changes all the time');
  }

  return { hear: hearNews, look };
}
