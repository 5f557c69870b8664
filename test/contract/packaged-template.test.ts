import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { NOTICED_TYPES } from '../../lib/notices/notice.ts';
import { type PackagedService, packageService, type Template } from '../support/package-service.ts';
import { reachedFrom, readTree } from '../support/source-tree.ts';
import { PERMISSIONS } from './permissions.ts';
import * as rules from './template-rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A stage with a configuration of its own and one without, China and elsewhere, and names as long as they get. */
const PLACES = [
  { stage: 'dev', region: 'cn-north-1', isKept: false },
  { stage: 'prod', region: 'us-east-1', isKept: true },
  { stage: 'production-eu', region: 'cn-northwest-1', isKept: false },
] as const;
const packaged = new Map<(typeof PLACES)[number], PackagedService>();

beforeAll(async () => {
  for (const place of PLACES) packaged.set(place, await packageService(place));
}, 180_000);

function at(place: (typeof PLACES)[number]): PackagedService {
  const one = packaged.get(place);
  if (!one) throw new Error(`${place.stage} was not packaged`);
  return one;
}

describe.each(PLACES)('for $stage in $region', (place) => {
  test.each<[string, (template: Template) => string[]]>([
    ['every queue sets aside what fails, in a queue of its own that keeps it longer', rules.queuesSetAside],
    ['queues are encrypted, and groups of a FIFO queue do not slow each other', rules.queuesAreEncrypted],
    ['consumers answer for each record, and have the time to', rules.consumersAnswerForEachRecord],
    ['queues let in the rules that send to them, and nothing is lost on the way', rules.rulesReachTheirQueues],
    ['no role does more than it names', rules.rolesNameWhatTheyDo],
    ['every role belongs to one function', rules.rolesAreUsedOnce],
    ['names fit', rules.namesFit],
    ['no ARN or host is of one partition only', rules.everythingIsPortable],
    ['nothing is used that China does not have', rules.chinaHasEverything],
    ['only WeCom, and customers who open a code, need no signature', rules.onlyWeComAndCustomersAreUnsigned],
  ])('%s', (_, rule) => {
    expect(rule(at(place).template)).toEqual([]);
  });

  test('each function may do exactly what is listed', () => {
    expect(rules.permissionsOf(at(place).template)).toEqual(
      Object.fromEntries(
        Object.entries(PERMISSIONS).map(([name, actions]) => [
          name,
          Object.fromEntries(Object.entries(actions).map(([action, on]) => [action, on.split(' ').sort()])),
        ]),
      ),
    );
  });

  test('each function has the settings that its source reads, and no other', () => {
    const declared = Object.entries(rules.environmentsOf(at(place).template));
    expect(
      Object.fromEntries(declared.map(([name, names]) => [name, names.filter((one) => !FOR_ALL.has(one))])),
    ).toEqual(
      Object.fromEntries(declared.map(([name]) => [name, settingsRead(name).filter((one) => !FOR_ALL.has(one))])),
    );
    for (const [, names] of declared) expect(names).toEqual(expect.arrayContaining([...FOR_ALL]));
  });

  test('supervisors’ rule lets through what their notices are made of', () => {
    expect(rules.typesOfRules(at(place).template)).toEqual({ NoticesRule: NOTICED_TYPES.toSorted() });
  });

  test('tables are what they were agreed to be', () => {
    expect(rules.tablesOf(at(place).template)).toEqual({
      ConversationsTable:
        'conversationId entry | unread(conversationId unread) timeline(conversationId arrivedAt) attention(attention attentionAt) | expiresAt',
      RoutingTable: 'id entry | unread(id unread) attention(attention attentionAt) | expiresAt',
      RepliesTable: 'id entry | expiresAt',
      ContactWaysTable: 'wayId entry | unread(wayId unread) attention(attention attentionAt) | expiresAt',
      CustomersTable: 'customerId entry | expiresAt',
      AccessTable: 'id entry | expiresAt',
      WeComTable: 'id | attention(attention attentionAt) | expiresAt',
    });
    const kept = place.isKept
      ? { onDelete: 'Retain', onReplace: 'Retain', protected: true, restorable: true }
      : { onDelete: 'Delete', onReplace: 'Delete', protected: false, restorable: false };
    for (const [id, table] of Object.entries(rules.tableCareOf(at(place).template))) {
      expect({ id, ...table }).toEqual({ id, ...kept });
    }
  });

  test('a package holds one bundle and its source map', () => {
    const { template, packages } = at(place);
    const doors = globSync('functions/*.ts', { cwd: root }).map((path) =>
      path.slice('functions/'.length, -'.ts'.length),
    );
    expect(Object.keys(packages).sort()).toEqual(doors.sort());
    expect(Object.keys(rules.environmentsOf(template)).sort()).toEqual(doors.sort());
    for (const [name, files] of Object.entries(packages)) {
      expect(Object.keys(files).sort()).toEqual([`functions/${name}.mjs`, `functions/${name}.mjs.map`]);
    }
    // WeCom waits one second for a GET, cold start included, so this one has no room for a whole SDK.
    expect(packages['receive-callback']?.['functions/receive-callback.mjs']).toBeLessThan(200_000);
  });
});

