import { type Clock, type Instant, MINUTE, SECOND } from './clock.ts';
import type { Queue } from './queues.ts';
import type { LabelWake, ReconcileWake, Timer } from './wakes.ts';

/** SQS delays a message at most this long. */
const LONGEST_DELAY = 15 * MINUTE;

/** Sends a timer off. A due time further away than SQS can delay is reached in several hops. */
export async function armTimer(timers: Queue<Timer>, timer: Timer, now: Instant): Promise<void> {
  const wait = Math.min(LONGEST_DELAY, Math.max(0, timer.dueAt - now));
  await timers.send(timer, { delaySeconds: Math.ceil(wait / SECOND) });
}

/**
 * What a timer does: it wakes its owner, who compares its own state with the clock. So a timer that fires late, twice, or
 * after things moved on, does nothing.
 */
export function fireTimers(room: {
  clock: Clock;
  timers: Queue<Timer>;
  wakeConversation(conversationId: string): Promise<void>;
  wakeTeam(teamId: string): Promise<void>;
  wakeWay(wayId: string): Promise<void>;
  wakeContact(wake: LabelWake | ReconcileWake): Promise<void>;
  goOn(app: string, openKfId: string, run: string): Promise<void>;
  pull(
    app: string,
    openKfId: string,
    fresh: { token?: string | undefined; receivedAt?: Instant | undefined },
  ): Promise<void>;
}) {
  return async function fire(timer: Timer): Promise<void> {
    const now = room.clock();
    if (timer.dueAt > now) return armTimer(room.timers, timer, now);
    switch (timer.do.what) {
      case 'wake-conversation':
        return room.wakeConversation(timer.do.conversationId);
      case 'wake-team':
        return room.wakeTeam(timer.do.teamId);
      case 'wake-way':
        return room.wakeWay(timer.do.wayId);
      case 'label-contact':
        return room.wakeContact({ v: 1, kind: 'label', app: timer.do.app, customerId: timer.do.customerId });
      case 'reconcile':
        return room.wakeContact(timer.do.wake);
      case 'run':
        return room.goOn(timer.do.app, timer.do.openKfId, timer.do.run);
      case 'pull':
        return room.pull(timer.do.app, timer.do.openKfId, timer.do);
    }
  };
}
