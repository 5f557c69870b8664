import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageStack } from '../../local/package-stack.ts';
import { createPermissions } from '../../local/permissions.ts';
import { grantsOf, type Role } from '../../local/roles.ts';
import { createResolver, type FunctionDescription, readFunctions } from '../../local/template.ts';
import { usedGrant } from '../../local/used-grants.ts';
import { findUnused } from '../support/unused-grants.ts';
import { EXCUSED_GRANTS } from './excused-grants.ts';

let functions: FunctionDescription[];
beforeAll(async () => {
  const { template } = await packageStack({ stage: 'dev', root: fileURLToPath(new URL('../..', import.meta.url)) });
  functions = readFunctions(
    template,
    createResolver(template, (queue) => queue),
  );
}, 180_000);

/** Some resource that a pattern means. */
const someOf = (pattern: string): string =>
  pattern
    .replace(/:\*:\*$/, ':log-stream:any')
    .replaceAll('*', 'any')
    .replaceAll('?', 'x');

test('whatever a role allows is something that AWS has: the action, and on such a resource', async () => {
  expect(functions.length).toBeGreaterThan(15);
  const permissions = createPermissions(functions.map(({ role }) => role));
  const refusals = functions.flatMap(({ role, fullName }) =>
    grantsOf(role).map(async ({ action, resource }) => {
      const need = { action, resource: someOf(resource), keys: {} };
      return (await permissions.judgeNeed(role, fullName, need)).refusal ?? [];
    }),
  );
  expect((await Promise.all(refusals)).flat()).toEqual([]);
});

test('no function may do anything to what it does not name', async () => {
  const permissions = createPermissions(functions.map(({ role }) => role));
  const strangers = functions.flatMap(({ name, role, fullName }) =>
    grantsOf(role).map(async ({ action, resource }) => {
      const need = { action, resource: someOf(resource).replace(/wecom-concierge/g, 'another'), keys: {} };
      return (await permissions.judgeNeed(role, fullName, need)).allowed ? `${name} ${action} ${need.resource}` : [];
    }),
  );
  expect((await Promise.all(strangers)).flat()).toEqual([]);
});

test('every excuse is for something that a role allows, and gives a reason', () => {
  const { emptyExcuses } = findUnused(functions, new Set(), EXCUSED_GRANTS);
  expect(emptyExcuses).toEqual([]);
  for (const reason of Object.values(EXCUSED_GRANTS)) expect(reason.split(' ').length).toBeGreaterThan(3);
});

describe('what nobody used is found', () => {
  const QUEUES = 'arn:aws:sqs:us-east-1:000000000000:wecom-concierge-dev';
  const Action = ['sqs:SendMessage', 'sqs:DeleteMessage'];
  const Statement = [
    { Effect: 'Allow' as const, Action, Resource: [`${QUEUES}-a`, `${QUEUES}-b.fifo`] },
    { Effect: 'Deny' as const, Action, Resource: ['*'] },
  ];
  const role: Role = { name: 'role', policies: [{ name: 'p', document: { Version: '2012-10-17', Statement } }] };
  const used = (...grants: [action: string, queue: string][]) =>
    new Set(grants.map(([action, queue]) => usedGrant(role, { action, resource: `${QUEUES}-${queue}` })));
  const find = (seen: Set<string>, excused = {}) => findUnused([{ name: 'work', role }], seen, excused);

  test('action by action and resource by resource', () => {
    const seen = used(['sqs:SendMessage', 'a'], ['sqs:DeleteMessage', 'a'], ['sqs:SendMessage', 'b.fifo']);
    expect(find(seen)).toEqual({ grants: 4, unused: ['work sqs:DeleteMessage b.fifo'], emptyExcuses: [] });
    expect(find(new Set([...seen, ...used(['sqs:DeleteMessage', 'b.fifo'])])).unused).toEqual([]);
  });

  test('unless it is excused; an excuse for nothing is found, too', () => {
    const excused = { 'work sqs:DeleteMessage b.fifo': 'why', 'work sqs:DeleteMessage c': 'why' };
    const seen = used(['sqs:SendMessage', 'a'], ['sqs:DeleteMessage', 'a']);
    expect(find(seen, excused)).toEqual({
      grants: 4,
      unused: ['work sqs:SendMessage b.fifo'],
      emptyExcuses: ['work sqs:DeleteMessage c'],
    });
  });

  test('another role of another stack does not count', () => {
    const other = { ...role, name: 'other' };
    expect(
      find(new Set([usedGrant(other, { action: 'sqs:SendMessage', resource: `${QUEUES}-a` })])).unused,
    ).toHaveLength(4);
  });
});
