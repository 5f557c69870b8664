import { expect, test } from '@jest/globals';
import { ScheduledRunFailed, scheduleDoor } from '../../lib/platform/schedule-door.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const remaining = (milliseconds: number) => ({ getRemainingTimeInMillis: () => milliseconds });
// As EventBridge sends it.
const event = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-01-15T12:00:00Z',
  region: 'cn-north-1',
  resources: ['arn:aws-cn:events:cn-north-1:123456789012:rule/sweep'],
  detail: {},
};

test('a scheduled run gets its deadline', async () => {
  const deadlines: number[] = [];
  const door = scheduleDoor(
    async ({ deadline }) => {
      deadlines.push(deadline);
    },
    { service: 'test', clock: () => noon },
  );
  await door(event, remaining(60_000));
  expect(deadlines).toEqual([noon + 58_000]);
});

test('a failed run fails the invocation, without the words of the first error', async () => {
  const door = scheduleDoor(
    () => {
      throw new TypeError('the customer wrote: hello');
    },
    { service: 'test', clock: () => noon },
  );
  await expect(door(event, remaining(60_000))).rejects.toEqual(new ScheduledRunFailed('TypeError'));
});

test('a run that hangs is over at its deadline', async () => {
  const door = scheduleDoor(() => new Promise(() => {}), { service: 'test', clock: () => noon, marginMs: 20 });
  await expect(door(event, remaining(50))).rejects.toEqual(new ScheduledRunFailed('TimeIsUp'));
});
