import { createHash } from 'node:crypto';
import type { LabelWake, ReconcileWake } from './wakes.ts';

// What SQS takes as a message group id: up to 128 letters, digits and punctuation marks of ASCII, no spaces.
const GROUP_ID = /^[!-~]{1,128}$/;

/**
 * The message group that a text stands for: itself, or its hash where SQS would refuse it. Case matters: WeCom's ids that
 * differ in case alone are different ones. Every sender of a queue has to use this, or one owner gets two groups.
 */
export function groupId(text: string): string {
  return GROUP_ID.test(text) ? text : createHash('sha256').update(text).digest('hex');
}

/** Steps of the nightly comparison go side by side in so many groups: WeCom refuses parallel calls beyond about five (45033). */
const RECONCILE_LANES = 3;

/** The group of what we send to contacts.fifo ourselves. The customer's own for what is his; steps disturb no customer. */
export function contactGroup(wake: LabelWake | ReconcileWake): string {
  if (wake.kind === 'label') return wake.customerId;
  if (wake.step === 'codes') return 'reconcile#codes';
  const lane =
    createHash('sha256')
      .update(wake.agentIds[0] ?? '')
      .digest()
      .readUInt8(0) % RECONCILE_LANES;
  return `reconcile#${lane}`;
}

/** A run that takes an account over or lets it go stands beside the account's pulls. */
export const runGroup = (openKfId: string): string => `run:${openKfId}`;
