import { randomUUID } from 'node:crypto';
import { type AwsAccess, AwsCallFailed, callAws, type Patience } from './aws-json.ts';
import { groupId } from './group-id.ts';
import { traceAttribute } from './trace.ts';

/** What goes onto a FIFO queue. */
export interface QueueMessage {
  /** Messages of one group are handled one after the other. */
  readonly group: string;
  readonly body: object;
}

/**
 * Sends to FIFO queues without the AWS SDK. Resolves when SQS has the message; throws `AwsCallFailed` otherwise.
 *
 * Every call has a deduplication id of its own (a second try of one call has the same): a wake swallowed within SQS's five
 * minutes would be news that nobody looks at.
 */
export function fifoSender(access: AwsAccess, patience?: Patience) {
  return async (queueUrl: string, { group, body }: QueueMessage): Promise<void> => {
    const answer = await callAws(
      access,
      {
        service: 'sqs',
        url: new URL('/', queueUrl).href,
        target: 'AmazonSQS.SendMessage',
        version: '1.0',
        body: {
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(body),
          ...traceAttribute(),
          MessageGroupId: groupId(group),
          MessageDeduplicationId: randomUUID(),
        },
      },
      patience,
    );
    if (typeof answer === 'object' && answer !== null && 'MessageId' in answer) return;
    // Somebody else answered, a proxy for instance; the queue has nothing.
    throw new AwsCallFailed('AmazonSQS.SendMessage', 'an answer without a MessageId', false);
  };
}
