import * as z from 'zod';
import type { Template } from '../support/package-service.ts';

// What every packaged template has to keep. Each rule names what offends, as `logical id: why`.

const GetAtt = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
  .transform((one) => one['Fn::GetAtt'][0]);

/** The resources of a type with their properties, as far as `shape` reads them. */
function resources<T>(template: Template, type: string, shape: z.ZodType<T>): [string, T][] {
  return Object.entries(template.Resources)
    .filter(([, one]) => one.Type === type)
    .map(([id, one]): [string, T] => [id, shape.parse(one.Properties)]);
}

const Queue = z.object({
  QueueName: z.string(),
  FifoQueue: z.boolean().default(false),
  SqsManagedSseEnabled: z.boolean().default(false),
  KmsMasterKeyId: z.unknown().optional(),
  DeduplicationScope: z.string().optional(),
  FifoThroughputLimit: z.string().optional(),
  VisibilityTimeout: z.number().default(30),
  MessageRetentionPeriod: z.number().default(345_600),
  RedrivePolicy: z.object({ deadLetterTargetArn: GetAtt, maxReceiveCount: z.number().int().min(5) }).optional(),
});
const queuesOf = (template: Template) => resources(template, 'AWS::SQS::Queue', Queue);

export function queuesSetAside(template: Template): string[] {
  const queues = new Map(queuesOf(template));
  const setAside = new Map(
    [...queues].flatMap(([id, { RedrivePolicy }]) => (RedrivePolicy ? [[id, RedrivePolicy]] : [])),
  );
  const targets = [...setAside.values()].map((one) => one.deadLetterTargetArn);
  return [...queues].flatMap(([id, queue]) => {
    if (targets.includes(id)) return targets.filter((one) => one === id).length > 1 ? [`${id}: serves two queues`] : [];
    const target = queues.get(setAside.get(id)?.deadLetterTargetArn ?? '');
    if (!target) return [`${id}: no dead-letter queue`];
    return [
      ...(target.FifoQueue === queue.FifoQueue ? [] : [`${id}: its dead-letter queue is of another kind`]),
      ...(target.MessageRetentionPeriod >= queue.MessageRetentionPeriod ? [] : [`${id}: its dead letters go first`]),
    ];
  });
}

export function queuesAreEncrypted(template: Template): string[] {
  const dead = new Set(queuesOf(template).map(([, { RedrivePolicy }]) => RedrivePolicy?.deadLetterTargetArn));
  return queuesOf(template).flatMap(([id, queue]) => [
    ...(queue.SqsManagedSseEnabled || queue.KmsMasterKeyId !== undefined ? [] : [`${id}: not encrypted`]),
    ...(queue.FifoQueue === queue.QueueName.endsWith('.fifo') ? [] : [`${id}: its name does not say what it is`]),
    ...(!queue.FifoQueue || dead.has(id) || queue.FifoThroughputLimit === 'perMessageGroupId'
      ? []
      : [`${id}: groups share one limit`]),
  ]);
}

