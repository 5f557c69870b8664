import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { ZodType } from 'zod';
import type { Clock, Instant } from './clock.ts';
import { errorFields, type LogFields, log, recordScope } from './log.ts';
import { count } from './metrics.ts';
import type { GiveBack } from './queues.ts';
import { traceOfRecord } from './trace.ts';
import { TimeIsUp, within } from './within.ts';

/** What a door hands over: messages of one group, in the order of the queue. */
export interface Wake<Message> {
  readonly messages: readonly Message[];
  /** The message group; of a standard queue, where every record is on its own, the id of the record. */
  readonly group: string;
  /** How often the most received of these messages was received, this time included. */
  readonly receives: number;
  /** Nobody waits for an answer after this moment: the messages are taken for failed, and come again. */
  readonly deadline: Instant;
}

export interface QueueDoorSettings<Message> {
  /** Names the function in metrics. */
  readonly service: string;
  readonly giveBack: GiveBack;
  readonly clock: Clock;
  /** Whether all messages of a group are handed over at once (the default), or one after the other. */
  readonly coalesce?: boolean;
  /** How many groups are handled side by side; all of a batch, unless said otherwise. */
  readonly concurrency?: number;
  /** How long before the function's own time-out the deadline lies; 2 seconds, unless said otherwise. */
  readonly marginMs?: number;
  /** After how many seconds a failed message is seen again. */
  readonly backoffSeconds?: (receives: number) => number;
  /** The ids that every log line about a message should carry. */
  readonly ids?: (message: Message) => LogFields;
}

type Reason = 'failed' | 'late' | 'not-started' | 'unreadable';

interface Parsed<Message> {
  readonly record: SQSRecord;
  readonly message: Message;
}

interface Unreadable {
  readonly record: SQSRecord;
  readonly error: unknown;
}

