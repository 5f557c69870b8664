import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { catalogue } from '../../../events/catalogue.ts';
import { publisher } from '../../../lib/events/publish.ts';
import { httpDoor } from '../../../lib/platform/http-door.ts';
import { queueDoor } from '../../../lib/platform/queue-door.ts';
import { scheduleDoor } from '../../../lib/platform/schedule-door.ts';
import { fifoSender } from '../../../lib/platform/sqs-sender.ts';
import { currentTrace, traceOfHeader, traceparent } from '../../../lib/platform/trace.ts';
import { anSqsEvent } from '../../support/sqs-events.ts';
import { anAws, PATIENT, took } from './aws-double.ts';
import { anHttpEvent } from './http-event.ts';

const TRACE = '5759e988bd862e3fe1be46a994272793';
const HEADER = 'Self=1-00000000-000000000000000000000000;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0';
const digits = expect.stringMatching(/^[0-9a-f]{32}$/);
const noon = Date.UTC(2026, 0, 15, 12);

test('the gateway’s trace is taken, and nothing that only looks like one', () => {
  expect(traceOfHeader(HEADER)).toBe(TRACE);
  expect(traceOfHeader('Root=1-5759e988-bd862e3fe1be46a994272793')).toBe(TRACE);
  expect(traceOfHeader('Root=1-Zhang San-bd862e3fe1be46a994272793')).toBeUndefined();
  expect(traceOfHeader('NotRoot=1-5759e988-bd862e3fe1be46a994272793')).toBeUndefined();
  expect(traceOfHeader(undefined)).toBeUndefined();
});

test('a request has the gateway’s trace, or one of its own', async () => {
  const seen: unknown[] = [];
  const door = httpDoor(async () => {
    seen.push(currentTrace());
    return { status: 200 };
  });
  const event = anHttpEvent({});
  await door({ ...event, headers: { ...event.headers, 'x-amzn-trace-id': HEADER } });
  await door(event);
  await door(event);
  expect(seen).toEqual([TRACE, digits, digits]);
  expect(new Set(seen).size).toBe(3);
});

test('a callback’s trace goes with its message onto the queue', async () => {
  await using aws = await anAws(took);
  const event = anHttpEvent({});
  const door = httpDoor(async () => {
    await fifoSender(aws.access, PATIENT)('https://sqs.cn-north-1.amazonaws.com.cn/1/signals.fifo', {
      group: 'g',
      body: { v: 1 },
    });
    return { status: 200 };
  });
  await door({ ...event, headers: { ...event.headers, 'x-amzn-trace-id': HEADER } });
  expect(aws.seen).toMatchObject([
    { body: { MessageBody: '{"v":1}', MessageAttributes: { trace: { DataType: 'String', StringValue: TRACE } } } },
  ]);
});

test('each group of a batch has the trace that its first message came with', async () => {
  const event = anSqsEvent([
    { group: 'a', body: '{}' },
    { group: 'b', body: '{}' },
    { group: 'c', body: '{}' },
  ]);
  const attribute = (stringValue: string) => ({ trace: { dataType: 'String', stringValue } });
  const [a, b, c] = event.Records;
  const Records = [
    ...(a ? [{ ...a, messageAttributes: attribute(TRACE) }] : []),
    ...(b ? [{ ...b, messageAttributes: attribute('Zhang San') }] : []),
    ...(c ? [c] : []),
  ];
  const seen: Record<string, unknown> = {};
  const door = queueDoor(
    z.object({}),
    async ({ group }) => {
      seen[group] = currentTrace();
    },
    { service: 'test', clock: () => noon, giveBack: async () => undefined },
  );
  await door({ Records }, { getRemainingTimeInMillis: () => 30_000 });
  expect(seen).toEqual({ a: TRACE, b: digits, c: digits });
});

test('an event says its trace, the same as often as it is told; outside of any record it has none', async () => {
  const details: unknown[] = [];
  const put = async (entries: readonly { detail: object }[]) =>
    void details.push(...entries.map(({ detail }) => detail));
  const publish = publisher({ put }, catalogue, 'test');
  const fact = { id: 'f1', type: 'session.ended.v1', subject: 's', sequence: 1, at: noon, data: { by: 'silence' } };
  await publish([fact]);
  const door = httpDoor(async () => {
    await publish([fact]);
    await publish([fact]);
    return { status: 200 };
  });
  const event = anHttpEvent({});
  await door({ ...event, headers: { 'x-amzn-trace-id': HEADER } });
  const [without, first, again] = details;
  expect(without).not.toHaveProperty('traceparent');
  expect(first).toMatchObject({ traceparent: traceparent(TRACE, 'f1') });
  expect(first).toMatchObject({ traceparent: expect.stringMatching(`^00-${TRACE}-[0-9a-f]{16}-00$`) });
  expect(again).toEqual(first);
});

test('a scheduled run has a trace of its own', async () => {
  let seen: unknown;
  const door = scheduleDoor(
    async () => {
      seen = currentTrace();
    },
    { service: 'test', clock: () => noon },
  );
  await door({}, { getRemainingTimeInMillis: () => 30_000 });
  expect(seen).toEqual(digits);
});
