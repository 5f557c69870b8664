import { createHash, randomUUID } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Clock, SECOND } from '../../lib/platform/clock.ts';
import { type GiveBack, type Queue, type SendOptions, sendParameters } from '../../lib/platform/queues.ts';

/** A queue in memory, with the consumer's side of it. Time passes by the clock that was passed in. */
export interface MemoryQueue<Message> extends Queue<Message> {
  /** Up to ten visible messages, as a function gets them; of a FIFO group as many as fit, in order. */
  receive(): SQSRecord[];
  delete(receiptHandle: string): void;
  readonly giveBack: GiveBack;
  /** Calls the handler with one batch as Lambda does, and deletes what it did not return. False when nothing is visible. */
  deliver(handler: QueueHandler): Promise<boolean>;
  /** The messages that the queue holds, visible or not. */
  contents(): Message[];
}

type QueueHandler = (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

export interface MemoryQueueSettings {
  readonly clock: Clock;
  readonly fifo?: boolean;
  readonly visibilitySeconds?: number;
  /** Where a message goes after `receives` receives. */
  readonly deadLetters?: { readonly queue: MemoryQueue<unknown>; readonly receives: number };
}

interface Held {
  readonly messageId: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  /** The handle of its last receive. */
  receiptHandle: string | undefined;
}

const BATCH = 10;

export function memoryQueue<Message>(settings: MemoryQueueSettings): MemoryQueue<Message> {
  const { clock, fifo = true, visibilitySeconds = 30, deadLetters } = settings;
  let held: Held[] = [];

  const queue: MemoryQueue<Message> = {
    send: async (message, options = {}) => put(message, options),

    sendMany: async (messages) => {
      // As SQS: a request that is wrong in one message is refused as a whole.
      for (const options of messages) sendParameters(fifo, options);
      for (const { message, ...options } of messages) put(message, options);
    },

    receive: () => {
      const now = clock();
      const visible = (one: Held): boolean => one.visibleAt <= now;
      // A group waits while any of its messages is being handled.
      const busy = new Set(held.filter((one) => fifo && !visible(one)).map((one) => one.group));
      const batch: Held[] = [];
      for (const one of held.filter((each) => visible(each) && !busy.has(each.group))) {
        if (batch.length === BATCH) break;
        if (deadLetters && one.receives >= deadLetters.receives) {
          held = held.filter((other) => other !== one);
          void deadLetters.queue.send(JSON.parse(one.body), one.group === undefined ? {} : { group: one.group });
          continue;
        }
        one.receives += 1;
        one.receiptHandle = randomUUID();
        one.visibleAt = now + visibilitySeconds * SECOND;
        batch.push(one);
      }
      return batch.map(toRecord);
    },

    delete: (receiptHandle) => {
      held = held.filter((one) => one.receiptHandle !== receiptHandle);
    },

    giveBack: async (receiptHandle, seconds) => {
      const one = held.find((other) => other.receiptHandle === receiptHandle);
      if (one) one.visibleAt = clock() + seconds * SECOND;
    },

    deliver: async (handler) => {
      const records = queue.receive();
      if (records.length === 0) return false;
      const { batchItemFailures } = await handler(
        { Records: records },
        { getRemainingTimeInMillis: () => 30 * SECOND },
      );
      const failed = new Set(batchItemFailures.map((failure) => failure.itemIdentifier));
      for (const record of records) if (!failed.has(record.messageId)) queue.delete(record.receiptHandle);
      return true;
    },

    contents: () => held.map((one) => JSON.parse(one.body)),
  };
  return queue;

  function put(message: Message, options: SendOptions): void {
    const { MessageGroupId } = { MessageGroupId: undefined, ...sendParameters(fifo, options) };
    held.push({
      messageId: randomUUID(),
      body: JSON.stringify(message),
      group: MessageGroupId,
      sentAt: clock(),
      visibleAt: clock() + (options.delaySeconds ?? 0) * SECOND,
      receives: 0,
      receiptHandle: undefined,
    });
  }
}

function toRecord(one: Held): SQSRecord {
  return {
    messageId: one.messageId,
    receiptHandle: one.receiptHandle ?? '',
    body: one.body,
    attributes: {
      ApproximateReceiveCount: String(one.receives),
      SentTimestamp: String(one.sentAt),
      SenderId: 'memory',
      ApproximateFirstReceiveTimestamp: String(one.sentAt),
      ...(one.group !== undefined && { MessageGroupId: one.group }),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(one.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:memory${one.group === undefined ? '' : '.fifo'}`,
    awsRegion: 'us-east-1',
  };
}
