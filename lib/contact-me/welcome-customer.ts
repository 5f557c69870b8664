import { createHash } from 'node:crypto';
import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count, duration } from '../platform/metrics.ts';
import { within } from '../platform/within.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { type Names, namesNeeded, readyWelcome, type Welcome, welcomeDeadline } from '../wecom/welcome-messages.ts';
import { judgeWelcome, type WelcomeOutcome, type WelcomeVerdict } from '../wecom/welcome-outcome.ts';
import type { RelationStore } from './relation-store.ts';

/** Names are worth so much waiting, of 20 seconds in all. */
const NAMES_WITHIN = 2 * SECOND;
/** Pauses before another try, where the last one was certainly not sent or may be repeated without harm. */
const PAUSES = [SECOND / 2, SECOND, 2 * SECOND, 4 * SECOND];

/** Nobody else welcomed the customer, and we could have. */
const MISSED: ReadonlySet<WelcomeOutcome> = new Set(['late', 'refused', 'again', 'uncertain', 'outage']);

export type WelcomeApi = Pick<ContactApi, 'sendWelcome' | 'readCustomer' | 'memberName'>;

export interface WelcomeRoom {
  readonly store: Pick<RelationStore, 'welcome' | 'noteWelcome'>;
  readonly clock: Clock;
  pause(milliseconds: number): Promise<void>;
}

export interface WelcomeTask {
  readonly customerId: string;
  readonly agentId: string;
  readonly welcomeCode: string;
  /** WeCom's time of the event that brought the code. */
  readonly at: Instant;
  readonly welcome: Welcome;
}

export interface Welcomed {
  readonly verdict: WelcomeVerdict;
  /** When it was known. */
  readonly at: Instant;
}

/**
 * Sends a welcome, once and in time. Each try is noted before it is made and its outcome after it, so that a repeat of the same news
 * sends nothing twice, and says the same of it. WeCom: externalcontact/send_welcome_msg.
 */
export async function welcomeCustomer(room: WelcomeRoom, contact: WelcomeApi, task: WelcomeTask): Promise<Welcomed> {
  const { store, clock } = room;
  const { customerId, welcomeCode, at } = task;
  const codeId = codeIdOf(welcomeCode);
  const known = await store.welcome(customerId, codeId);
  if (known?.verdict) return { verdict: known.verdict, at: known.at };
  let tries = known?.tries ?? 0;
  // A try that was noted and never judged may have been sent.
  let maybeSent = tries > 0;
  const tell = async (verdict: WelcomeVerdict): Promise<Welcomed> => {
    const now = clock();
    await store.noteWelcome(customerId, codeId, { tries, at: now, verdict });
    count('Welcomes', { outcome: verdict.outcome, cause: verdict.cause ?? 'none' });
    if (MISSED.has(verdict.outcome)) count('WelcomesMissed');
    if (verdict.outcome === 'sent') duration('WelcomeDelay', {}, now - at);
    return { verdict, at: now };
  };
  const ready = readyWelcome(task.welcome, clock() > welcomeDeadline(at) ? {} : await namesFor(contact, task));
  for (const pause of [...PAUSES, undefined]) {
    if (clock() > welcomeDeadline(at)) {
      const outcome = maybeSent ? ('uncertain' as const) : ('late' as const);
      return tell({ outcome, cause: 'code-expired-or-used' });
    }
    tries += 1;
    await store.noteWelcome(customerId, codeId, { tries, at: clock() });
    const verdict = judgeWelcome(await failureOf(contact.sendWelcome(welcomeCode, ready)), {
      first: tries === 1,
      maybeSent,
    });
    if (verdict.outcome !== 'again' && verdict.outcome !== 'unknown') return tell(verdict);
    maybeSent ||= verdict.outcome === 'unknown';
    if (pause === undefined) return tell(maybeSent ? { ...verdict, outcome: 'uncertain' } : verdict);
    await room.pause(pause);
  }
  throw new TypeError('The last try has no pause.');
}

/** Only notes that a code came, for whoever asks whether they do; nothing is sent. */
export async function observeWelcome(
  { store, clock }: WelcomeRoom,
  { customerId, welcomeCode }: WelcomeTask,
): Promise<void> {
  const codeId = codeIdOf(welcomeCode);
  if (await store.welcome(customerId, codeId)) return;
  await store.noteWelcome(customerId, codeId, { tries: 0, at: clock() });
}

/** The code itself is not kept: it is worth a message. */
const codeIdOf = (code: string): string => createHash('sha256').update(code).digest('base64url').slice(0, 22);

async function failureOf(call: Promise<void>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Nobody waits long for a name, and after a half add WeCom tells none: every welcome has a form without. */
async function namesFor(contact: WelcomeApi, { customerId, agentId, welcome }: WelcomeTask): Promise<Names> {
  const needed = namesNeeded(welcome);
  if (needed.length === 0) return {};
  try {
    const customer = needed.includes('customer') ? contact.readCustomer(customerId) : undefined;
    const agent = needed.includes('agent') ? contact.memberName(agentId) : undefined;
    const [found, name] = await within(NAMES_WITHIN, Promise.all([customer, agent]));
    return { customer: found?.name, agent: name };
  } catch (error) {
    log.info('welcome without names', { agentId, ...errorFields(error) });
    return {};
  }
}
