import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Stack } from '../../local/stack.ts';
import { call, FAST, withSample } from './sample-stack/run-sample.ts';

async function ask(stack: Stack, path: string, init?: RequestInit): Promise<{ status: number; event: unknown }> {
  const response = await fetch(stack.url + path, init);
  return { status: response.status, event: await response.json() };
}

test('a request becomes the event that API Gateway sends', () =>
  withSample(async (stack) => {
    stack.travel(60_000);
    const { status, event } = await ask(stack, '/echo/main%20one?b=1&a=%2B%3D&b=2', {
      method: 'POST',
      headers: {
        'Content-Type': 'text/xml; charset=utf-8',
        'X-Kind': 'test',
        cookie: 'a=1; b=2',
        'user-agent': 'tester',
      },
      body: '<xml>你好</xml>',
    });
    expect(status).toBe(200);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /echo/{app}',
      rawPath: '/echo/main%20one',
      rawQueryString: 'b=1&a=%2B%3D&b=2',
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { a: '+=', b: '1,2' },
      headers: { 'x-kind': 'test', 'content-type': 'text/xml; charset=utf-8', 'x-forwarded-for': '127.0.0.1' },
      pathParameters: { app: 'main one' },
      requestContext: {
        accountId: '000000000000',
        http: {
          method: 'POST',
          path: '/echo/main%20one',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'tester',
        },
        routeKey: 'ANY /echo/{app}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      },
      body: '<xml>你好</xml>',
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('headers.cookie');
  }));

test('what is not text comes as base64; without a body and a query their fields are missing', () =>
  withSample(async (stack) => {
    const headers = { 'content-type': 'application/octet-stream' };
    const binary = await ask(stack, '/echo/main', { method: 'PUT', headers, body: new Uint8Array([0, 255]) });
    expect(binary.event).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
    const { event } = await ask(stack, '/echo/main');
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('queryStringParameters');
  }));

test('a greedy route takes the rest of the path, open also where a signature would be asked for', () =>
  withSample(async (stack) => {
    expect(await ask(stack, '/files/a/b%2Fc')).toMatchObject({
      status: 200,
      event: { routeKey: 'GET /files/{proxy+}', pathParameters: { proxy: 'a/b/c' } },
    });
  }));

test('an unknown path or method is not found', () =>
  withSample(async (stack) => {
    for (const [path, method] of [
      ['/elsewhere', 'GET'],
      ['/echo/a/b', 'GET'],
      ['/files/a', 'POST'],
      ['/files/', 'GET'],
    ] as const) {
      expect(await ask(stack, path, { method })).toEqual({ status: 404, event: { message: 'Not Found' } });
    }
  }));

test('a throw is a 500, a time-out a 503', () =>
  withSample(async (stack) => {
    expect(await ask(stack, '/files/throw')).toEqual({ status: 500, event: { message: 'Internal Server Error' } });
    expect(await ask(stack, '/files/hang')).toEqual({ status: 503, event: { message: 'Service Unavailable' } });
  }, FAST));

test('both forms of an answer are understood', () =>
  withSample(async (stack) => {
    expect(await ask(stack, '/files/plain')).toEqual({ status: 200, event: { just: 'this' } });
    const response = await fetch(`${stack.url}/files/cookies`);
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-kind')).toBe('test');
    expect(await response.text()).toBe('hi');
  }));

test('a schedule invokes its function at its pace, with the event of EventBridge', async () => {
  const seen: string[] = [];
  let second: () => void = () => undefined;
  const twice = new Promise<void>((resolve) => {
    second = resolve;
  });
  await withSample(() => twice, {
    schedules: true,
    // A minute is 300 milliseconds.
    timeScale: 0.005,
    onLog: ({ line }) => {
      if (line.includes('Scheduled Event') && seen.push(line) === 2) second();
    },
  });
  expect(JSON.parse(seen[0] ?? '')).toMatchObject({
    saw: {
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      resources: [expect.stringContaining('rule/')],
      detail: {},
    },
  });
});

test('without schedules a function runs only by hand', async () => {
  const seen: string[] = [];
  // Long enough for two runs.
  await withSample(() => sleep(700), { schedules: false, timeScale: 0.005, onLog: ({ line }) => seen.push(line) });
  expect(seen).toEqual([]);
});

test("the bus keeps every event, and hands those that match to the rule's target", async () => {
  const seen: string[] = [];
  let first: () => void = () => undefined;
  // What a function printed arrives a little after its answer.
  const looked = new Promise<void>((resolve) => {
    first = resolve;
  });
  await withSample(
    async (stack) => {
      const entry = (Source: string, detail: unknown) => ({
        EventBusName: '$EVENT_BUS_NAME',
        Source,
        DetailType: 'tried',
        Detail: typeof detail === 'string' ? detail : JSON.stringify(detail),
      });
      const answer = await call(stack, 'events', 'PutEvents', {
        Entries: [
          entry('sample', { kind: 'look here' }),
          entry('sample', { kind: 'other' }),
          entry('sample', 'no json'),
          entry('elsewhere', { kind: 'look here' }),
        ],
      });
      expect(answer.body).toMatchObject({
        FailedEntryCount: 1,
        Entries: [{ EventId: expect.any(String) }, {}, { ErrorCode: 'MalformedDetail' }, {}],
      });
      await stack.settled();
      expect(stack.events).toMatchObject([
        { bus: 'sample-dev', source: 'sample', 'detail-type': 'tried', detail: { kind: 'look here' } },
        { detail: { kind: 'other' } },
        { source: 'elsewhere' },
      ]);
      await looked;
    },
    {
      onLog: ({ line }) => {
        seen.push(line);
        first();
      },
    },
  );
  expect(seen).toEqual([expect.stringContaining('look here')]);
});
