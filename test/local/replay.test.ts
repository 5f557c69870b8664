import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callAws } from '../../local/aws-call.ts';
import { createClock } from '../../local/clock.ts';
import { type Emulators, startEmulators } from '../../local/emulators.ts';
import type { BusEvent } from '../../local/event-bus.ts';
import { runOpsOnAws } from '../support/run-command.ts';

const BUS = 'wecom-concierge-dev';
const heard: BusEvent[] = [];
let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators({ clock: createClock(), parameters: {} });
  await callAws(emulators.url, 'events', 'CreateEventBus', { Name: BUS });
  for (const [hour, type] of [
    ['03', 'early.v1'],
    ['04', 'wanted.v1'],
    ['05', 'late.v1'],
  ] as const) {
    const Time = Date.parse(`2026-01-02T${hour}:30:00Z`) / 1000;
    const entry = { EventBusName: BUS, Source: 'us', DetailType: type, Detail: '{"id":"one"}', Time };
    await callAws(emulators.url, 'events', 'PutEvents', { Entries: [entry] });
  }
  emulators.bus.subscribe((_, event) => heard.push(event));
});
afterAll(() => emulators.stop());

const replay = (how: { killAtCall?: number } = {}) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const aws = { endpoint: emulators.url, region: 'us-east-1', credentials };
  const names = { table: String, queueUrl: String, bus: String, bucket: String };
  const times = ['--from', '2026-01-02T04:00:00Z', '--to', '2026-01-02T05:00:00Z'];
  return runOpsOnAws({ aws, names }, ['replay', ...times, '--yes', '--json'], how);
};

test('a replay that is killed while it is watched goes on, and each event of the time comes again once, under its old id', async () => {
  const killed = await replay({ killAtCall: 3 });
  expect(killed.code).toBe(-1);
  const ended = await replay();

  expect(JSON.parse(ended.out)).toMatchObject({ began: 'known', state: 'COMPLETED' });
  const [, wanted] = emulators.bus.events;
  expect(heard.map((event) => [event['detail-type'], event.id])).toEqual([['wanted.v1', wanted?.id]]);
  expect(heard[0]?.['replay-name']).toBe('ops-20260102T040000-20260102T050000');
});
