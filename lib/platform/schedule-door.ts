import type { Context } from 'aws-lambda';
import type { Clock, Instant } from './clock.ts';
import { errorFields, log, recordScope } from './log.ts';
import { count } from './metrics.ts';
import { newTrace } from './trace.ts';
import { within } from './within.ts';

/** A scheduled run failed, and why stands in the log. The first error stays out: Lambda logs what is thrown, words and all. */
export class ScheduledRunFailed extends Error {
  constructor(kind: string) {
    super(`The scheduled run failed: ${kind}`);
    this.name = 'ScheduledRunFailed';
  }
}

export interface ScheduleDoorSettings {
  /** Names the function in metrics. */
  readonly service: string;
  readonly clock: Clock;
  /** How long before the function's own time-out the deadline lies; 2 seconds, unless said otherwise. */
  readonly marginMs?: number;
}

/**
 * Makes the handler of a function that runs on a schedule. Nobody waits for it after its deadline. Throws
 * `ScheduledRunFailed`, so that Lambda counts the failure and runs it again.
 */
export function scheduleDoor(
  run: (time: { readonly deadline: Instant }) => Promise<void>,
  settings: ScheduleDoorSettings,
): (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void> {
  const { clock, service, marginMs = 2000 } = settings;
  return async (_event, context) => {
    const left = context.getRemainingTimeInMillis() - marginMs;
    await recordScope.run({ trace: newTrace() }, async () => {
      try {
        await within(left, (async () => await run({ deadline: clock() + left }))());
      } catch (error) {
        const fields = errorFields(error);
        log.error('scheduled run failed', fields);
        count('ScheduledRunFailed', { service });
        throw new ScheduledRunFailed(fields.error ?? 'unknown');
      }
    });
  };
}
