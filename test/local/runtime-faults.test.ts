import { expect, test } from '@jest/globals';
import { callAws } from '../../local/aws-call.ts';
import { listen, readBody } from '../../local/http-server.ts';
import type { Stack } from '../../local/stack.ts';
import { call, look, notes, order, withSample } from './sample-stack/run-sample.ts';

test('killed before a call, the call does not happen; the message comes at once to a fresh environment', () =>
  withSample(async (stack) => {
    const rule = stack.faults.add({
      function: 'work',
      action: 'UpdateItem',
      skip: 1,
      fault: { kind: 'kill-before' },
    });
    await order(stack, { note: 'n', line: '1' });
    // The queue's visibility is 20 seconds.
    await stack.settled({ timeoutMs: 8000 });
    expect(rule.hits).toBe(1);
    expect(await notes(stack, 'n')).toEqual(['start 1', 'start 1', 'done 1']);
    expect(stack.calls.map(({ outcome }) => outcome)).toEqual(['answered', 'killed before', 'answered', 'answered']);
    expect(new Set(stack.calls.map(({ environment }) => environment)).size).toBe(2);
  }));

test('killed after a call, the call has happened; the message comes at once to a fresh environment', () =>
  withSample(async (stack) => {
    stack.faults.add({ function: 'work', action: 'UpdateItem', skip: 1, fault: { kind: 'kill-after' } });
    await order(stack, { note: 'n', line: '1' });
    await stack.settled({ timeoutMs: 8000 });
    expect(await notes(stack, 'n')).toEqual(['start 1', 'done 1', 'start 1', 'done 1']);
    expect(stack.calls.map(({ outcome }) => outcome)).toEqual(['answered', 'killed after', 'answered', 'answered']);
  }));

test('whoever invoked a killed function by hand hears of it', () =>
  withSample(async (stack) => {
    stack.faults.add({ fault: { kind: 'kill-before' } });
    await expect(read(stack)).rejects.toMatchObject({ reason: 'killed' });
    expect((await look(stack)).invocations).toBe(1);
  }));

const put = (stack: Stack, id: string) =>
  call(stack, 'dynamodb', 'PutItem', { TableName: '$NOTES_TABLE', Item: { id: { S: id }, kind: { S: 'k' } } });
const read = (stack: Stack, ConsistentRead = false) =>
  call(stack, 'dynamodb', 'GetItem', { TableName: '$NOTES_TABLE', Key: { id: { S: 'a' } }, ConsistentRead });
const query = (stack: Stack) =>
  call(stack, 'dynamodb', 'Query', {
    TableName: '$NOTES_TABLE',
    IndexName: 'byKind',
    KeyConditionExpression: 'kind = :kind',
    ExpressionAttributeValues: { ':kind': { S: 'k' } },
  });

test('a refused call does not happen, a lost answer does', () =>
  withSample(async (stack) => {
    stack.faults.add({ action: 'PutItem', fault: { kind: 'refuse' } });
    expect(await put(stack, 'a')).toMatchObject({ lost: expect.any(String) });
    expect((await read(stack, true)).body).toEqual({});
    stack.faults.add({ action: 'PutItem', fault: { kind: 'lose-answer' } });
    expect(await put(stack, 'a')).toMatchObject({ lost: expect.any(String) });
    expect((await read(stack, true)).body).toMatchObject({ Item: { id: { S: 'a' } } });
    expect(stack.calls.map(({ outcome }) => outcome)).toEqual(['refused', 'answered', 'answer lost', 'answered']);
  }));

test('a delayed call takes its time and then happens', () =>
  withSample(async (stack) => {
    stack.faults.add({ action: 'PutItem', fault: { kind: 'delay', ms: 120 } });
    expect(await put(stack, 'a')).toMatchObject({ status: 200 });
    expect(stack.calls[0]?.ms).toBeGreaterThanOrEqual(115);
  }));

test('an answer can be put in the place of the real one', () =>
  withSample(async (stack) => {
    stack.faults.add({
      action: 'PutItem',
      fault: { kind: 'answer', status: 500, body: { __type: 'InternalServerError' } },
    });
    expect(await put(stack, 'a')).toMatchObject({ status: 500 });
    expect((await read(stack, true)).body).toEqual({});
    expect(stack.calls[0]).toMatchObject({ status: 500, error: 'InternalServerError' });
  }));

test('each service throttles in its own words', () =>
  withSample(async (stack) => {
    stack.faults.add({ times: 3, fault: { kind: 'throttle' } });
    expect(await put(stack, 'a')).toMatchObject({
      status: 400,
      body: { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' },
    });
    expect(await send(stack, ['1'])).toMatchObject({
      status: 403,
      body: { __type: 'com.amazonaws.sqs#RequestThrottled' },
    });
    expect(await publish(stack, ['1'])).toMatchObject({ status: 400, body: { __type: 'ThrottlingException' } });
    expect(stack.events).toEqual([]);
  }));

test('a stale read finds nothing, a consistent one always finds the truth', () =>
  withSample(async (stack) => {
    await put(stack, 'a');
    const rule = stack.faults.add({ fault: { kind: 'stale' }, times: 2 });
    expect((await read(stack, true)).body).toHaveProperty('Item');
    expect((await read(stack)).body).toEqual({});
    expect((await query(stack)).body).toMatchObject({ Items: [], Count: 0 });
    expect((await query(stack)).body).toMatchObject({ Count: 1 });
    expect((await read(stack)).body).toHaveProperty('Item');
    expect(rule.hits).toBe(2);
  }));

test('of a batch read, write, send or publish a part is left over, and only the rest is carried out', () =>
  withSample(async (stack) => {
    const keys = [{ id: { S: 'a' } }, { id: { S: 'b' } }];
    stack.faults.add({ times: 4, fault: { kind: 'partial-batch' } });
    const written = await call(stack, 'dynamodb', 'BatchWriteItem', {
      RequestItems: { $NOTES_TABLE: keys.map((Item) => ({ PutRequest: { Item } })) },
    });
    const table = stack.names.table('NotesTable');
    expect(written.body).toEqual({ UnprocessedItems: { [table]: [{ PutRequest: { Item: keys[1] } }] } });
    await put(stack, 'b');

    const batch = { RequestItems: { $NOTES_TABLE: { Keys: keys, ConsistentRead: true } } };
    expect((await call(stack, 'dynamodb', 'BatchGetItem', batch)).body).toEqual({
      Responses: { [table]: [{ id: { S: 'a' } }] },
      UnprocessedKeys: { [table]: { Keys: [{ id: { S: 'b' } }], ConsistentRead: true } },
    });

    expect((await send(stack, ['1', '2'])).body).toMatchObject({ Successful: [{ Id: '1' }], Failed: [{ Id: '2' }] });
    await stack.settled();
    expect(await notes(stack, 'sent')).toEqual(['start 1', 'done 1']);

    expect((await publish(stack, ['1', '2'])).body).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'InternalFailure' }],
    });
    expect(stack.events).toMatchObject([{ detail: { kind: '1' } }]);
  }));

