// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes its placeholders like this.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failedRecords } from '../../local/batch-response.ts';
import { createClock } from '../../local/clock.ts';
import { createEventBus } from '../../local/event-bus.ts';
import { matchesPattern } from '../../local/event-pattern.ts';
import { readMappings } from '../../local/event-sources.ts';
import { chooseRoute, type Route } from '../../local/http-api.ts';
import { packageStack } from '../../local/package-stack.ts';
import { scaleSeconds } from '../../local/resources.ts';
import { readSchedules } from '../../local/schedules.ts';
import { startStack } from '../../local/stack.ts';
import { createResolver, readFunctions, readTemplate } from '../../local/template.ts';

describe('the template', () => {
  const template = readTemplate({
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'notes' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] } } },
      Topic: { Type: 'AWS::SNS::Topic' },
      Slow: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 31 } },
      Trigger: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          FunctionName: { 'Fn::GetAtt': ['Slow', 'Arn'] },
        },
      },
      Nightly: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 1 * * ? *)', Targets: [] } },
    },
  });
  const resolver = createResolver(template, (name) => `http://queues/${name}`);

  test.each([
    [{ Ref: 'Table' }, 'notes'],
    [{ Ref: 'Queue' }, 'http://queues/a-notes'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:a-notes'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:us-east-1:000000000000:table/notes'],
    [
      { 'Fn::Sub': '${Table.Arn}/index/x of ${AWS::Region}, ${!kept}' },
      'arn:aws:dynamodb:us-east-1:000000000000:table/notes/index/x of us-east-1, ${kept}',
    ],
    [{ 'Fn::Sub': ['${a}-${Table}', { a: { Ref: 'AWS::AccountId' } }] }, '000000000000-notes'],
    [{ deep: [{ Ref: 'AWS::Partition' }, 1, null] }, { deep: ['aws', 1, null] }],
  ])('%j has its local value', (value, expected) => {
    expect(resolver.resolve(value, 'here')).toEqual(expected);
  });

  test.each([
    [{ 'Fn::Select': [0, ['a']] }, 'Work.Timeout: the local runtime does not know Fn::Select'],
    [{ Ref: 'Nothing' }, 'Work.Timeout: the template has no resource Nothing'],
    [{ Ref: 'Topic' }, 'Work.Timeout: Topic is an AWS::SNS::Topic, which does not exist locally'],
    [{ 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Work.Timeout: the local runtime does not know the attribute StreamArn'],
  ])('%j is refused with its place', (value, message) => {
    expect(() => resolver.resolve({ Timeout: value }, 'Work')).toThrow(message);
  });

  test('a queue whose visibility is shorter than its function may take is refused, as Lambda does', () => {
    expect(() => readMappings(template, resolver)).toThrow(/Trigger: the visibility of Queue \(30 s\)/);
  });

  test('a schedule that is no rate is refused with its place', () => {
    expect(() => readSchedules(template, resolver)).toThrow('Nightly: the local runtime knows rate(…), not cron(');
  });
});

describe('which records of a batch failed', () => {
  const ids = ['a', 'b', 'c'];
  test.each([
    [null, []],
    [undefined, []],
    [{}, []],
    [{ batchItemFailures: null }, []],
    [{ batchItemFailures: [] }, []],
    [{ batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, ids],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, ids],
    [{ batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'unknown' }] }, ids],
    [{ batchItemFailures: [{ itemId: 'b' }] }, ids],
    [{ batchItemFailures: {} }, ids],
    ['text', ids],
  ])('%j', (answer, failed) => {
    expect([...failedRecords(answer, ids)]).toEqual(failed);
  });

  test('of any answer: a subset of the batch, and everything as soon as one id is not in it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), (named) => {
        const answer = { batchItemFailures: named.map((itemIdentifier) => ({ itemIdentifier })) };
        expect(failedRecords(answer, ids)).toEqual(new Set(named.includes('d') ? ids : named));
      }),
    );
  });
});

describe('event patterns', () => {
  const event = {
    source: 'concierge',
    'detail-type': 'reply.sent.v1',
    detail: { kind: 'text', tags: ['a', 'b'], count: 2 },
  };
  test.each([
    [{ source: ['concierge'] }, true],
    [{ source: ['other', 'concierge'] }, true],
    [{ source: ['other'] }, false],
    [{ source: ['concierge'], detail: { kind: ['image'] } }, false],
    [{ detail: { count: [2] } }, true],
    [{ detail: { count: ['2'] } }, false],
    [{ detail: { tags: ['b'] } }, true],
    [{ 'detail-type': [{ prefix: 'reply.' }] }, true],
    [{ 'detail-type': [{ suffix: '.v2' }] }, false],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { kind: [{ exists: false }] } }, false],
    [{ detail: { kind: [{ 'anything-but': ['image', 'video'] }] } }, true],
    [{ detail: { kind: [{ 'anything-but': { prefix: 'te' } }] } }, false],
    [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  ])('%j', (pattern, expected) => {
    expect(matchesPattern(pattern, event)).toBe(expected);
  });

  test('a filter that is not known is an error, not a mismatch', () => {
    expect(() => matchesPattern({ detail: { count: [{ numeric: ['>', 1] }] } }, event)).toThrow('numeric');
  });
});

