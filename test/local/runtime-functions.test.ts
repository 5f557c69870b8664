import { expect, test } from '@jest/globals';
import { call, FAST, look, notes, order, withSample } from './sample-stack/run-sample.ts';

test('a function has the variables of the template and of Lambda, and nothing of the process around it', () =>
  withSample(async (stack) => {
    const { env } = await look(stack);
    expect(env).toMatchObject({
      GREETING: 'dev',
      NOTES_TABLE: 'sample-dev-notes',
      EVENT_BUS_NAME: 'sample-dev',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'sample-dev-call',
    });
    expect(env.ERRANDS_QUEUE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/sample-dev-errands$/);
    expect(env).not.toHaveProperty('PATH');
    expect(env).not.toHaveProperty('JEST_WORKER_ID');
  }));

test('a variable can be given another value, but only one that a function declares', async () => {
  await withSample(
    async (stack) => {
      expect((await look(stack)).env.GREETING).toBe('good evening');
    },
    { environment: { GREETING: 'good evening' } },
  );
  await expect(withSample(async () => undefined, { environment: { GREETNG: 'x' } })).rejects.toThrow('GREETNG');
});

test('an environment is used again, one invocation at a time, and there are more when there is more to do', () =>
  withSample(async (stack) => {
    expect((await look(stack)).invocations).toBe(1);
    expect((await look(stack)).invocations).toBe(2);
    const sideBySide = await Promise.all([look(stack), look(stack), look(stack)]);
    expect(new Set(sideBySide.map(({ env }) => env.AWS_ACCESS_KEY_ID)).size).toBe(3);
  }));

test('no more environments than the limit; what is too much waits', () =>
  withSample(
    async (stack) => {
      const all = await Promise.all(Array.from({ length: 6 }, () => look(stack)));
      expect(new Set(all.map(({ env }) => env.AWS_ACCESS_KEY_ID)).size).toBe(2);
    },
    { environmentsPerFunction: 2 },
  ));

test('a function whose description is changed begins anew, after what it was doing', () =>
  withSample(
    async (stack) => {
      const underWay = look(stack);
      const path = `${stack.url}/2015-03-31/functions/sample-dev-call/configuration`;
      const changed = await fetch(path, { method: 'PUT', body: JSON.stringify({ Description: 'as of today' }) });
      expect(await changed.json()).toMatchObject({ Description: 'as of today', LastUpdateStatus: 'Successful' });
      const [before, after] = [await underWay, await look(stack)];
      expect(after.invocations).toBe(1);
      expect(after.env.AWS_ACCESS_KEY_ID).not.toBe(before.env.AWS_ACCESS_KEY_ID);
    },
    { environmentsPerFunction: 1 },
  ));

test('travelling moves the clock of running and of later environments, in every way to ask for the time', () =>
  withSample(async (stack) => {
    const twoDays = 48 * 60 * 60 * 1000;
    const before = await look(stack);
    stack.travel(twoDays);
    const [warm, cold] = await Promise.all([look(stack), look(stack)]);
    for (const seen of [warm, cold]) {
      expect(seen.now).toBeGreaterThanOrEqual(before.now + twoDays);
      expect(seen.made).toBeGreaterThanOrEqual(before.now + twoDays);
      expect(seen.now).toBeLessThanOrEqual(stack.now());
      expect(seen).toMatchObject({ isDate: true, parsed: '2030-01-02T03:04:05.000Z' });
    }
    expect(() => stack.travel(-1)).toThrow(RangeError);
  }));

test('a function that takes too long is stopped with its environment, also in an endless loop', () =>
  withSample(async (stack) => {
    const event = { Records: [{ body: JSON.stringify({ note: 'n', line: '1', before: 'spin' }), attributes: {} }] };
    await expect(stack.invoke('work', event)).rejects.toMatchObject({ reason: 'timed out' });
    expect(await notes(stack, 'n')).toEqual(['start 1']);
  }, FAST));

