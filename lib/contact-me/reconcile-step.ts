import type { Clock, Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ReconcileWake } from '../platform/wakes.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import { type AuditCodes, auditCodes } from './audit-codes.ts';
import type { CustomerDesk } from './customer-desk.ts';
import { type FindAdds, findAdds } from './find-adds.ts';

/** How often a step waits for WeCom; then it is left to the next night. */
const TRIES = 8;

export interface ReconcileStep extends FindAdds, Omit<AuditCodes, 'contactFor' | 'send'> {
  readonly clock: Clock;
  readonly random: () => number;
  contactFor(app: string): ReturnType<FindAdds['contactFor']> & ReturnType<AuditCodes['contactFor']>;
  /** Sends a step again, then. */
  later(step: ReconcileWake, dueAt: Instant): Promise<void>;
}

/** One step of the nightly comparison. While WeCom sleeps it is put off, by a timer, and thrown for nothing but our own trouble (rule 19). */
export function reconcileStep(room: ReconcileStep, desk: Pick<CustomerDesk, 'tellOnce'>) {
  const find = findAdds(room);
  const audit = auditCodes(room, desk);

  return async function reconcile(step: ReconcileWake): Promise<void> {
    try {
      await (step.step === 'adds' ? find(step) : audit(step));
    } catch (error) {
      if (!isOutage(error) && !isRefusal(error)) throw error;
      await putOff(step, error);
    }
  };

  async function putOff(step: ReconcileWake, error: unknown): Promise<void> {
    const { app, tries, step: kind } = step;
    const fields = { app, kind, tries, ...(error instanceof WeComError && { errcode: error.errcode }) };
    if (tries >= TRIES) {
      count('ReconcileStepsGivenUp', { step: kind });
      log.error('step left to the next night', fields);
      return;
    }
    log.warn('step put off', fields);
    // A cursor may have grown too old, so after a refusal the list is read from its beginning.
    const from = isRefusal(error) ? { ...step, cursor: undefined } : step;
    await room.later({ ...from, tries: tries + 1 }, parkedUntil(error, room.clock(), tries, room.random()));
  }
}

const isRefusal = (error: unknown): boolean => error instanceof WeComError && !isOutage(error);
