import { createHash } from 'node:crypto';

// What SQS takes as a message group id: up to 128 letters, digits and punctuation marks of ASCII, no spaces.
const GROUP_ID = /^[!-~]{1,128}$/;

/**
 * The message group that a text stands for: itself, or its hash where SQS would refuse it. Case matters: WeCom's ids that
 * differ in case alone are different ones. Every sender of a queue has to use this, or one owner gets two groups.
 */
export function groupId(text: string): string {
  return GROUP_ID.test(text) ? text : createHash('sha256').update(text).digest('hex');
}
