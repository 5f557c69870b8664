import { type Instant, MINUTE } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { type HouseRules, rulesAt } from './decide.ts';
import { nextDue } from './due.ts';
import type { HouseEffect } from './effects.ts';
import type { Attention } from './observe.ts';
import { teamServing } from './team-rules.ts';

/** SQS delays a message at most this long; due times further away are found by the sweep. */
const LONGEST_DELAY = 15 * MINUTE;

/** What one invocation carries along. */
export interface Pass {
  readonly rules: HouseRules;
  readonly attention: Attention;
  /** Effects that an earlier invocation (or an attempt of unknown outcome) may have carried out already. */
  readonly stale: Set<string>;
  /** Effects that were decided before this invocation, or parked in it: others may have acted since. */
  readonly waited: Set<string>;
  readonly oneByOne: boolean;
  readonly deadline: Instant;
  /** What went wrong in the house, and on the bus. Either rests for this invocation, and fails the wake in the end. */
  houseFailure?: unknown;
  busFailure?: unknown;
}

/** What may be told in this invocation, events last: whoever waits for a person need not wait for the bus. */
export function notResting(
  effects: readonly HouseEffect[],
  { houseFailure, busFailure }: Pass,
): readonly HouseEffect[] {
  const isEvent = (effect: HouseEffect): boolean => effect.kind === 'publish';
  return [
    ...(houseFailure === undefined ? effects.filter((effect) => !isEvent(effect)) : []),
    ...(busFailure === undefined ? effects.filter(isEvent) : []),
  ];
}

/** The due time for which a timer has to be armed now; one that SQS cannot reach yet is left to the sweep. */
export function needsTimer(conversation: Conversation, silence: number, now: Instant): Instant | undefined {
  const due = nextDue(conversation, silence);
  return due !== undefined && due <= now + LONGEST_DELAY && due !== conversation.armedFor ? due : undefined;
}

/** How long this customer may be silent before the session ends. */
export const silenceFor = (conversation: Conversation, { rules }: Pass): number =>
  teamServing(conversation, rulesAt(rules, conversation))?.endAfterSilence ?? 0;
