import { createHash } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

/** What a test says about a record; the rest is as SQS sends it. */
export interface RecordGiven {
  /** Absent: a standard queue. */
  readonly group?: string;
  readonly body: string;
  readonly receives?: number;
}

/** An event as Lambda gets it from a queue. The records' ids are `m0`, `m1` …, their handles `handle of m0` …. */
export function anSqsEvent(records: readonly RecordGiven[]): SQSEvent {
  return { Records: records.map(toRecord) };
}

function toRecord({ group, body, receives = 1 }: RecordGiven, index: number): SQSRecord {
  return {
    messageId: `m${index}`,
    receiptHandle: `handle of m${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '1768478400000',
      SenderId: 'AROAEXAMPLE:receive-callback',
      ApproximateFirstReceiveTimestamp: '1768478400100',
      ...(group !== undefined && {
        SequenceNumber: String(18_870_000_000_000_000_000n + BigInt(index)),
        MessageGroupId: group,
        MessageDeduplicationId: `deduplication of m${index}`,
      }),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws-cn:sqs:cn-north-1:123456789012:conversations${group === undefined ? '' : '.fifo'}`,
    awsRegion: 'cn-north-1',
  };
}
