import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { callAws } from './aws-call.ts';
import { failedRecords } from './batch-response.ts';
import type { Clock } from './clock.ts';
import type { Invoked } from './environments.ts';
import { PLACE, type Resolver, type Template } from './template.ts';

/** A queue that invokes a function. */
export interface Mapping {
  readonly functionId: string;
  readonly queueId: string;
  readonly batchSize: number;
  readonly reportsFailures: boolean;
  /** How many invocations it makes at once; `undefined` when the template sets no limit. */
  readonly maximumConcurrency: number | undefined;
}

const Reference = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const MappingShape = z.object({
  EventSourceArn: Reference,
  FunctionName: Reference,
  BatchSize: z.number().default(10),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number().optional() }).default({}),
});

/** Reads the queues' triggers. Throws for what Lambda would refuse: a queue whose visibility is shorter than the time-out. */
export function readMappings(template: Template, resolver: Resolver): Mapping[] {
  return template.ofType('AWS::Lambda::EventSourceMapping').flatMap(({ logicalId, properties }) => {
    const shape = MappingShape.parse(properties);
    const queueId = shape.EventSourceArn['Fn::GetAtt'][0];
    const functionId = shape.FunctionName['Fn::GetAtt'][0];
    const visibility = Number(
      resolver.resolve(template.resource(queueId)?.properties.VisibilityTimeout, queueId) ?? 30,
    );
    const timeout = Number(template.resource(functionId)?.properties.Timeout ?? 3);
    if (visibility < timeout) {
      throw new Error(
        `${logicalId}: the visibility of ${queueId} (${visibility} s) is shorter than the time-out (${timeout} s)`,
      );
    }
    const mapping: Mapping = {
      functionId,
      queueId,
      batchSize: shape.BatchSize,
      reportsFailures: shape.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximumConcurrency: shape.ScalingConfig.MaximumConcurrency,
    };
    return shape.Enabled ? [mapping] : [];
  });
}

/** What the poller of a queue needs. */
export interface EventSourceOptions {
  readonly mapping: Mapping;
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** How many invocations may run at once. */
  readonly concurrency: number;
  /** How long a receive waits at the queue; the time that stopping takes at most. */
  readonly waitSeconds: number;
  readonly clock: Clock;
  invoke(event: unknown): Promise<Invoked>;
}

export interface EventSource {
  /** Takes no further messages. Resolves when the last receive is over. */
  stop(): Promise<void>;
}

const Attribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const Message = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  MD5OfBody: z.string(),
  MD5OfMessageAttributes: z.string().optional(),
  Attributes: z.record(z.string(), z.string()).default({}),
  MessageAttributes: z.record(z.string(), Attribute).default({}),
});
const Received = z.object({ Messages: z.array(Message).nullish() });
type Message = z.infer<typeof Message>;

/** SQS gives at most this many messages at a time. */
const MAX_RECEIVE = 10;
const AFTER_A_FAILED_RECEIVE_MS = 200;

/** Receives a queue's messages and invokes its function with them, as Lambda's pollers do. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { mapping, endpoint, queueUrl, concurrency } = options;
  let stopped = false;
  let running = 0;
  let wake: () => void = () => undefined;

  async function poll(): Promise<void> {
    while (!stopped) {
      if (running >= concurrency) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const messages = await receive();
      if (messages.length === 0) continue;
      // On somebody else's emulator they come back sooner this way; our own may be gone already, and with it its messages.
      if (stopped) await makeVisible(messages).catch(() => undefined);
      else void start(messages);
    }
  }

  async function receive(): Promise<Message[]> {
    try {
      const answer = await callAws(endpoint, 'sqs', 'ReceiveMessage', {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(mapping.batchSize, MAX_RECEIVE),
        WaitTimeSeconds: options.waitSeconds,
        MessageSystemAttributeNames: ['All'],
        AttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return Received.parse(answer).Messages ?? [];
    } catch {
      if (!stopped) await sleep(AFTER_A_FAILED_RECEIVE_MS);
      return [];
    }
  }

  async function start(messages: Message[]): Promise<void> {
    running++;
    try {
      await handle(messages);
    } catch {
      // The queue cannot be reached any more; what it has not heard of becomes visible by itself.
    } finally {
      running--;
      wake();
    }
  }

  async function handle(messages: Message[]): Promise<void> {
    const ids = messages.map((message) => message.MessageId);
    const result = await options.invoke({ Records: messages.map((message) => recordOf(message, options)) });
    if (result.kind === 'killed') return makeVisible(messages);
    if (result.kind !== 'returned') return;
    const failed = mapping.reportsFailures ? failedRecords(result.value, ids) : new Set();
    const done = messages.filter((message) => !failed.has(message.MessageId));
    if (done.length === 0) return;
    await callAws(endpoint, 'sqs', 'DeleteMessageBatch', {
      QueueUrl: queueUrl,
      Entries: done.map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle })),
    });
  }

  async function makeVisible(messages: Message[]): Promise<void> {
    // The last one first, so that the first one is in front again.
    for (const { ReceiptHandle } of messages.toReversed()) {
      await callAws(endpoint, 'sqs', 'ChangeMessageVisibility', {
        QueueUrl: queueUrl,
        ReceiptHandle,
        VisibilityTimeout: 0,
      });
    }
  }

  const polling = poll();
  return {
    stop() {
      stopped = true;
      wake();
      return polling;
    },
  };
}

/** A message as the trigger hands it to a function. Its times are the stack's, as everything that a function sees. */
function recordOf(message: Message, { clock, queueArn }: EventSourceOptions): object {
  const times = ['SentTimestamp', 'ApproximateFirstReceiveTimestamp'].flatMap((name) => {
    const time = message.Attributes[name];
    return time === undefined ? [] : [[name, String(clock.at(Number(time)))]];
  });
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: { ...message.Attributes, ...Object.fromEntries(times) },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes).map(([name, { StringValue, BinaryValue, DataType }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: PLACE.region,
  };
}
