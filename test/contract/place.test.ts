import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { alarmsOf, namespaceOf } from '../../stack/alarm-list.ts';
import { RUNBOOK } from '../../stack/alarms.ts';
import { finishTemplate } from '../../stack/finish.ts';
import { type Place, readStackSettings } from '../../stack/settings.ts';
import type { Template } from '../../stack/template.ts';
import { readTree } from '../support/source-tree.ts';

const DEFAULTS: object = parse(readFileSync('config/default.yml', 'utf8'));
const CHINA: Place = { stage: 'prod', region: 'cn-north-1', where: 'cloud' };
const ELSEWHERE: Place = { stage: 'prod', region: 'eu-central-1', where: 'cloud' };
const certificate = 'arn:aws-cn:acm:cn-north-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const COMPLETE = { domain: 'wecom.example.com', certificate, alarmAddress: 'ops@example.com' };
const BARE = { domain: 'none', outgoing: 'any', alarmAddress: 'none' };

const role = (name: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    Policies: [
      {
        PolicyName: 'lambda',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:CreateLogGroup', 'logs:PutLogEvents'],
              Resource: 'its log',
            },
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'its queue' },
          ],
        },
      },
    ],
  },
});
const lambda = (name: string, of: string, Variables: object) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Handler: `functions/${name}.handler`,
    Role: { 'Fn::GetAtt': [of, 'Arn'] },
    Environment: { Variables },
  },
});
/** A small stack with one of each kind. */
const SMALL: Template & { Conditions: object } = {
  Conditions: { Kept: true },
  Resources: {
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api' },
    HttpApiStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { DefaultRouteSettings: { DetailedMetricsEnabled: true } },
    },
    ReceiveDashcallbackLambdaFunction: lambda('receive-callback', 'FirstRole', { CONTACT_ADDRESS: '' }),
    RouteLambdaFunction: lambda('route-message', 'SecondRole', { WECOM_API_URL: 'https://qyapi.weixin.qq.com' }),
    ProofLambdaFunction: lambda('verify-domain', 'ThirdRole', { VERIFICATION_FILES: 'none' }),
    FirstRole: role('first'),
    SecondRole: role('second'),
    ThirdRole: role('third'),
    OrdersTable: { Type: 'AWS::DynamoDB::Table', Properties: {} },
    OrdersQueue: {
      Type: 'AWS::SQS::Queue',
      Properties: { SqsManagedSseEnabled: true, RedrivePolicy: { deadLetterTargetArn: 'x' } },
    },
    OrdersDeadLetterQueue: { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } },
    MediaBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  },
  Outputs: {
    CallbackUrl: { Description: 'Give it to WeCom.', Value: 'https://gateway/wecom/callbacks/{app}' },
    ConsoleUrl: { Description: 'Log in here.', Value: 'https://gateway/console/v1/login' },
  },
};

const finished = (settings: object, place: Place = CHINA): Template =>
  finishTemplate(SMALL, { ...DEFAULTS, ...settings }, place, 'wecom-concierge-prod');
const propertiesOf = (template: Template, id: string): Record<string, unknown> =>
  z.record(z.string(), z.unknown()).parse(template.Resources[id]?.Properties ?? {});
const ofType = (template: Template, type: string): string[] =>
  Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === type);
const inNetwork = (template: Template): string[] =>
  ofType(template, 'AWS::Lambda::Function').filter((id) => 'VpcConfig' in propertiesOf(template, id));

