import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { awsClientSettings, type ClientAccess } from './aws-client.ts';
import { groupId } from './group-id.ts';
import { InfrastructureError } from './infrastructure.ts';
import { inChunks, type Pause, repeatUndone } from './repeat-undone.ts';
import { traceAttribute } from './trace.ts';

/** Somewhere to put messages. What is sent is delivered at least once, and in order within a group of a FIFO queue. */
export interface Queue<Message> {
  /** Resolves when the queue has the message. Throws RangeError for options that this queue does not take. */
  send(message: Message, options?: SendOptions): Promise<void>;
  /**
   * Resolves when the queue has all of them. Throws `MessagesNotSent` when it would not take some, again and again; the
   * others were sent. A message that was refused at first may come behind a later one of its group.
   */
  sendMany(messages: readonly (SendOptions & { readonly message: Message })[]): Promise<void>;
}

export interface SendOptions {
  /** Messages of one group are handled one after the other. FIFO queues need it, standard queues have none. */
  readonly group?: string;
  /** Whole seconds, 900 at most. FIFO queues have no delay per message. */
  readonly delaySeconds?: number;
}

/** Makes a message that is being handled visible again after so many seconds, instead of the queue's own time-out. */
export type GiveBack = (receiptHandle: string, seconds: number) => Promise<void>;

export class MessagesNotSent extends InfrastructureError {
  constructor(count: number) {
    super(`The queue did not take ${count} messages`);
    this.name = 'MessagesNotSent';
  }
}

/** A client for `sqsQueue` and `sqsGiveBack`; see `awsClientSettings` for its limits. */
export function sqsClient(access?: ClientAccess): SQSClient {
  return new SQSClient({
    ...awsClientSettings(access),
    // Queues are addressed where the client's endpoint is, not at the host in their address, so that an emulator's
    // address needs no name service.
    useQueueUrlAsEndpoint: false,
  });
}

// SendMessageBatch takes so many messages in one call.
const BATCH_LIMIT = 10;

/** An SQS queue; one whose address ends in `.fifo` is a FIFO queue. Messages travel as JSON. */
export function sqsQueue<Message>(client: SQSClient, url: string, pause?: Pause): Queue<Message> {
  const fifo = url.endsWith('.fifo');

  return {
    async send(message, options = {}) {
      const parameters = {
        MessageBody: JSON.stringify(message),
        ...traceAttribute(),
        ...sendParameters(fifo, options),
      };
      await client.send(new SendMessageCommand({ QueueUrl: url, ...parameters }));
    },

    async sendMany(messages) {
      const entries = messages.map(({ message, ...options }, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
        ...traceAttribute(),
        ...sendParameters(fifo, options),
      }));
      let unsent = 0;
      for (const chunk of inChunks(entries, BATCH_LIMIT)) {
        const left = await repeatUndone(
          chunk,
          async (batch) => {
            const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [...batch] }));
            const sent = new Set(answer.Successful?.map((entry) => entry.Id));
            return batch.filter((entry) => !sent.has(entry.Id));
          },
          pause,
        );
        unsent += left.length;
      }
      if (unsent > 0) throw new MessagesNotSent(unsent);
    },
  };
}

/** Gives messages of this queue back early. */
export function sqsGiveBack(client: SQSClient, url: string): GiveBack {
  return async (receiptHandle, seconds) => {
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
    );
  };
}

const LONGEST_DELAY_SECONDS = 900;

/**
 * What a send request says beside the message itself. Every message has a deduplication id of its own (only a repeat of the
 * same request has the same): a wake that SQS took for a repeat within its five minutes would be news that nobody looks at.
 *
 * @throws RangeError for options that such a queue does not take
 */
export function sendParameters(fifo: boolean, { group, delaySeconds = 0 }: SendOptions) {
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > LONGEST_DELAY_SECONDS)
    throw new RangeError(
      `A delay of ${delaySeconds} seconds; whole seconds up to ${LONGEST_DELAY_SECONDS} are possible`,
    );
  if (!fifo) {
    if (group !== undefined) throw new RangeError('A standard queue has no groups');
    return delaySeconds > 0 ? { DelaySeconds: delaySeconds } : {};
  }
  if (group === undefined) throw new RangeError('A message on a FIFO queue needs a group');
  if (delaySeconds > 0) throw new RangeError('A FIFO queue has no delay per message');
  return { MessageGroupId: groupId(group), MessageDeduplicationId: randomUUID() };
}