test('the time that is left is counted in the milliseconds of serverless.yml, however fast the stack runs', () =>
  withSample(async (stack) => {
    const { remaining } = await look(stack);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(30_000);
  }));

test("an error keeps its name, and is written into the function's log like every line of its output", async () => {
  const lines: string[] = [];
  await withSample(
    async (stack) => {
      await expect(stack.invoke('look', { rawPath: '/throw' })).rejects.toMatchObject({ reason: 'Error' });
      await expect(stack.invoke('work', {})).rejects.toMatchObject({ reason: 'TypeError' });
      await expect(stack.invoke('no-such', {})).rejects.toThrow('no-such');
    },
    { onLog: (entry) => lines.push(`${entry.function}: ${entry.line}`) },
  );
  expect(lines).toContainEqual('look: {"saw":{"rawPath":"/throw"}}');
  expect(lines).toContainEqual(expect.stringMatching(/^work: Invoke Error .*TypeError/));
});

test('a role that does not allow a call is refused it, and the call is written down as denied', () =>
  withSample(async (stack) => {
    const key = { TableName: '$NOTES_TABLE', Key: { id: { S: 'a' } } };
    expect(await call(stack, 'dynamodb', 'GetItem', key)).toMatchObject({ status: 200 });
    expect(await call(stack, 'dynamodb', 'DeleteItem', key)).toMatchObject({
      status: 400,
      body: {
        __type: 'com.amazon.coral.service#AccessDeniedException',
        Message: expect.stringMatching(
          /^User: arn:aws:sts::\d{12}:assumed-role\/sample-dev-\S+\/sample-dev-call is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:\S+:table\/sample-dev-notes because no identity-based policy allows the dynamodb:DeleteItem action$/,
        ),
      },
    });
    expect(stack.calls.at(-1)).toMatchObject({
      action: 'DeleteItem',
      outcome: 'denied',
      error: 'AccessDeniedException',
    });
  }));

test('every call is written down with its function, service, action and body', () =>
  withSample(async (stack) => {
    await call(stack, 'sqs', 'SendMessage', { QueueUrl: '$ERRANDS_QUEUE_URL', MessageBody: '{"note":"n","line":"1"}' });
    await stack.settled();
    expect(stack.calls.map(({ n, function: name, service, action }) => [n, name, service, action])).toEqual([
      [1, 'call', 'sqs', 'SendMessage'],
      [2, 'work', 'dynamodb', 'UpdateItem'],
      [3, 'work', 'dynamodb', 'UpdateItem'],
    ]);
    expect(stack.calls[1]).toMatchObject({
      outcome: 'answered',
      status: 200,
      request: { TableName: 'sample-dev-notes' },
    });
  }));

test('a parameter is read from the given list', () =>
  withSample(
    async (stack) => {
      expect(await call(stack, 'ssm', 'GetParameter', { Name: '/sample/secret' })).toMatchObject({
        status: 200,
        body: { Parameter: { Value: 'hush' } },
      });
      expect(await call(stack, 'ssm', 'GetParameter', { Name: '/other' })).toMatchObject({ status: 400 });
    },
    { parameters: { '/sample/secret': 'hush' } },
  ));

test('a stack can work on another AWS endpoint, where it creates what it needs', () =>
  withSample(async (first) => {
    await withSample(
      async (second) => {
        expect(second.aws.endpoint).toBe(first.aws.endpoint);
        expect(second.names.table('NotesTable')).toBe('sample-other-notes');
        await order(second, { note: 'n', line: '1' });
        await second.settled();
        expect(await notes(second, 'n')).toEqual(['start 1', 'done 1']);
        await call(second, 'events', 'PutEvents', {
          Entries: [{ EventBusName: '$EVENT_BUS_NAME', Source: 'sample', DetailType: 'seen', Detail: '{}' }],
        });
        expect(first.events).toMatchObject([{ bus: 'sample-other', source: 'sample' }]);
      },
      { stage: 'other', awsEndpointUrl: first.aws.endpoint },
    );
    await first.settled();
  }));