test('the bus refuses calls that EventBridge refuses', () => {
  const bus = createEventBus(createClock());
  const entry = { Source: 's', DetailType: 't', Detail: '{}' };
  expect(bus.handle('PutEvents', { Entries: Array(11).fill(entry) })).toMatchObject({ status: 400 });
  const large = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(256 * 1024) }) };
  expect(bus.handle('PutEvents', { Entries: [large] })).toMatchObject({ status: 400 });
  const unknownBus = bus.handle('PutEvents', {
    Entries: [
      { ...entry, EventBusName: 'nowhere' },
      { ...entry, Source: '' },
    ],
  });
  expect(unknownBus).toMatchObject({ status: 200, body: { FailedEntryCount: 2 } });
  expect(bus.events).toEqual([]);
});

test('the most specific route wins, a method before any method', () => {
  const routes: Route[] = ['$default', 'ANY /a/{proxy+}', 'ANY /a/{id}', 'GET /a/{id}', 'GET /a/b'].map((key) => ({
    key,
    functionId: 'f',
  }));
  const chosen = (method: string, path: string) => chooseRoute(routes, method, path)?.route.key;
  expect(chosen('GET', '/a/b')).toBe('GET /a/b');
  expect(chosen('GET', '/a/c')).toBe('GET /a/{id}');
  expect(chosen('POST', '/a/b')).toBe('ANY /a/{id}');
  expect(chosen('GET', '/a/b/c')).toBe('ANY /a/{proxy+}');
  expect(chosen('GET', '/b')).toBe('$default');
  expect(chooseRoute([], 'GET', '/')).toBeUndefined();
});

test('a HEAD request goes to a route of its own, or of any method; never to that of GET', () => {
  const chosen = (...keys: string[]) =>
    chooseRoute(
      keys.map((key) => ({ key, functionId: 'f' })),
      'HEAD',
      '/a/b',
    )?.route.key;
  expect(chosen('GET /a/{id}', 'HEAD /a/{id}')).toBe('HEAD /a/{id}');
  expect(chosen('GET /a/{id}', 'ANY /a/{id}')).toBe('ANY /a/{id}');
  expect(chosen('GET /a/{id}')).toBeUndefined();
});

test('seconds are scaled to whole ones, and only nothing becomes nothing', () => {
  expect([0, 1, 20, 30, 900].map((seconds) => scaleSeconds(seconds, 0.05))).toEqual([0, 1, 1, 2, 45]);
  expect(scaleSeconds(7, 1)).toBe(7);
});

test('a moment of the machine is shown as the stack saw it then', () => {
  const clock = createClock();
  const before = Date.now() - 1000;
  clock.travel(5000);
  expect(clock.at(before)).toBe(before);
  expect(clock.at(Date.now() + 1)).toBeGreaterThanOrEqual(before + 5000);
});

test('a slow clock shows a part of the machine’s time, and travels all the same', () => {
  const since = Date.now() - 8000;
  const clock = createClock({ since, pace: 0.25 });
  expect(clock.at(since + 8000)).toBe(since + 2000);
  clock.travel(5000);
  const now = clock.now() - since - 7000;
  expect(now).toBeGreaterThanOrEqual(0);
  expect(now).toBeLessThan(5000);
});

describe('packaging', () => {
  test('two at once package the same sources once, and other sources anew', async () => {
    const parent = fileURLToPath(new URL('.', import.meta.url));
    await mkdir(join(parent, 'sample-stack', '.local'), { recursive: true });
    const root = await mkdtemp(join(parent, 'sample-stack', '.local', 'copy-'));
    try {
      await cp(join(parent, 'sample-stack', 'serverless.yml'), join(root, 'serverless.yml'));
      await cp(join(parent, 'sample-stack', 'functions'), join(root, 'functions'), { recursive: true });
      const [one, two] = await Promise.all([
        packageStack({ stage: 'dev', root }),
        packageStack({ stage: 'dev', root }),
      ]);
      expect(one.codeFolder('work')).toBe(two.codeFolder('work'));
      expect(existsSync(join(one.codeFolder('work'), 'functions/work.mjs'))).toBe(true);
      await cp(join(root, 'functions/work.ts'), join(root, 'functions/another.ts'));
      expect((await packageStack({ stage: 'dev', root })).codeFolder('work')).not.toBe(one.codeFolder('work'));
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test('a service that cannot be packaged says why', async () => {
    const root = fileURLToPath(new URL('.', import.meta.url));
    await expect(packageStack({ stage: 'dev', root })).rejects.toThrow('cannot be packaged');
    await rm(join(root, '.local'), { recursive: true });
  });

  test("this project's own serverless.yml has a local meaning in every part", async () => {
    const packaged = await packageStack({ stage: 'dev', root: fileURLToPath(new URL('../..', import.meta.url)) });
    const stack = await startStack({ packaged, schedules: false });
    try {
      const functions = readFunctions(
        packaged.template,
        createResolver(packaged.template, (name) => name),
      );
      expect(functions.map(({ name }) => name)).toContain('receive-callback');
      expect((await stack.queueDepths()).SignalsQueue).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
      await stack.settled();
    } finally {
      await stack.stop();
    }
  });
});
