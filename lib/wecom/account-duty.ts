import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';

/**
 * Whether we serve an account. An account without a duty of its own has that of `*`, and without that one it is served.
 */
export interface AccountDutyStore {
  /** Consistently read. */
  duty(openKfId: string): Promise<AccountDuty>;
  /** Begins or ends observing. False while the account is being adopted. */
  observe(openKfId: string, observes: boolean, at: Instant): Promise<boolean>;
  /** Begins a run, or finds the one of its kind that is under way. */
  begin(openKfId: string, run: NewRun): Promise<Run>;
  /** Notes a step of a run. False when another process noted it before, or the run is over. */
  advance(openKfId: string, run: Pick<Run, 'id' | 'steps'>, step: Step): Promise<boolean>;
  /** The run is done: an adopted account is served from here on. False when it was replaced. */
  finish(openKfId: string, run: Pick<Run, 'id' | 'kind'>, at: Instant): Promise<boolean>;
  isTakenIn(run: string, customerId: string): Promise<boolean>;
  noteTakenIn(run: string, customerId: string, at: Instant): Promise<void>;
}

/** The account that stands for all that have no duty of their own. */
export const EVERY_ACCOUNT = '*';

/** Functions remember an account's duty for five seconds: after so long everybody knows of a change, and what had begun before is over. */
export const KNOWN_AFTER = 6 * SECOND;

export const Run = z.object({
  id: z.string(),
  kind: z.enum(['adopt', 'release']),
  app: z.string(),
  startedAt: z.number(),
  doneAt: z.number().optional(),
  /** Counts the steps, so that each is noted once. */
  steps: z.number(),
  cursor: z.string().optional(),
  customers: z.number(),
  held: z.number(),
  pooled: z.number(),
  /** Whose session WeCom would not tell. */
  refused: z.number(),
});
export type Run = Readonly<z.infer<typeof Run>>;
export type NewRun = Pick<Run, 'id' | 'kind' | 'app' | 'startedAt'>;

export interface Step {
  readonly cursor?: string | undefined;
  readonly customers: number;
  readonly held: number;
  readonly pooled: number;
  readonly refused: number;
}

export interface AccountDuty {
  readonly mode: 'serves' | 'observes' | 'adopting' | 'released';
  /** What was written before is not answered. */
  readonly servedFrom?: Instant;
  readonly since?: Instant;
  readonly run?: Run;
}