test('a batch of one that is left over is not carried out at all', () =>
  withSample(async (stack) => {
    stack.faults.add({ times: 2, fault: { kind: 'partial-batch' } });
    expect((await send(stack, ['1'])).body).toMatchObject({ Successful: [], Failed: [{ Id: '1' }] });
    expect((await publish(stack, ['1'])).body).toMatchObject({ FailedEntryCount: 1 });
    await stack.settled();
    expect([await notes(stack, 'sent'), stack.events]).toEqual([[], []]);
  }));

function send(stack: Stack, lines: readonly string[]) {
  return call(stack, 'sqs', 'SendMessageBatch', {
    QueueUrl: '$ERRANDS_QUEUE_URL',
    Entries: lines.map((line) => ({ Id: line, MessageBody: JSON.stringify({ note: 'sent', line }) })),
  });
}

function publish(stack: Stack, kinds: readonly string[]) {
  return call(stack, 'events', 'PutEvents', {
    Entries: kinds.map((kind) => ({
      EventBusName: '$EVENT_BUS_NAME',
      Source: 'sample',
      DetailType: 'tried',
      Detail: JSON.stringify({ kind }),
    })),
  });
}

test('rules apply to what they name, after what they skip, as often as they say, until they are removed', () =>
  withSample(async (stack) => {
    const refused = async () => (await read(stack)).lost !== undefined;
    stack.faults.add({ function: 'work', fault: { kind: 'refuse' } });
    stack.faults.add({ service: 'sqs', fault: { kind: 'refuse' } });
    stack.faults.add({ match: ({ request }) => JSON.stringify(request).includes('"b"'), fault: { kind: 'refuse' } });
    expect(await refused()).toBe(false);
    const rule = stack.faults.add({ action: 'GetItem', skip: 1, times: 2, fault: { kind: 'refuse' } });
    expect([await refused(), await refused(), await refused(), await refused()]).toEqual([false, true, true, false]);
    expect(rule.hits).toBe(2);
    const another = stack.faults.add({ times: 9, fault: { kind: 'refuse' } });
    another.remove();
    stack.faults.add({ times: 9, fault: { kind: 'refuse' } });
    stack.faults.clear();
    expect(await refused()).toBe(false);
  }));

test('calls to WeCom pass the same gateway: path and body arrive, faults happen, the outcome is written down', async () => {
  const seen: string[] = [];
  const wecom = await listen(async (request, response) => {
    seen.push(`${request.method} ${request.url} ${await readBody(request)}`);
    response.end('{"errcode":0}');
  });
  const say = (stack: Stack) =>
    stack.invoke('call', { do: 'wecom', path: '/cgi-bin/kf/send_msg?access_token=t', body: { msgid: 'm' } });
  try {
    await withSample(
      async (stack) => {
        expect(await say(stack)).toEqual({ status: 200, body: { errcode: 0 } });
        stack.faults.add({ service: 'wecom', action: '/cgi-bin/kf/send_msg', fault: { kind: 'throttle' } });
        expect(await say(stack)).toMatchObject({ body: { errcode: 45009 } });
        stack.faults.add({ service: 'wecom', fault: { kind: 'lose-answer' } });
        expect(await say(stack)).toHaveProperty('lost');
        expect(seen).toEqual(Array(2).fill('POST /cgi-bin/kf/send_msg?access_token=t {"msgid":"m"}'));
        expect(stack.calls).toMatchObject([
          { function: 'call', service: 'wecom', action: '/cgi-bin/kf/send_msg', request: { msgid: 'm' } },
          { outcome: 'answered' },
          { outcome: 'answer lost' },
        ]);
      },
      { wecomApiUrl: wecom.url },
    );
  } finally {
    await wecom.stop();
  }
});

test('without an address of WeCom no call leaves the machine', () =>
  withSample(async (stack) => {
    expect(await stack.invoke('call', { do: 'wecom', path: '/cgi-bin/gettoken', body: {} })).toHaveProperty('lost');
    expect(stack.calls).toMatchObject([{ service: 'wecom', outcome: 'unreachable' }]);
  }));

test('tests and commands reach tables past the fault rules', () =>
  withSample(async (stack) => {
    stack.faults.add({ times: 9, fault: { kind: 'refuse' } });
    await callAws(stack.aws.endpoint, 'dynamodb', 'DescribeTable', { TableName: stack.names.table('NotesTable') });
    expect(stack.calls).toEqual([]);
  }));