describe('a stage has to say', () => {
  const refused = (settings: object, place: Place = CHINA): string => {
    try {
      readStackSettings({ ...DEFAULTS, ...settings }, place);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };

  test('whose domain it has and who hears of alarms; without, each missing setting is named', () => {
    expect(refused({})).toMatch(/config\/prod\.yml.*\n- domain: is missing.*\n- alarmAddress: is missing/);
  });

  test('a certificate for its domain', () => {
    expect(refused({ ...COMPLETE, certificate: '' })).toContain('certificate: is missing');
  });

  test.each([
    [
      'a certificate of another region',
      { certificate: certificate.replace('cn-north-1', 'us-east-1') },
      'certificate:',
    ],
    ['a domain that is an address', { domain: 'https://wecom.example.com' }, 'domain:'],
    ['another way out', { outgoing: 'vpn' }, 'outgoing:'],
    ['one outgoing address', { outgoingAddresses: ['eipalloc-0123456789abcdef0 203.0.113.7'] }, 'outgoingAddresses:'],
    ['addresses without their numbers', { outgoingAddresses: ['eipalloc-01', 'eipalloc-02'] }, 'outgoingAddresses:'],
    ['another file than WeCom’s', { verificationFiles: ['robots.txt'] }, 'verificationFiles:'],
    ['a key of nobody', { encryption: 'rot13' }, 'encryption:'],
    ['no requests', { requestsPerSecond: 0 }, 'requestsPerSecond'],
  ])('%s is refused, by name', (_, settings, named) => {
    expect(refused({ ...COMPLETE, ...settings })).toContain(`- ${named}`);
  });

  // Names of roles, functions and buckets have the stage in them (64 characters; a bucket: small letters, digits and dashes).
  test.each(['Prod', 'acme_prod', 'acme.prod', 'acme-shanghai-prod', '-acme', 'acme-'])(
    'a name that AWS takes wherever it stands, and %s is none',
    (stage) => {
      expect(refused(COMPLETE, { ...CHINA, stage })).toMatch(
        /^config\/\S+ does not make a stack yet:\n- the stage’s name/,
      );
    },
  );

  test.each(['dev', 'production-eu', 'a', 'acme2'])('%s is such a name', (stage) => {
    expect(refused(COMPLETE, { ...CHINA, stage })).toBe('');
  });

  test('nothing more than that', () => {
    expect(refused(COMPLETE)).toBe('');
    expect(refused(BARE)).toBe('');
  });

  test('nothing at all on the laptop', () => {
    expect(refused({}, { ...CHINA, where: 'laptop' })).toBe('');
  });
});

describe('outgoing addresses', () => {
  test('only functions that call WeCom go into the network', () => {
    expect(inNetwork(finished(COMPLETE))).toEqual(['RouteLambdaFunction']);
    expect(JSON.stringify(finished(COMPLETE).Resources.SecondRole)).toContain('ec2:CreateNetworkInterface');
    expect(JSON.stringify(finished(COMPLETE).Resources.FirstRole)).not.toContain('ec2:');
  });

  test('there are two, one in each zone, which stay when the stack goes', () => {
    const template = finished(COMPLETE);
    expect(ofType(template, 'AWS::EC2::NatGateway')).toHaveLength(2);
    const addresses = ofType(template, 'AWS::EC2::EIP').map((id) => template.Resources[id]);
    expect(addresses).toHaveLength(2);
    for (const one of addresses) expect(one).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(template.Outputs).toHaveProperty('OutgoingAddressesToKeep');
  });

  test('those of a stack before serve again, and none is made', () => {
    const outgoingAddresses = ['eipalloc-0a 203.0.113.7', 'eipalloc-0b 203.0.113.8'];
    const template = finished({ ...COMPLETE, outgoingAddresses });
    expect(ofType(template, 'AWS::EC2::EIP')).toEqual([]);
    expect(propertiesOf(template, 'NatGateway0').AllocationId).toBe('eipalloc-0a');
    expect(propertiesOf(template, 'NatGateway1').AllocationId).toBe('eipalloc-0b');
    expect(template.Outputs.OutgoingAddresses?.Value).toBe('203.0.113.7;203.0.113.8');
  });

  test('subnets lie inside the network and apart from each other', () => {
    const template = finished(COMPLETE);
    const range = (cidr: unknown): [number, number] => {
      const [address = '', bits = ''] = String(cidr).split('/');
      const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      return [start, start + 2 ** (32 - Number(bits))];
    };
    const [from, to] = range(propertiesOf(template, 'Network').CidrBlock);
    const subnets = ofType(template, 'AWS::EC2::Subnet').map((id) => range(propertiesOf(template, id).CidrBlock));
    expect(subnets).toHaveLength(4);
    subnets.sort(([a], [b]) => a - b);
    for (const [index, [start, end]] of subnets.entries()) {
      expect(start).toBeGreaterThanOrEqual(subnets[index - 1]?.[1] ?? from);
      expect(end).toBeLessThanOrEqual(to);
    }
  });

  test('whoever goes out by any of AWS’s has no network', () => {
    const template = finished({ ...COMPLETE, outgoing: 'any' });
    expect(Object.values(template.Resources).filter(({ Type }) => Type.startsWith('AWS::EC2::'))).toEqual([]);
    expect(inNetwork(template)).toEqual([]);
  });
});

describe('the domain', () => {
  test('is in the callback’s address and in printed codes', () => {
    const template = finished(COMPLETE);
    expect(template.Outputs.CallbackUrl?.Value).toBe('https://wecom.example.com/wecom/callbacks/{app}');
    expect(JSON.stringify(propertiesOf(template, 'ReceiveDashcallbackLambdaFunction'))).toContain(
      '"CONTACT_ADDRESS":"https://wecom.example.com"',
    );
    expect(template.Outputs).toHaveProperty('DomainTarget');
  });

  test('is where supervisors log in: WeCom sends them back to a host that is the corp’s only', () => {
    expect(finished(COMPLETE).Outputs.ConsoleUrl?.Value).toBe('https://wecom.example.com/console/v1/login');
    expect(finished(BARE).Outputs.ConsoleUrl?.Value).toBe('https://gateway/console/v1/login');
  });

  test('the filing that China wants is named where the address is printed', () => {
    const said = (settings: object, place: Place) => finished(settings, place).Outputs.CallbackUrl?.Description;
    expect(said(COMPLETE, CHINA)).toContain('ICP');
    expect(said(BARE, CHINA)).toContain('ICP');
    expect(said(BARE, ELSEWHERE)).not.toContain('ICP');
  });

  test('WeCom’s proof is given to the function that shows it', () => {
    const template = finished({ ...COMPLETE, verificationFiles: ['WW_verify_Abc.txt', 'WW_verify_Def.txt'] });
    expect(JSON.stringify(propertiesOf(template, 'ProofLambdaFunction'))).toContain(
      '"VERIFICATION_FILES":"WW_verify_Abc.txt,WW_verify_Def.txt"',
    );
  });
});

describe('every place', () => {
  test('keeps what the template said otherwise', () => {
    expect(finished(COMPLETE)).toMatchObject({ Conditions: SMALL.Conditions });
    expect(finished(BARE, ELSEWHERE).Resources).toMatchObject({ HttpApi: SMALL.Resources.HttpApi });
  });

  test('slows callers down, and keeps environments for callbacks where it is told to', () => {
    const template = finished({ ...BARE, requestsPerSecond: 7, requestBurst: 9, callbackConcurrency: 5 });
    expect(propertiesOf(template, 'HttpApiStage').DefaultRouteSettings).toEqual({
      DetailedMetricsEnabled: true,
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
    expect(propertiesOf(template, 'ReceiveDashcallbackLambdaFunction').ReservedConcurrentExecutions).toBe(5);
    expect(propertiesOf(template, 'RouteLambdaFunction')).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('lets no function make a log group, which would be left behind', () => {
    expect(JSON.stringify(finished(BARE))).not.toContain('logs:CreateLogGroup');
    expect(JSON.stringify(finished(BARE))).toContain('logs:CreateLogStream');
  });

  test('traces outside China only', () => {
    expect(JSON.stringify(finished(COMPLETE))).not.toMatch(/xray|TracingConfig/);
    const template = finished(BARE, ELSEWHERE);
    expect(propertiesOf(template, 'RouteLambdaFunction').TracingConfig).toEqual({ Mode: 'Active' });
    expect(JSON.stringify(template.Resources.SecondRole)).toContain('xray:PutTraceSegments');
  });

  test('encrypts with its own key what holds customers’ data, where it is told to', () => {
    const template = finished({ ...BARE, encryption: 'own-key' });
    const key = { 'Fn::GetAtt': ['DataKey', 'Arn'] };
    expect(propertiesOf(template, 'OrdersTable').SSESpecification).toMatchObject({ KMSMasterKeyId: key });
    expect(propertiesOf(template, 'OrdersQueue')).toMatchObject({ KmsMasterKeyId: key, SqsManagedSseEnabled: false });
    expect(JSON.stringify(propertiesOf(template, 'MediaBucket'))).toContain('aws:kms');
    expect(propertiesOf(template, 'ServerlessDeploymentBucket')).toEqual({});
    expect(ofType(finished(BARE), 'AWS::KMS::Key')).toEqual([]);
    const kept = finished({ ...BARE, encryption: 'own-key', deletionPolicy: 'Retain' });
    expect(kept.Resources.DataKey?.DeletionPolicy).toBe('Retain');
  });
});

describe('alarms', () => {
  const Alarm = z.object({ AlarmName: z.string(), AlarmDescription: z.string(), AlarmActions: z.array(z.unknown()) });
  const alarms = (template: Template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').map((id) => Alarm.parse(propertiesOf(template, id)));
  const names = alarms(finished(COMPLETE)).map(({ AlarmName }) => AlarmName.slice('wecom-concierge-prod-'.length));

  test('every queue, its dead letters and every function have one', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'work-waits-orders',
        'dead-letters-orders',
        ...['receive-callback', 'route-message', 'verify-domain'].map((one) => `function-fails-${one}`),
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('each names a section of the runbook, and the runbook has no other', () => {
    const sections = [...readFileSync(RUNBOOK, 'utf8').matchAll(/^## (\S+)$/gm)].map(([, id]) => id);
    const named = alarms(finished(COMPLETE)).map(
      ({ AlarmDescription }) => / Runbook: docs\/operations\/alarms\.md#(\S+)$/.exec(AlarmDescription)?.[1],
    );
    expect(sections.toSorted()).toEqual([...new Set(named)].toSorted());
  });

  test('all are told to the address of the settings', () => {
    const template = finished(COMPLETE);
    for (const one of alarms(template)) expect(one.AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
    expect(propertiesOf(template, 'AlarmSubscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    const web = finished({ ...COMPLETE, alarmAddress: 'https://alarms.example.com' });
    expect(propertiesOf(web, 'AlarmSubscription').Protocol).toBe('https');
  });

  test('what they look at is counted somewhere, by the same dimensions', () => {
    const source = Object.values(readTree(process.cwd(), ['lib', 'functions'])).join('\n');
    const looked = alarmsOf(SMALL, 'prod')
      .flatMap(({ metric }) => {
        if ('part' in metric) return [...metric.part, metric.whole];
        return 'busiest' in metric ? metric.busiest : [metric];
      })
      .filter(({ namespace }) => namespace === namespaceOf('prod'));
    expect(looked.length).toBeGreaterThan(20);
    const uncounted = looked.filter(({ name, dimensions }) => {
      const [call = ''] = new RegExp(`(count|duration)\\('${name}'[^;]*;`).exec(source) ?? [];
      const [dimension, ...more] = Object.keys(dimensions);
      if (more.length > 0) return !call.includes(`['${[dimension, ...more].join("', '")}']`);
      if (dimension !== undefined) return !new RegExp(`\\{ ${dimension}[ :,]|\\['${dimension}'\\]`).test(call);
      return !/\('\w+'\)|\{\}| \[\]\]/.test(call);
    });
    expect(uncounted).toEqual([]);
    expect(source).toContain('`WeComConcierge/');
    expect(namespaceOf('prod')).toBe('WeComConcierge/prod');
  });

  test('the dashboard shows each kind, and is JSON once its values are in', () => {
    const Body = z.object({ 'Fn::Sub': z.tuple([z.string(), z.record(z.string(), z.unknown())]) });
    const [text, values] = Body.parse(propertiesOf(finished(COMPLETE), 'Dashboard').DashboardBody)['Fn::Sub'];
    const filled = text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      expect(name === 'AWS::Region' || name in values).toBe(true);
      return 'value';
    });
    const Widgets = z.object({
      widgets: z.array(z.object({ properties: z.object({ title: z.string().optional() }) })),
    });
    const titles = Widgets.parse(JSON.parse(filled)).widgets.flatMap(({ properties: { title } }) => title ?? []);
    expect(titles.length).toBeGreaterThan(20);
    for (const title of titles) expect(names.some((name) => name.startsWith(title))).toBe(true);
  });

  test('none is made where nobody is to be woken', () => {
    expect(alarms(finished(BARE))).toEqual([]);
    expect(ofType(finished(BARE), 'AWS::SNS::Topic')).toEqual([]);
  });
});
