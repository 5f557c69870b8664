import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { CardJob } from '../platform/wakes.ts';
import type { AppCard, CardChange } from '../wecom/app-cards.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import type { OwnEntry } from './entries.ts';
import { sayCard, sayEnding } from './say-card.ts';

/** WeCom says these of this one agent, whatever else they may mean: out of the app's sight, or unknown. */
const ABOUT_THE_AGENT: ReadonlySet<number> = new Set([60011, 60111, 81013]);
/** SQS delays a message at most this long. */
const LONGEST_DELAY_SECONDS = 900;

export interface ShowCards {
  readonly clock: Clock;
  readonly random: () => number;
  /** The app's AgentId, where `WECOM_SECRETS` has it. */
  agentIdOf(app: string): number | undefined;
  /** What colleagues call the account. */
  accountName(app: string, openKfId: string): Promise<string>;
  send(app: string, card: AppCard): Promise<{ code?: string }>;
  change(app: string, change: CardChange): Promise<void>;
  /** Puts an entry into the conversation's inbox, and wakes it. */
  tell(conversationId: string, entry: OwnEntry): Promise<unknown>;
  /** Brings the job back after so many seconds. */
  again(job: CardJob, delaySeconds: number): Promise<void>;
}

/**
 * Shows agents the cards on which they are asked, and changes them afterwards. Apart from the conversations, so that a slow or limited
 * message/send keeps no customer waiting. A job that is too late is dropped: its offer ends by its own time.
 */
export function showCards(room: ShowCards) {
  const { clock } = room;

  return async function show(job: CardJob): Promise<void> {
    if (clock() >= job.deadline) {
      log.warn('card too late', { kind: job.kind, app: job.app, agentId: job.agentId });
      count('CardsLate', { kind: job.kind });
      return;
    }
    const agentId = room.agentIdOf(job.app);
    if (agentId === undefined) {
      log.error('No card can be shown: the app has no agentId in WECOM_SECRETS', { app: job.app });
      return refused(job, 0);
    }
    try {
      if (job.kind === 'change') return await change(job, agentId);
      const { code } = await room.send(job.app, {
        ...sayCard(job, await nameOf(job)),
        agentId,
        user: job.agentId,
        task: job.task,
      });
      count('CardsShown');
      await room.tell(job.conversationId, {
        kind: 'card-shown',
        task: job.task,
        at: clock(),
        ...(code !== undefined && { code }),
      });
    } catch (error) {
      await troubled(job, error);
    }
  };

  async function change({ app, agentId: user, code, language, ending }: CardJob & { kind: 'change' }, agentId: number) {
    await room.change(app, { agentId, user, code, says: sayEnding(language, ending) });
    count('CardsChanged', { ending });
  }

  /** A card without the account's name is better than none. */
  async function nameOf({ app, openKfId }: CardJob & { kind: 'show' }): Promise<string> {
    try {
      return await room.accountName(app, openKfId);
    } catch (error) {
      if (!isOutage(error) && !(error instanceof WeComError)) throw error;
      return openKfId;
    }
  }

  async function troubled(job: CardJob, error: unknown): Promise<void> {
    const errcode = error instanceof WeComError ? error.errcode : undefined;
    if (isOutage(error) && !ABOUT_THE_AGENT.has(errcode ?? 0)) return putOff(job, error);
    if (errcode === undefined) throw error;
    log.warn('WeCom refused a card', { kind: job.kind, app: job.app, agentId: job.agentId, errcode });
    count('CardsRefused', { kind: job.kind, errcode: String(errcode) });
    await refused(job, errcode);
  }

  /** The other side sleeps: the job comes back, as long as somebody needs it. */
  async function putOff(job: CardJob, error: unknown): Promise<void> {
    const { tries = 0 } = job;
    const until: Instant = parkedUntil(error, clock(), tries, room.random());
    log.warn('card put off', { kind: job.kind, app: job.app, ...errorFields(error) });
    const seconds = Math.min(LONGEST_DELAY_SECONDS, Math.max(1, Math.ceil((until - clock()) / SECOND)));
    await room.again({ ...job, tries: tries + 1 }, seconds);
  }

  /** Only an offer hears of it: a card that cannot be changed any more stays as it is. */
  async function refused(job: CardJob, errcode: number): Promise<void> {
    if (job.kind !== 'show') return;
    await room.tell(job.conversationId, { kind: 'card-refused', task: job.task, errcode, at: clock() });
  }
}
