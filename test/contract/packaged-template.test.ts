import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWildcardOnlyAction } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { NOTICED_TYPES } from '../../lib/notices/notice.ts';
import { type PackagedService, packageService, type Template } from '../support/package-service.ts';
import { reachedFrom, readTree } from '../support/source-tree.ts';
import { PERMISSIONS } from './permissions.ts';
import * as rules from './template-rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const OF_STAGING = {
  domain: 'wecom-staging.example.com',
  certificate: 'arn:aws-cn:acm:cn-northwest-1:123456789012:certificate/11111111-2222-3333-4444-555555555555',
  alarmAddress: 'ops@example.com',
  verificationFiles: ['WW_verify_AbCdEf0123456789.txt'],
};
const OF_PROD = {
  domain: 'wecom.example.com',
  certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555',
  alarmAddress: 'https://alarms.example.com/wecom',
  outgoingAddresses: ['eipalloc-0123456789abcdef0 203.0.113.7', 'eipalloc-0123456789abcdef1 203.0.113.8'],
  encryption: 'own-key',
  callbackConcurrency: 20,
};
const NOTHING_SAID = { domain: '', certificate: '', alarmAddress: '' };
const OF_NOBODY = { domain: 'none', outgoing: 'any', alarmAddress: 'none' };
/** Lambda wants them on everything: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const OF_THE_NETWORK = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];
/** A checker of templates in Python, which knows what each region has: https://github.com/aws-cloudformation/cfn-lint */
const testWithLint = spawnSync('cfn-lint', ['--version']).status === 0 ? test : test.skip;

/** The stages that come with the project and one more, China and elsewhere. */
const PLACES = [
  { stage: 'dev', region: 'cn-north-1', isKept: false, settings: {} },
  { stage: 'prod', region: 'us-east-1', isKept: true, settings: OF_PROD },
  { stage: 'staging', region: 'cn-northwest-1', isKept: false, settings: OF_STAGING },
  // Without a file of its own, and with a name as long as it gets.
  { stage: 'production-eu', region: 'cn-northwest-1', isKept: false, settings: OF_NOBODY },
] as const;
const packaged = new Map<(typeof PLACES)[number], PackagedService>();

beforeAll(async () => {
  // The code is the same for all.
  for (const place of PLACES) packaged.set(place, await packageService({ ...place, codeless: place !== PLACES[0] }));
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
    ['no role says anything twice', rules.rolesSayThingsOnce],
    ['names fit', rules.namesFit],
    ['no ARN or host is of one partition only', rules.everythingIsPortable],
    ['what a place adds to a role is little', rules.placesAddLittle],
    ['only WeCom, and customers who open a code, need no signature', rules.onlyWeComAndCustomersAreUnsigned],
  ])('%s', (_, rule) => {
    expect(rule(at(place).template)).toEqual([]);
  });

  test('nothing is used that China does not have, in China', () => {
    const traced = Object.keys(rules.environmentsOf(at(place).template)).length;
    expect(rules.chinaHasEverything(at(place).template)).toHaveLength(place.region.startsWith('cn-') ? 0 : traced);
  });

  test('only the functions that call WeCom are in the network, if there is one', () => {
    const environments = Object.entries(rules.environmentsOf(at(place).template));
    const callers = environments.filter(([, names]) => names.includes('WECOM_API_URL')).map(([name]) => name);
    expect(callers.length).toBeGreaterThan(5);
    const isFixed = place.stage === 'staging' || place.stage === 'prod';
    expect(rules.functionsInNetwork(at(place).template)).toEqual(isFixed ? callers.toSorted() : []);
  });

  test('alarms and their dashboard are there where somebody is to be woken', () => {
    const types = Object.values(at(place).template.Resources).map(({ Type }) => Type);
    const alarms = types.filter((type) => type === 'AWS::CloudWatch::Alarm').length;
    const isWatched = place.stage === 'staging' || place.stage === 'prod';
    expect(alarms > 50).toBe(isWatched);
    expect(types.includes('AWS::CloudWatch::Dashboard')).toBe(isWatched);
  });

  test('what the operator has to know is printed', () => {
    const { Outputs } = at(place).template;
    const ofPlace = { dev: [], 'production-eu': [], staging: ['OutgoingAddressesToKeep'], prod: ['DataKeyArn'] };
    expect(Object.keys(Outputs)).toEqual(expect.arrayContaining(['CallbackUrl', 'AdminUrl', ...ofPlace[place.stage]]));
    expect('OutgoingAddresses' in Outputs).toBe(place.stage === 'staging' || place.stage === 'prod');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  test('CloudFormation takes it', () => {
    const { template, text } = at(place);
    expect(Object.keys(template.Resources).length).toBeLessThan(450);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  });

  testWithLint('cfn-lint finds nothing (skipped where it is not installed)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'linted-'));
    try {
      const path = join(folder, 'template.json');
      writeFileSync(path, at(place).text);
      // Its warnings are about what the framework itself writes.
      const said = spawnSync('cfn-lint', ['--regions', place.region, '--ignore-checks', 'W', '--', path]);
      expect({ said: String(said.stdout), status: said.status }).toEqual({ said: '', status: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('only what AWS cannot narrow is allowed on everything', async () => {
    const actions = rules.actionsOnEverything(at(place).template);
    const narrowable = await Promise.all(
      actions.map(async (action) => {
        const [service = '', name = ''] = action.split(':');
        return (await isWildcardOnlyAction(service, name)) ? [] : [action];
      }),
    );
    const isInNetwork = place.stage === 'staging' || place.stage === 'prod';
    expect(narrowable.flat()).toEqual(isInNetwork ? OF_THE_NETWORK : []);
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
  });
});

test('WeCom waits one second for a GET, cold start included, so that door has no room for a whole SDK', () => {
  const size = at(PLACES[0]).packages['receive-callback']?.['functions/receive-callback.mjs'];
  expect(size).toBeGreaterThan(10_000);
  expect(size).toBeLessThan(200_000);
});

test('a stage that does not say what it needs is told so, before anything is packaged', async () => {
  await expect(packageService({ stage: 'prod', region: 'cn-north-1', settings: NOTHING_SAID })).rejects.toMatchObject({
    stdout: expect.stringMatching(/config\/prod\.yml does not make a stack yet:[\s\S]*- domain: is missing/),
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
      'a role that says a thing twice',
      rules.rolesSayThingsOnce,
      'SweepIamRoleLambdaExecution',
      aRole({ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: ['a', 'b', 'a'] }),
      'SweepIamRoleLambdaExecution: sqs:SendMessage "a" twice',
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
