import { describe, expect, test } from '@jest/globals';
import { accessDenied } from '../../local/fault-answers.ts';
import { assertLambdaMay } from '../../local/lambda-needs.ts';
import { createPermissions } from '../../local/permissions.ts';
import { grantsOf, type Role, type Statement } from '../../local/roles.ts';
import { usedGrant } from '../../local/used-grants.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/notes';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q.fifo';
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus';

type Rule = Partial<Statement> & { readonly NotAction?: string[] };
const allow = (Action: string[], Resource: string[], more: Rule = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string[], Resource: string[]): Statement => ({ Effect: 'Deny', Action, Resource });
const roleOf = (...statements: Statement[]): Role => ({
  name: 'role',
  policies: [{ name: 'policy', document: { Version: '2012-10-17', Statement: statements } }],
});

/** Whether a role of these statements may do it. */
function asking(...statements: Statement[]) {
  const role = roleOf(...statements);
  const permissions = createPermissions([role]);
  return async (service: string, action: string, request: object): Promise<boolean> =>
    (await permissions.judge(role, 'sample', { service, action, request })).allowed;
}

test('a role allows what its statements name, and nothing that one of them denies', async () => {
  const may = asking(
    allow(['dynamodb:Get*', 'dynamodb:Query'], [TABLE, `${TABLE}/index/by?`]),
    deny(['dynamodb:GetItem'], [`${TABLE}-kept`]),
    allow(['dynamodb:GetItem'], [`${TABLE}-*`]),
    allow(['sqs:SendMessage'], [QUEUE]),
  );
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes' })).toBe(true);
  expect(await may('dynamodb', 'PutItem', { TableName: 'notes' })).toBe(false);
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes2' })).toBe(false);
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes-old' })).toBe(true);
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes-kept' })).toBe(false);
  expect(await may('dynamodb', 'Query', { TableName: 'notes', IndexName: 'byX' })).toBe(true);
  expect(await may('dynamodb', 'Query', { TableName: 'notes', IndexName: 'other' })).toBe(false);
  expect(await may('sqs', 'SendMessageBatch', { QueueUrl: 'http://x/000000000000/q.fifo' })).toBe(true);
  expect(await may('sqs', 'SendMessage', { QueueUrl: 'http://x/000000000000/q-fifo' })).toBe(false);
});

test('a batch needs every table that it names, a transaction the action of each of its parts', async () => {
  const may = asking(allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [TABLE, `${TABLE}-2`]));
  const batch = (...tables: string[]) => ({ RequestItems: Object.fromEntries(tables.map((one) => [one, {}])) });
  expect(await may('dynamodb', 'BatchGetItem', batch('notes', 'notes-2'))).toBe(true);
  expect(await may('dynamodb', 'BatchGetItem', batch('notes', 'notes-3'))).toBe(false);
  expect(await may('dynamodb', 'BatchWriteItem', batch('notes'))).toBe(false);
  const write = (...parts: object[]) => ({ TransactItems: parts });
  const put = { Put: { TableName: 'notes' } };
  expect(await may('dynamodb', 'TransactWriteItems', write(put, { Put: { TableName: 'notes-2' } }))).toBe(true);
  expect(await may('dynamodb', 'TransactWriteItems', write(put, { Delete: { TableName: 'notes' } }))).toBe(false);
  expect(await may('dynamodb', 'TransactWriteItems', write(put, { ConditionCheck: { TableName: 'notes' } }))).toBe(
    false,
  );
});

test('every entry for the bus needs its own bus, and conditions see what it is', async () => {
  const may = asking(
    allow(['events:PutEvents'], [`${BUS}/ours`]),
    allow(['events:PutEvents'], [`${BUS}/theirs`], {
      Condition: { 'ForAllValues:StringEquals': { 'events:source': ['ours'] } },
    }),
  );
  const put = (...entries: object[]) => ({ Entries: entries });
  expect(await may('events', 'PutEvents', put({ EventBusName: 'ours' }))).toBe(true);
  expect(await may('events', 'PutEvents', put({ EventBusName: `${BUS}/ours` }))).toBe(true);
  expect(await may('events', 'PutEvents', put({ EventBusName: 'ours' }, {}))).toBe(false);
  expect(await may('events', 'PutEvents', put({ EventBusName: 'theirs', Source: 'ours' }))).toBe(true);
  expect(await may('events', 'PutEvents', put({ EventBusName: 'theirs', Source: 'other' }))).toBe(false);
});