const Mapping = z.object({
  EventSourceArn: GetAtt,
  FunctionName: GetAtt,
  BatchSize: z.number(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  Enabled: z.boolean(),
});
const Lambda = z.object({
  FunctionName: z.string(),
  Timeout: z.number(),
  Role: GetAtt,
  Code: z.object({ S3Key: z.string().regex(/[^/]+\.zip$/) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});
const functionsOf = (template: Template) => resources(template, 'AWS::Lambda::Function', Lambda);
const nameOf = ({ Code }: z.infer<typeof Lambda>): string =>
  Code.S3Key.split('/').at(-1)?.slice(0, -'.zip'.length) ?? '';

export function consumersAnswerForEachRecord(template: Template): string[] {
  const queues = new Map(queuesOf(template));
  const functions = new Map(functionsOf(template));
  return resources(template, 'AWS::Lambda::EventSourceMapping', Mapping).flatMap(([, mapping]) => {
    const id = mapping.EventSourceArn;
    const fifo = queues.get(id)?.FifoQueue ?? true;
    const visibility = queues.get(id)?.VisibilityTimeout ?? 0;
    const timeout = functions.get(mapping.FunctionName)?.Timeout ?? Number.POSITIVE_INFINITY;
    return [
      ...(mapping.FunctionResponseTypes.join() === 'ReportBatchItemFailures'
        ? []
        : [`${id}: a batch fails as a whole`]),
      ...(mapping.Enabled ? [] : [`${id}: nobody reads it`]),
      ...(!fifo || mapping.BatchSize <= 10 ? [] : [`${id}: a batch of more than 10`]),
      ...(!fifo || mapping.MaximumBatchingWindowInSeconds === 0 ? [] : [`${id}: a FIFO queue has no batching window`]),
      // Lambda's own advice: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      ...(visibility >= 6 * timeout ? [] : [`${id}: visible again before six time-outs of its consumer`]),
    ];
  });
}

const BusRule = z.object({
  EventPattern: z.object({ 'detail-type': z.array(z.string()) }).optional(),
  Targets: z.array(z.object({ Arn: GetAtt, DeadLetterConfig: z.object({ Arn: GetAtt }).optional() })),
});
const rulesOfBus = (template: Template) =>
  resources(template, 'AWS::Events::Rule', BusRule).filter(([, { EventPattern }]) => EventPattern !== undefined);
const QueuePolicy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Principal: z.object({ Service: z.literal('events.amazonaws.com') }),
        Action: z.literal('sqs:SendMessage'),
        Resource: z.array(GetAtt),
        Condition: z.object({ ArnEquals: z.object({ 'aws:SourceArn': GetAtt }) }),
      }),
    ),
  }),
});

/** A queue takes nothing from the bus that its own policy does not name: the events would be lost without a word. */
export function rulesReachTheirQueues(template: Template): string[] {
  const letIn = resources(template, 'AWS::SQS::QueuePolicy', QueuePolicy).flatMap(([, { PolicyDocument }]) =>
    PolicyDocument.Statement.flatMap(({ Resource, Condition }) =>
      Resource.map((queue) => `${Condition.ArnEquals['aws:SourceArn']} ${queue}`),
    ),
  );
  return rulesOfBus(template).flatMap(([id, { Targets }]) =>
    Targets.flatMap(({ Arn, DeadLetterConfig }) => [
      ...(DeadLetterConfig ? [] : [`${id}: what ${Arn} does not take is lost`]),
      ...[Arn, ...(DeadLetterConfig ? [DeadLetterConfig.Arn] : [])]
        .filter((queue) => !letIn.includes(`${id} ${queue}`))
        .map((queue) => `${id}: ${queue} does not let it in`),
    ]),
  );
}

/** The types of events that each rule on the bus lets through. */
export function typesOfRules(template: Template): Record<string, string[]> {
  return Object.fromEntries(
    rulesOfBus(template).map(([id, { EventPattern }]) => [id, (EventPattern?.['detail-type'] ?? []).toSorted()]),
  );
}

