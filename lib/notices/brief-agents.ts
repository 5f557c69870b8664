import { type Clock, HOUR, MINUTE, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { AgentBrief } from '../platform/wakes.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import type { NoticesStore } from './notices-store.ts';
import { sayBrief } from './say-brief.ts';
import type { NoticeSettings } from './supervisor.ts';

export interface BriefsRoom {
  readonly store: Pick<NoticesStore, 'wasHeard' | 'noteHeard' | 'takeTurn'>;
  readonly clock: Clock;
  readonly zone: string;
  settings(): Promise<NoticeSettings>;
  /** The words of a note; undefined when it was erased. */
  noteText(conversationId: string, noteId: string): Promise<string | undefined>;
  agentIdOf(app: string): number | undefined;
  /** Sends a text to one member. See `sendAppMessage`. */
  send(
    app: string,
    message: { agentId: number; users: readonly string[]; text: string },
  ): Promise<{ invalidUsers: readonly string[] }>;
  /** Puts the brief on its queue again, to come back after so many seconds. */
  again(brief: AgentBrief, delaySeconds: number): Promise<void>;
  random(): number;
}

/** WeCom: message/send shows a repeated text once within four hours (`duplicate_check_interval`); nothing is repeated later. */
const WORTH_TELLING = 4 * HOUR;
/** WeCom drops without a word what a member gets beyond 30 a minute; what supervisors are told counts, too. */
const PER_MINUTE = 20;
/** SQS: the longest delay of a message, in seconds. */
const LONGEST_DELAY = 900;

/**
 * Tells an agent in WeCom about a conversation that is his now. Nothing of the customer's waits for it: the conversation only puts ids on a queue,
 * and the text is made here. Throws when a store does not answer; everything may be repeated.
 */
export function briefAgents(room: BriefsRoom) {
  const { store, clock } = room;

  return async function tell(brief: AgentBrief): Promise<void> {
    const now = clock();
    const { agentId, at, tries = 0 } = brief;
    if (now >= at + WORTH_TELLING) {
      count('BriefsTooLate');
      log.warn('an agent was not told about a conversation in time', { agentId, conversationId: brief.conversationId });
      return;
    }
    const { terms } = await room.settings();
    const sender = room.agentIdOf(terms.app);
    if (sender === undefined) {
      log.error('Agents are told nothing: the app has no agentId in WECOM_SECRETS', { app: terms.app });
      return;
    }
    if (await store.wasHeard(brief.brief)) return;
    if (!(await store.takeTurn(agentId, now, PER_MINUTE))) return room.again(brief, MINUTE / SECOND);
    try {
      const text = await textOf(brief, terms);
      const { invalidUsers } = await room.send(terms.app, { agentId: sender, users: [agentId], text });
      if (invalidUsers.length > 0) {
        count('BriefsUndeliverable', { app: terms.app });
        log.warn('WeCom does not reach this agent: is he a member who sees the app?', { app: terms.app, agentId });
      } else count('BriefsSent');
    } catch (error) {
      if (isOutage(error)) {
        const until = parkedUntil(error, now, tries, room.random());
        const delay = Math.min(LONGEST_DELAY, Math.max(1, Math.ceil((until - now) / SECOND)));
        return room.again({ ...brief, tries: tries + 1 }, delay);
      }
      if (!(error instanceof WeComError)) throw error;
      count('BriefsRefused', { errcode: String(error.errcode) });
      log.error('WeCom refused to tell an agent', { agentId, ...errorFields(error), errcode: error.errcode });
    }
    await store.noteHeard(brief.brief, now);
  };

  async function textOf(brief: AgentBrief, { agentLanguage, historyLink }: NoticeSettings['terms']): Promise<string> {
    const { conversationId, at, by, noteId, waitedMs, unsent } = brief;
    const note = noteId === undefined ? undefined : await room.noteText(conversationId, noteId);
    const account = conversationId.slice(0, conversationId.indexOf(':'));
    return sayBrief(
      { account, at, by, note, waitedMs, unsent },
      {
        language: agentLanguage,
        zone: room.zone,
        link: historyLink?.replaceAll('{id}', encodeURIComponent(conversationId)),
      },
    );
  }
}