/**
 * Makes the handler of a function behind a queue. Groups of a batch are handled side by side, and each has its own
 * outcome: a failed one is returned, and seen again after a short pause instead of the queue's long time-out.
 *
 * A message that cannot be read fails alone, and comes again until the queue moves it to its dead letters. The handler
 * itself never throws, and always answers in the form that Lambda asks for: a malformed answer would fail the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function queueDoor<Message>(
  schema: ZodType<Message>,
  handle: (wake: Wake<Message>) => Promise<void>,
  settings: QueueDoorSettings<Message>,
): (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse> {
  const { clock, service, marginMs = 2000, coalesce = true, backoffSeconds = shortBackoff } = settings;

  return async (event, context) => {
    const deadline = clock() + context.getRemainingTimeInMillis() - marginMs;
    const groups = groupsOf(event.Records);
    const returned: SQSRecord[] = [];
    await sideBySide([...groups], settings.concurrency ?? groups.size, async ([group, records]) => {
      returned.push(...(await handleGroup(group, records, deadline)));
    });
    return answer(event, returned);
  };

  /** Returns the records that have to come again. */
  async function handleGroup(group: string, records: readonly SQSRecord[], deadline: Instant): Promise<SQSRecord[]> {
    const { readable, unreadable } = read(schema, records);
    const [returned] = await Promise.all([handleReadable(group, readable, deadline), refuse(unreadable)]);
    return [...unreadable.map(({ record }) => record), ...returned];
  }

  async function refuse(unreadable: readonly Unreadable[]): Promise<void> {
    const refusing = unreadable.map(async ({ record, error }) => {
      const trace = traceOfRecord(record);
      log.error('message cannot be read', { trace, messageId: record.messageId, ...errorFields(error) });
      // Nobody waits long behind it, and yet code that is only just being deployed may still learn to read it.
      await comeAgain([record], 'unreadable', Math.min(5, backoffSeconds(receivesOf([record]))));
    });
    await Promise.all(refusing);
  }

  async function handleReadable(
    group: string,
    readable: readonly Parsed<Message>[],
    deadline: Instant,
  ): Promise<SQSRecord[]> {
    const steps = coalesce ? [readable].filter((all) => all.length > 0) : readable.map((one) => [one]);
    for (const [index, step] of steps.entries()) {
      const outcome = await handleStep(group, step, deadline);
      if (outcome === 'done') continue;
      // In a group, what comes behind a failure has to come again behind it.
      const rest = steps.slice(index).flatMap((left) => left.map(({ record }) => record));
      await comeAgain(rest, outcome, outcome === 'not-started' ? 0 : backoffSeconds(receivesOf(rest)));
      return rest;
    }
    return [];
  }

  async function handleStep(
    group: string,
    step: readonly Parsed<Message>[],
    deadline: Instant,
  ): Promise<'done' | Exclude<Reason, 'unreadable'>> {
    const [first] = step;
    // SQS's own id is told of failures only: it leads to the dead letter, and the trace to everything else.
    const ids: LogFields = first ? { ...settings.ids?.(first.message), trace: traceOfRecord(first.record) } : {};
    return await recordScope.run(ids, async () => {
      const left = deadline - clock();
      if (left <= 0) return 'not-started';
      const receives = receivesOf(step.map(({ record }) => record));
      const messages = step.map(({ message }) => message);
      try {
        // Called inside an async function, so that a handler that throws at once is a failed one like any other.
        await within(left, (async () => await handle({ messages, group, receives, deadline }))());
        return 'done';
      } catch (error) {
        const messageId = first?.record.messageId;
        log.error('messages failed', { messageId, count: step.length, tries: receives, ...errorFields(error) });
        return error instanceof TimeIsUp ? 'late' : 'failed';
      }
    });
  }

  /** Sees to it that records are seen again soon. Where that fails they come back all the same, only later. */
  async function comeAgain(records: readonly SQSRecord[], reason: Reason, seconds: number): Promise<void> {
    count('RecordsReturned', { service, reason }, records.length);
    const giving = records.map(async (record) => {
      try {
        // Half of the margin, so that the answer itself is not late.
        await within(marginMs / 2, (async () => await settings.giveBack(record.receiptHandle, seconds))());
      } catch (error) {
        const trace = traceOfRecord(record);
        log.warn('message not given back early', { trace, messageId: record.messageId, ...errorFields(error) });
      }
    });
    await Promise.all(giving);
  }
}

/** 1, 2, 4, 8 … 60 seconds, each cut by up to a half at random, so that what failed together does not return together. */
export function shortBackoff(receives: number, random: () => number = Math.random): number {
  const full = Math.min(60, 2 ** Math.max(0, receives - 1));
  return Math.ceil(full * (0.5 + random() / 2));
}

function groupsOf(records: readonly SQSRecord[]): Map<string, SQSRecord[]> {
  return Map.groupBy(records, (record) => record.attributes.MessageGroupId ?? record.messageId);
}

function receivesOf(records: readonly SQSRecord[]): number {
  return Math.max(1, ...records.map((record) => Number(record.attributes.ApproximateReceiveCount) || 1));
}

function read<Message>(schema: ZodType<Message>, records: readonly SQSRecord[]) {
  const readable: Parsed<Message>[] = [];
  const unreadable: Unreadable[] = [];
  for (const record of records) {
    try {
      readable.push({ record, message: schema.parse(JSON.parse(record.body)) });
    } catch (error) {
      unreadable.push({ record, error });
    }
  }
  return { readable, unreadable };
}

/** Runs the work on all items, `width` of them at any time. */
async function sideBySide<Item>(items: Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
}

/** Names each returned record once, in the order of the batch, and nothing else: Lambda fails the batch otherwise. */
function answer(event: SQSEvent, returned: readonly SQSRecord[]): SQSBatchResponse {
  const ids = new Set(returned.map((record) => record.messageId));
  const inOrder = [...new Set(event.Records.map((record) => record.messageId))].filter((id) => ids.has(id));
  return { batchItemFailures: inOrder.map((itemIdentifier) => ({ itemIdentifier })) };
}
