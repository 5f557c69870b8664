import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { sqsClient } from '../lib/platform/queues.ts';

/** The address of a queue of the stage. Throws AWS's `QueueDoesNotExist`. */
export async function queueUrlOf(client: ReturnType<typeof sqsClient>, QueueName: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  if (QueueUrl === undefined) throw new Error(`AWS does not say where queue ${QueueName} is.`);
  return QueueUrl;
}