test('objects are told apart by their names, and a list by its prefix', async () => {
  const bucket = 'arn:aws:s3:::bucket';
  const may = asking(
    allow(['s3:GetObject'], [`${bucket}/library/*`]),
    allow(['s3:ListBucket'], [bucket], { Condition: { StringLike: { 'S3:Prefix': ['library/*'] } } }),
  );
  expect(await may('s3', 'GetObject', { Bucket: 'bucket', Key: 'library/a/图.png' })).toBe(true);
  expect(await may('s3', 'GetObject', { Bucket: 'bucket', Key: 'inbound/a' })).toBe(false);
  expect(await may('s3', 'PutObject', { Bucket: 'bucket', Key: 'library/a' })).toBe(false);
  expect(await may('s3', 'ListBucket', { Bucket: 'bucket', Key: '', Prefix: 'library/x' })).toBe(true);
  expect(await may('s3', 'ListBucket', { Bucket: 'bucket', Key: '', Prefix: 'inbound/' })).toBe(false);
  expect(await may('s3', 'ListBucket', { Bucket: 'bucket', Key: '' })).toBe(false);
});

test('secrets, keys and functions are named as IAM names them', async () => {
  const here = 'us-east-1:000000000000';
  const may = asking(
    allow(['ssm:GetParameter'], [`arn:aws:ssm:${here}:parameter/a/b`]),
    allow(['secretsmanager:GetSecretValue'], [`arn:aws:secretsmanager:${here}:secret:a/b-??????`]),
    allow(['kms:Decrypt'], [`arn:aws:kms:${here}:key/1`]),
    allow(['lambda:InvokeFunction'], [`arn:aws:lambda:${here}:function:f`]),
  );
  expect(await may('ssm', 'GetParameter', { Name: '/a/b' })).toBe(true);
  expect(await may('ssm', 'GetParameter', { Name: '/a/c' })).toBe(false);
  expect(await may('ssm', 'GetParameters', { Names: ['/a/b'] })).toBe(false);
  expect(await may('secretsmanager', 'GetSecretValue', { SecretId: 'a/b' })).toBe(true);
  expect(await may('secretsmanager', 'GetSecretValue', { SecretId: 'a/b-more' })).toBe(false);
  expect(await may('kms', 'Decrypt', { KeyId: '1' })).toBe(true);
  expect(await may('kms', 'Decrypt', { KeyId: '2' })).toBe(false);
  expect(await may('lambda', 'InvokeFunction', { FunctionName: 'f' })).toBe(true);
  expect(await may('lambda', 'InvokeFunction', { FunctionName: 'g' })).toBe(false);
});

test('what is said in the negative is what is left over', async () => {
  const may = asking({ Effect: 'Allow', NotAction: ['dynamodb:Delete*'], NotResource: [`${TABLE}-2`] });
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes' })).toBe(true);
  expect(await may('dynamodb', 'DeleteItem', { TableName: 'notes' })).toBe(false);
  expect(await may('dynamodb', 'GetItem', { TableName: 'notes-2' })).toBe(false);
});

test('who is asking is nobody’s permission, and an action that AWS does not have is allowed to nobody', async () => {
  const may = asking(allow(['*'], ['*']));
  expect(await may('sts', 'GetCallerIdentity', {})).toBe(true);
  expect(await asking()('dynamodb', 'GetItem', { TableName: 'notes' })).toBe(false);
  expect(await may('dynamodb', 'GetItems', { TableName: 'notes' })).toBe(false);
  expect(await may('no-such-service', 'GetItem', {})).toBe(false);
});

test('a policy that IAM would not take allows nothing, and says why', async () => {
  const role = roleOf({ Effect: 'Allow', Action: ['dynamodb:GetItem'] });
  const call = { service: 'dynamodb', action: 'GetItem', request: { TableName: 'notes' } };
  const { allowed, refusal } = await createPermissions([role]).judge(role, 'sample', call);
  expect(allowed).toBe(false);
  expect(refusal).toContain('policy.errors');
});

test('a condition on something that nobody on this machine knows stops the stack', () => {
  const role = roleOf(
    allow(['sqs:SendMessage'], [QUEUE], { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'x' } } }),
  );
  expect(() => createPermissions([role])).toThrow('role: nobody on this machine knows aws:multifactorauthpresent');
});

