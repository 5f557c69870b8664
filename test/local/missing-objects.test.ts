import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClock } from '../../local/clock.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { type LocalServer, listen } from '../../local/http-server.ts';
import { createPermissions } from '../../local/permissions.ts';
import type { Role } from '../../local/roles.ts';

// An object that is not there: S3 tells so to whoever may list the bucket, and tells everybody else that he may not have it.

const BUCKET = 'arn:aws:s3:::bucket';
const roleOf = (...statements: [action: string, resource: string][]): Role => ({
  name: 'role',
  policies: [
    {
      name: 'policy',
      document: {
        Version: '2012-10-17',
        Statement: statements.map(([action, resource]) => ({
          Effect: 'Allow',
          Action: [action],
          Resource: [resource],
        })),
      },
    },
  ],
});
const reads: [string, string] = ['s3:GetObject', `${BUCKET}/library/*`];
const ROLES: Readonly<Record<string, Role>> = {
  reader: roleOf(reads),
  librarian: roleOf(reads, ['s3:ListBucket', BUCKET]),
};

let emptyBucket: LocalServer;
let gateway: Gateway;
beforeAll(async () => {
  emptyBucket = await listen((_, response) => {
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  });
  const permissions = createPermissions(Object.values(ROLES));
  gateway = await startGateway({
    awsEndpoint: emptyBucket.url,
    wecomApiUrl: undefined,
    clock: createClock(),
    timeScale: 1,
    chooseFault: () => undefined,
    functionOf: (environment) => environment,
    kill: () => undefined,
    judge: async (call) => {
      const role = ROLES[call.function];
      return role ? permissions.judge(role, call.function, call) : { allowed: false, by: [] };
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await emptyBucket.stop();
});

const get = async (caller: string, path: string, method = 'GET') => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${caller}/20260101/us-east-1/s3/aws4_request, Signature=0`;
  const response = await fetch(`${gateway.url}${path}`, { method, headers: { authorization } });
  return [response.status, /<Code>(\w+)/.exec(await response.text())?.[1]];
};

test('is missing for whoever may list the bucket', async () => {
  expect(await get('librarian', '/bucket/library/a')).toEqual([404, 'NoSuchKey']);
  expect(await get('librarian', '/bucket/library/a', 'HEAD')).toEqual([404, undefined]);
});

test('is forbidden for whoever may only read', async () => {
  expect(await get('reader', '/bucket/library/a')).toEqual([403, 'AccessDenied']);
  expect(await get('reader', '/bucket/library/a', 'HEAD')).toEqual([403, undefined]);
  expect(gateway.calls.at(-2)).toMatchObject({ outcome: 'answered', error: 'AccessDenied' });
});

test('is refused before S3 is asked where the role does not name it, and so is a list', async () => {
  expect(await get('librarian', '/bucket/inbound/a')).toEqual([403, 'AccessDenied']);
  expect(await get('reader', '/bucket?list-type=2&prefix=library%2F')).toEqual([403, 'AccessDenied']);
  expect(gateway.calls.slice(-2)).toMatchObject([
    { action: 'GetObject', outcome: 'denied', error: 'AccessDenied' },
    { action: 'ListBucket', outcome: 'denied', request: { Bucket: 'bucket', Prefix: 'library/' } },
  ]);
});