const oneOrMore = z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]);
const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: oneOrMore.pipe(z.array(z.string())),
  Resource: oneOrMore,
});
const Role = z.object({
  RoleName: z.unknown(),
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.object({ PolicyName: z.unknown(), PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
});
/** The roles that will exist: a condition that compares two different words keeps the framework's shared one away. */
const rolesOf = (template: Template) =>
  resources(template, 'AWS::IAM::Role', Role).filter(([id]) => {
    const condition = template.Conditions[template.Resources[id]?.Condition ?? ''];
    const compared = z.object({ 'Fn::Equals': z.tuple([z.string(), z.string()]) }).safeParse(condition);
    return !compared.success || compared.data['Fn::Equals'][0] === compared.data['Fn::Equals'][1];
  });
/** What a function does itself. Being placed in a network and traced are of the place, and judged by `placesAddLittle`. */
const statementsOf = (role: z.infer<typeof Role>) =>
  role.Policies.filter(({ PolicyName }) => !isOfThePlace(PolicyName)).flatMap(
    (policy) => policy.PolicyDocument.Statement,
  );
const OF_THE_PLACE: Readonly<Record<string, RegExp>> = {
  network: /^ec2:((Create|Describe|Delete)NetworkInterfaces?|DescribeSubnets|(Una|A)ssignPrivateIpAddresses)$/,
  traces: /^xray:Put(TraceSegments|TelemetryRecords)$/,
};
const isOfThePlace = (name: unknown): boolean => typeof name === 'string' && name in OF_THE_PLACE;
const isLog = ({ Action }: z.infer<typeof Statement>): boolean => Action.every((action) => action.startsWith('logs:'));

export function rolesNameWhatTheyDo(template: Template): string[] {
  return rolesOf(template).flatMap(([id, role]) => [
    ...(role.ManagedPolicyArns.length > 0 ? [`${id}: a managed policy`] : []),
    ...statementsOf(role).flatMap((statement) => [
      ...statement.Action.filter((action) => !/^[a-z0-9-]+:[A-Za-z]+$/.test(action)).map(
        (action) => `${id}: ${action}`,
      ),
      ...statement.Resource.map((resource) => JSON.stringify(resource))
        // Secrets Manager appends six characters of its own to a name; only logs have streams that nobody can name.
        .filter(
          (text) =>
            text.replace(/-\?{6}"/, '"').includes('?') ||
            (text.includes('*') && !isLog(statement) && !namesOnePrefix(text)),
        )
        .map((text) => `${id}: ${text}`),
      ...(isLog(statement) && !statement.Resource.every((one) => namesOneLog(one)) ? [`${id}: others’ logs`] : []),
    ]),
  ]);
}

/** What two statements of a role allow could go out of one of them, and nobody would notice. */
export function rolesSayThingsOnce(template: Template): string[] {
  return rolesOf(template).flatMap(([id, role]) => {
    const said = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(
      ({ Action, Resource }) => Action.flatMap((action) => Resource.map((on) => `${action} ${JSON.stringify(on)}`)),
    );
    return said.filter((one, index) => said.indexOf(one) < index).map((one) => `${id}: ${one} twice`);
  });
}

/** Lambda's own needs, which have no resource that could be named. */
export function placesAddLittle(template: Template): string[] {
  return rolesOf(template).flatMap(([id, { Policies }]) =>
    Policies.filter(({ PolicyName }) => isOfThePlace(PolicyName)).flatMap(({ PolicyName, PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action)
        .filter((action) => !OF_THE_PLACE[String(PolicyName)]?.test(action))
        .map((action) => `${id}: ${action}`),
    ),
  );
}

/** The actions that some role may do to everything, sorted. */
export function actionsOnEverything(template: Template): string[] {
  const all = rolesOf(template).flatMap(([, { Policies }]) => Policies.flatMap((one) => one.PolicyDocument.Statement));
  return [...new Set(all.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action))].sort();
}

/** Of a bucket the objects below one name. */
const namesOnePrefix = (text: string): boolean => /^\{"Fn::Sub":"\$\{\w+\.Arn\}\/\w+\/\*"\}$/.test(text);

const OneLog = z.object({ 'Fn::Sub': z.string().regex(/:log-group:\/aws\/lambda\/[\w-]+:\*:\*$/) });
const namesOneLog = (resource: unknown): boolean => OneLog.safeParse(resource).success;

export function rolesAreUsedOnce(template: Template): string[] {
  const used = functionsOf(template).map(([, { Role }]) => Role);
  return rolesOf(template)
    .map(([id]) => ({ id, times: used.filter((one) => one === id).length }))
    .filter(({ times }) => times !== 1)
    .map(({ id, times }) => `${id}: used by ${times} functions`);
}

/** What each function may do, and to what: by action the resources, sorted. Writing its own log is left out. */
export function permissionsOf(template: Template): Record<string, Record<string, string[]>> {
  const roles = new Map(rolesOf(template));
  return Object.fromEntries(
    functionsOf(template).map(([, one]) => {
      const role = roles.get(one.Role);
      const granted = (role ? statementsOf(role) : [])
        .filter((statement) => !isLog(statement))
        .flatMap(({ Action, Resource }) =>
          Action.flatMap((action) => Resource.map((on) => ({ action, on: shortName(on) }))),
        );
      const byAction = Object.entries(Object.groupBy(granted, ({ action }) => action));
      return [
        nameOf(one),
        Object.fromEntries(
          byAction.map(([action, all = []]) => [action, [...new Set(all.map(({ on }) => on))].sort()]),
        ),
      ];
    }),
  );
}

const Sub = z.object({ 'Fn::Sub': z.string() }).transform((one) => one['Fn::Sub']);

/** `WeComTable`, `WeComTable/index/attention`, `secrets`; anything else as it is. */
function shortName(resource: unknown): string {
  const text = z
    .union([GetAtt, Sub])
    .catch(() => JSON.stringify(resource))
    .parse(resource);
  const secrets =
    /^arn:\$\{AWS::Partition\}:(ssm|secretsmanager):\$\{AWS::Region\}:\$\{AWS::AccountId\}:(parameter\/|secret:)[\w-]+\/[\w-]+\/wecom(-\?{6})?$/;
  // The model's key lies beside them, and is another function's.
  if (secrets.test(text.replace(/\/model(-\?{6})?$/, '/wecom$1')))
    return text.includes('/model') ? 'model-secrets' : 'secrets';
  return text.replace(/^\$\{(\w+)\.Arn\}/, '$1');
}

/** The functions that go out by the stack's own network, sorted. */
export function functionsInNetwork(template: Template): string[] {
  return functionsOf(template)
    .filter(([id]) => template.Resources[id]?.Properties.VpcConfig !== undefined)
    .map(([, one]) => nameOf(one))
    .sort();
}

/** The settings of each function, sorted. */
export function environmentsOf(template: Template): Record<string, string[]> {
  return Object.fromEntries(
    functionsOf(template).map(([, one]) => [nameOf(one), Object.keys(one.Environment.Variables).sort()]),
  );
}

const KeySchema = z
  .array(z.object({ AttributeName: z.string() }))
  .transform((keys) => keys.map((key) => key.AttributeName).join(' '));
const Indexes = z
  .array(z.object({ IndexName: z.string(), KeySchema }).transform((one) => `${one.IndexName}(${one.KeySchema})`))
  .default([]);
const Table = z.object({
  BillingMode: z.literal('PAY_PER_REQUEST'),
  DeletionProtectionEnabled: z.boolean(),
  PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
  KeySchema,
  LocalSecondaryIndexes: Indexes,
  GlobalSecondaryIndexes: Indexes,
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
});
const tables = (template: Template) => resources(template, 'AWS::DynamoDB::Table', Table);

/** `keys | indexes with their keys | the attribute after whose time an item goes`. */
export function tablesOf(template: Template): Record<string, string> {
  return Object.fromEntries(
    tables(template).map(([id, table]) => [
      id,
      [
        table.KeySchema,
        [...table.LocalSecondaryIndexes, ...table.GlobalSecondaryIndexes].join(' '),
        table.TimeToLiveSpecification?.AttributeName ?? '',
      ]
        .filter(Boolean)
        .join(' | '),
    ]),
  );
}

/** What becomes of each table when the stack goes, and whether yesterday can be restored. */
export function tableCareOf(template: Template): Record<string, object> {
  return Object.fromEntries(
    tables(template).map(([id, table]) => [
      id,
      {
        onDelete: template.Resources[id]?.DeletionPolicy,
        onReplace: template.Resources[id]?.UpdateReplacePolicy,
        protected: table.DeletionProtectionEnabled,
        restorable: table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled,
      },
    ]),
  );
}

const Name = z.union([
  z.string(),
  z
    .object({
      'Fn::Join': z.tuple([z.string(), z.array(z.union([z.string(), z.object({ Ref: z.literal('AWS::Region') })]))]),
    })
    // Regions have names of 14 characters at most, such as this one.
    .transform(({ 'Fn::Join': [dash, parts] }) =>
      parts.map((part) => (typeof part === 'string' ? part : 'cn-northwest-1')).join(dash),
    ),
]);
const LONGEST_NAME = 64;

export function namesFit(template: Template): string[] {
  const names = [
    ...rolesOf(template).map(([id, role]) => ({ id, name: Name.parse(role.RoleName) })),
    ...functionsOf(template).map(([id, { FunctionName }]) => ({ id, name: FunctionName })),
  ];
  return names
    .filter(({ name }) => name.length > LONGEST_NAME)
    .map(({ id, name }) => `${id}: ${name} has ${name.length} characters`);
}

/** Every text in a value, with the names of the properties that lead to it. */
function* textsIn(value: unknown, path: readonly string[] = []): Generator<{ path: readonly string[]; text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield { path: [...path, key], text: key };
    yield* textsIn(inner, [...path, key]);
  }
}

export function everythingIsPortable(template: Template): string[] {
  // The names of services as principals are the same in China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html
  const isPrincipal = (path: readonly string[], text: string) =>
    path.includes('Principal') && /^(lambda|events|apigateway|scheduler)\.amazonaws\.com$/.test(text);
  return Object.entries(template.Resources).flatMap(([id, one]) =>
    [...textsIn(one.Properties)]
      .filter(({ path, text }) => /arn:aws|amazonaws\.com/.test(text) && !isPrincipal(path, text))
      // The operator's own certificate: its ARN is written into the settings of the stage.
      .filter(({ path }) => path.at(-1) !== 'CertificateArn')
      .map(({ path, text }) => `${id}.${path.join('.')}: ${text}`),
  );
}

/**
 * Lambda in China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html. Missing there are function URLs,
 * X-Ray, provisioned pollers and metrics of event source mappings, metrics of asynchronous calls.
 */
const NOT_IN_CHINA_TYPES =
  /^AWS::(Lambda::(Url|EventInvokeConfig|CapacityProvider)|XRay|Cognito|FIS|ApplicationSignals|DAX|EventsV2)(::|$)/;
const NOT_IN_CHINA_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'AWS::Lambda::Function': ['TracingConfig', 'SnapStart', 'DurableConfig', 'TenancyConfig', 'CapacityProviderConfig'],
  'AWS::Lambda::EventSourceMapping': ['ProvisionedPollerConfig', 'MetricsConfig', 'Tags', 'DestinationConfig'],
};

export function chinaHasEverything(template: Template): string[] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => [
    ...(NOT_IN_CHINA_TYPES.test(Type) ? [`${id}: ${Type}`] : []),
    ...(NOT_IN_CHINA_PROPERTIES[Type] ?? []).filter((name) => name in Properties).map((name) => `${id}: ${name}`),
  ]);
}

const Route = z.object({ RouteKey: z.string(), AuthorizationType: z.string().default('NONE') });

/**
 * WeCom signs in its own way, whoever scans a printed code, or looks for a proof of the domain, can only look, and the console asks for a
 * login with WeCom itself (lib/access).
 */
const OPEN_ROUTES =
  /^(\S+ \/wecom\/callbacks\/\{app\}|(GET|HEAD) \/contact\/\{wayId\}|GET \/\{file\}|ANY \/console\/v1\/\{proxy\+\})$/;

export function onlyWeComAndCustomersAreUnsigned(template: Template): string[] {
  return resources(template, 'AWS::ApiGatewayV2::Route', Route)
    .filter(([, route]) => route.AuthorizationType !== 'AWS_IAM' && !OPEN_ROUTES.test(route.RouteKey))
    .map(([id, route]) => `${id}: ${route.RouteKey}`);
}