test('what a role is used for is told once, and only what allowed a call as a whole', async () => {
  const role = roleOf(
    allow(['dynamodb:GetItem', 'dynamodb:Batch*'], [TABLE, `${TABLE}-*`]),
    allow(['dynamodb:GetItem', 'sqs:SendMessage'], [TABLE]),
  );
  const used: string[] = [];
  const permissions = createPermissions([role], (...one) => used.push(usedGrant(...one)));
  const ask = (action: string, request: object) =>
    permissions.judge(role, 'sample', { service: 'dynamodb', action, request });
  await ask('BatchGetItem', { RequestItems: { 'notes-2': {}, other: {} } });
  expect(used).toEqual([]);
  await ask('GetItem', { TableName: 'notes' });
  await ask('GetItem', { TableName: 'notes' });
  expect(used).toEqual([`role dynamodb:GetItem ${TABLE}`]);
  await ask('BatchGetItem', { RequestItems: { 'notes-2': {}, notes: {} } });
  expect(used.slice(1)).toEqual([`role dynamodb:Batch* ${TABLE}-*`, `role dynamodb:Batch* ${TABLE}`]);
  const all = grantsOf(role).map((grant) => usedGrant(role, grant));
  expect(all).toEqual(expect.arrayContaining(used));
  expect(all).toHaveLength(6);
});

describe('a refusal sounds like the service’s own', () => {
  const denied = (service: string) => accessDenied({ service }, 'User: a is not <authorized>');
  const DENIED = 'AccessDeniedException';

  // https://github.com/aws/aws-sdk-js-v3 reads the name from `__type`, from `x-amzn-query-error` where that is, or from the XML.
  test.each([
    ['dynamodb', 400, `com.amazon.coral.service#${DENIED}`, {}],
    ['sqs', 403, `com.amazon.coral.service#${DENIED}`, { 'x-amzn-query-error': 'AccessDenied;Sender' }],
    ['events', 400, DENIED, {}],
    ['ssm', 400, DENIED, {}],
    ['secretsmanager', 400, DENIED, {}],
    ['kms', 400, DENIED, {}],
  ])('%s', (service, status, type, headers) => {
    const answer = denied(service);
    expect(answer).toMatchObject({ status, headers });
    expect(JSON.parse(answer.body)).toEqual({ __type: type, Message: 'User: a is not <authorized>' });
  });

  test('lambda and s3, whose bodies have no type', () => {
    expect(denied('lambda')).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': DENIED },
      body: '{"Message":"User: a is not <authorized>"}',
    });
    expect(denied('s3')).toMatchObject({ status: 403, headers: { 'content-type': 'application/xml' } });
    expect(denied('s3').body).toContain(
      '<Error><Code>AccessDenied</Code><Message>User: a is not &lt;authorized&gt;</Message></Error>',
    );
  });
});

describe('what Lambda does with a role', () => {
  const LOG = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/work';
  const logs = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${LOG}:*:*`]);
  const polls = allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [QUEUE]);
  const asserting = async (...statements: Statement[]) => {
    const role = roleOf(...statements);
    const work = {
      name: 'work',
      fullName: 'work',
      arn: '',
      handler: '',
      timeoutMs: 1,
      memoryMb: 1,
      environment: {},
      description: '',
      role,
    };
    return assertLambdaMay(createPermissions([role]), [work], [{ function: 'work', queue: 'q.fifo' }]);
  };

  test('is to read its queues and to write its log', async () => {
    await expect(asserting(logs, polls)).resolves.toBeUndefined();
  });

  test.each([
    ['its log', [polls], /CreateLogStream on resource: .*:log-group:\/aws\/lambda\/work:.*\n.*PutLogEvents/],
    [
      'its queue',
      [logs],
      /ReceiveMessage on resource: arn:aws:sqs:.*:q\.fifo .*\n.*DeleteMessage.*\n.*GetQueueAttributes/,
    ],
    ['another’s log', [polls, { ...logs, Resource: [`${LOG}-2:*:*`] }], /CreateLogStream/],
  ])('and without %s no stack comes up', async (_, statements, said) => {
    await expect(asserting(...statements)).rejects.toThrow(said);
  });
});
