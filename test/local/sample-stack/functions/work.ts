import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { callAws } from './aws.ts';

/** What a message asks for. Notes are kept per `note`, in the order in which they were taken. */
interface Order {
  readonly note: string;
  readonly line: string;
  readonly before?: 'sleep' | 'hang' | 'throw' | 'spin';
  readonly ms?: number;
  /** Fails on the receives up to this one. */
  readonly failUntil?: number;
  readonly giveBackSeconds?: number;
  readonly answer?: unknown;
  /** Notes the whole record. */
  readonly show?: boolean;
}

export async function handler(event: SQSEvent): Promise<unknown> {
  const outcomes = await Promise.all(event.Records.map(handle));
  const odd = outcomes.find((outcome) => outcome.answer !== undefined);
  if (odd) return odd.answer;
  const failed = outcomes.filter((outcome) => outcome.failed);
  return { batchItemFailures: failed.map(({ itemIdentifier }) => ({ itemIdentifier })) } satisfies SQSBatchResponse;
}

async function handle(record: SQSRecord): Promise<{ itemIdentifier: string; failed: boolean; answer?: unknown }> {
  const order: Order = JSON.parse(record.body);
  if (order.show) await take(`${order.note} shown`, JSON.stringify(record));
  await take(order.note, `start ${order.line}`);
  if (order.before === 'sleep') await new Promise((resolve) => setTimeout(resolve, order.ms));
  if (order.before === 'hang') await new Promise(() => setInterval(() => undefined, 1000));
  if (order.before === 'spin') for (;;);
  if (order.before === 'throw') throw new TypeError('as ordered');
  const failed = Number(record.attributes.ApproximateReceiveCount) <= (order.failUntil ?? 0);
  if (failed && order.giveBackSeconds !== undefined) {
    await callAws('sqs', 'ChangeMessageVisibility', {
      QueueUrl: `${process.env.AWS_ENDPOINT_URL}/000000000000/${record.eventSourceARN.split(':').at(-1)}`,
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: order.giveBackSeconds,
    });
  }
  await take(order.note, `${failed ? 'fail' : 'done'} ${order.line}`);
  return { itemIdentifier: record.messageId, failed, answer: order.answer };
}

async function take(note: string, line: string): Promise<void> {
  const { status, body } = await callAws('dynamodb', 'UpdateItem', {
    TableName: process.env.NOTES_TABLE,
    Key: { id: { S: note } },
    UpdateExpression: 'SET noted = list_append(if_not_exists(noted, :none), :line)',
    ExpressionAttributeValues: { ':none': { L: [] }, ':line': { L: [{ S: line }] } },
  });
  if (status !== 200) throw new Error(`The note was not taken: ${JSON.stringify(body)}`);
}
