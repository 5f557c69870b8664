import type { Permissions } from './permissions.ts';
import type { FunctionDescription } from './template.ts';

/** What Lambda's poller does with a queue in the function's name. */
const OF_A_POLLER = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
/** What Lambda does with what a function prints. */
const OF_A_LOG = ['CreateLogStream', 'PutLogEvents'];

/**
 * Whether the functions' roles allow what Lambda itself does with them. In the cloud a trigger without it is not made, and what a
 * function prints is lost without a word, so here neither gets by.
 *
 * @throws with what is not allowed
 */
export async function assertLambdaMay(
  permissions: Permissions,
  functions: readonly FunctionDescription[],
  triggers: readonly { readonly function: string; readonly queue: string }[],
): Promise<void> {
  const logs = functions.flatMap((one) =>
    OF_A_LOG.map((action) => ({ one, service: 'logs', action, request: logOf(one) })),
  );
  const polls = triggers.flatMap(({ function: name, queue }) =>
    functions
      .filter((one) => one.name === name)
      .flatMap((one) => OF_A_POLLER.map((action) => ({ one, service: 'sqs', action, request: { QueueName: queue } }))),
  );
  const wishes = [...logs, ...polls];
  const verdicts = await Promise.all(wishes.map(({ one, ...call }) => permissions.judge(one.role, one.fullName, call)));
  const refusals = verdicts.flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) throw new Error(`Lambda cannot run these functions:\n${refusals.join('\n')}`);
}

const logOf = ({ fullName }: FunctionDescription) => ({
  logGroupName: `/aws/lambda/${fullName}`,
  logStreamName: 'any',
});
