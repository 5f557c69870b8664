/**
 * Whose card this is, said by the card's own id: the callback of a tap then leads to its conversation without looking anything up.
 * WeCom: message/send, `task_id`: unique within the app, of `0-9A-Za-z_-@`, at most 128 bytes.
 */

const LONGEST_TASK = 128;
const TASK = /^offer@([0-9A-Za-z_-]+)@([0-9A-Za-z_-]+)@([0-9A-Za-z_-]{16,32})$/;

/** The id of one offer's card; undefined where the ids of account and customer leave no room, or no letters, for it. */
export function cardTask(openKfId: string, customerId: string, offerId: string): string | undefined {
  const task = `offer@${openKfId}@${customerId}@${offerId}`;
  return task.length <= LONGEST_TASK && TASK.test(task) ? task : undefined;
}

/** The account and the customer of a card of ours; undefined for cards of others. */
export function ownersOfTask(task: string): { openKfId: string; customerId: string } | undefined {
  const [, openKfId, customerId] = task.length <= LONGEST_TASK ? (TASK.exec(task) ?? []) : [];
  return openKfId !== undefined && customerId !== undefined ? { openKfId, customerId } : undefined;
}