/** Given to every function: who it is, how much it says, and Node's own option. */
const FOR_ALL = new Set(['CONCIERGE_STAGE', 'LOG_LEVEL', 'NODE_OPTIONS']);
const sources = readTree(root, ['functions']);

/** The settings that a door, and the wiring that it uses, name. */
function settingsRead(name: string): string[] {
  const files = [...reachedFrom(sources, `functions/${name}.ts`)].map((path) => sources[path] ?? '');
  const named = files.flatMap((text) => [
    ...[...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)].map(([, one]) => one ?? ''),
    ...[...text.matchAll(/process\.env\.(\w+)/g)].map(([, one]) => one ?? ''),
  ]);
  return [...new Set(named)].sort();
}

const Spoilt = z.record(z.string(), z.looseObject({ Properties: z.record(z.string(), z.unknown()).default({}) }));

describe('the rules can fail', () => {
  /** The first template, changed by hand. */
  function spoilt(id: string, properties: object): Template {
    const { template } = at(PLACES[0]);
    const Resources = Spoilt.parse(structuredClone(template.Resources));
    const properties_ = { ...Resources[id]?.Properties, ...properties };
    return {
      ...template,
      Resources: { ...template.Resources, [id]: { Type: typeOf(template, id), Properties: properties_ } },
    };
  }
  const typeOf = (template: Template, id: string) => template.Resources[id]?.Type ?? 'AWS::Lambda::Url';

  test.each<[string, (template: Template) => string[], string, object, string]>([
    ['a queue without dead letters', rules.queuesSetAside, 'TimersQueue', { RedrivePolicy: undefined }, 'TimersQueue'],
    [
      'a FIFO queue with a plain dead-letter queue',
      rules.queuesSetAside,
      'SignalsDeadLetterQueue',
      { FifoQueue: undefined },
      'SignalsQueue',
    ],
    [
      'dead letters that go first',
      rules.queuesSetAside,
      'SignalsDeadLetterQueue',
      { MessageRetentionPeriod: 60 },
      'SignalsQueue',
    ],
    ['an open queue', rules.queuesAreEncrypted, 'TimersQueue', { SqsManagedSseEnabled: false }, 'TimersQueue'],
    [
      'a visibility that ends too soon',
      rules.consumersAnswerForEachRecord,
      'TimersQueue',
      { VisibilityTimeout: 179 },
      'TimersQueue',
    ],
    [
      'a consumer that fails as a whole',
      rules.consumersAnswerForEachRecord,
      'RouteDashmessageEventSourceMappingSQSConversationsQueue',
      { FunctionResponseTypes: undefined },
      'ConversationsQueue',
    ],
    [
      'a window on a FIFO queue',
      rules.consumersAnswerForEachRecord,
      'RouteDashmessageEventSourceMappingSQSConversationsQueue',
      { MaximumBatchingWindowInSeconds: 1 },
      'ConversationsQueue',
    ],
    [
      'a role that may do anything',
      rules.rolesNameWhatTheyDo,
      'SweepIamRoleLambdaExecution',
      aRole({ Effect: 'Allow', Action: ['dynamodb:*'], Resource: '*' }),
      'SweepIamRoleLambdaExecution',
    ],
    [
      'a role for two',
      rules.rolesAreUsedOnce,
      'SweepLambdaFunction',
      { Role: { 'Fn::GetAtt': ['AdminDashapiIamRoleLambdaExecution', 'Arn'] } },
      'AdminDashapiIamRoleLambdaExecution',
    ],
    [
      'a queue that lets in another rule',
      rules.rulesReachTheirQueues,
      'NoticesQueuePolicy',
      { PolicyDocument: { Version: '2012-10-17', Statement: [] } },
      'NoticesQueue does not let it in',
    ],
    ['a long role name', rules.namesFit, 'SweepIamRoleLambdaExecution', { RoleName: 'r'.repeat(65) }, 'SweepIamRole'],
    [
      'a literal ARN',
      rules.everythingIsPortable,
      'SweepLambdaFunction',
      { Layers: ['arn:aws:lambda:us-east-1:1:layer:x'] },
      'SweepLambdaFunction',
    ],
    [
      'a literal host',
      rules.everythingIsPortable,
      'SweepLambdaFunction',
      { Environment: { Variables: { URL: 'https://sqs.us-east-1.amazonaws.com' } } },
      'SweepLambdaFunction',
    ],
    [
      'tracing',
      rules.chinaHasEverything,
      'SweepLambdaFunction',
      { TracingConfig: { Mode: 'Active' } },
      'SweepLambdaFunction',
    ],
    ['a function’s own address', rules.chinaHasEverything, 'SweepUrl', { AuthType: 'NONE' }, 'SweepUrl'],
    [
      'an open admin API',
      rules.onlyWeComAndCustomersAreUnsigned,
      'HttpApiRouteAnyAdminV1ProxyVar',
      { AuthorizationType: 'NONE' },
      'HttpApiRouteAnyAdminV1ProxyVar',
    ],
  ])('%s is found', (_, rule, id, properties, offender) => {
    expect(rule(spoilt(id, properties)).join('\n')).toContain(offender);
  });

  function aRole(statement: object): object {
    return { Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } }] };
  }
});
