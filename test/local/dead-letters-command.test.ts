import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { callAws } from '../../local/aws-call.ts';
import { createClock } from '../../local/clock.ts';
import { type Emulators, startEmulators } from '../../local/emulators.ts';
import { runOpsOnAws } from '../support/run-command.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators({ clock: createClock(), parameters: {} });
  for (const name of ['timers', 'timers-dead-letters'])
    await callAws(emulators.url, 'sqs', 'CreateQueue', { QueueName: `wecom-concierge-dev-${name}` });
});
afterAll(() => emulators.stop());

const ops = (...args: string[]) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const aws = { endpoint: emulators.url, region: 'us-east-1', credentials };
  const names = { table: String, queueUrl: String, bus: String, bucket: String };
  return runOpsOnAws({ aws, names }, ['dead-letters', ...args, '--yes', '--json']);
};

test.each([
  ['redrive', { moved: 0, left: 0 }],
  ['drop', { dropped: 0 }],
])('%s of an id that is not there says so, and is not well', async (action, result) => {
  const ran = await ops(action, 'timers', 'no-such-letter');
  expect(JSON.parse(ran.out)).toEqual({ ...result, missing: ['no-such-letter'] });
  expect(ran.err).toContain('no-such-letter: not there');
  expect(ran.code).toBe(1);
});

test('all of none is well', async () => {
  const ran = await ops('redrive', 'timers');
  expect([ran.code, JSON.parse(ran.out)]).toEqual([0, { moved: 0, left: 0 }]);
});
