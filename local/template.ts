import { basename } from 'node:path';
import * as z from 'zod';
import { type Role, readRole } from './roles.ts';

/** The packaged CloudFormation template, as far as the local runtime reads it. */
export interface Template {
  /** Resources of a CloudFormation type, with their logical ids, in the template's order. */
  ofType(type: string): readonly Resource[];
  resource(logicalId: string): Resource | undefined;
}

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The stand-ins for CloudFormation's pseudo parameters on a laptop. */
export const PLACE = {
  region: 'us-east-1',
  account: '000000000000',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
} as const;

const TemplateShape = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

/** Reads a packaged template. Throws when it is none. */
export function readTemplate(json: unknown): Template {
  const resources = Object.entries(TemplateShape.parse(json).Resources).map(
    ([logicalId, { Type, Properties }]): Resource => ({ logicalId, type: Type, properties: Properties ?? {} }),
  );
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  return {
    ofType: (type) => resources.filter((resource) => resource.type === type),
    resource: (logicalId) => byId.get(logicalId),
  };
}

/** Replaces CloudFormation's intrinsic functions by the values that they have locally. */
export interface Resolver {
  /** @param place where the value stands, for the error when it holds something unknown */
  resolve(value: unknown, place: string): unknown;
  arnOf(logicalId: string): string;
  nameOf(logicalId: string): string;
}

/** The property that names a resource, and how its ARN is written. Types that are not here have no local value. */
const KINDS: Readonly<Record<string, { name: string; arn: (name: string) => string }>> = {
  'AWS::DynamoDB::Table': { name: 'TableName', arn: (name) => arn('dynamodb', `table/${name}`) },
  'AWS::SQS::Queue': { name: 'QueueName', arn: (name) => arn('sqs', name) },
  'AWS::Events::EventBus': { name: 'Name', arn: (name) => arn('events', `event-bus/${name}`) },
  'AWS::Events::Rule': { name: 'Name', arn: (name) => arn('events', `rule/${name}`) },
  'AWS::Lambda::Function': { name: 'FunctionName', arn: (name) => arn('lambda', `function:${name}`) },
  'AWS::IAM::Role': { name: 'RoleName', arn: (name) => `arn:${PLACE.partition}:iam::${PLACE.account}:role/${name}` },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', arn: (name) => `${arn('logs', `log-group:${name}`)}:*` },
  'AWS::ApiGatewayV2::Api': { name: '', arn: (name) => arn('execute-api', name) },
  'AWS::S3::Bucket': { name: 'BucketName', arn: (name) => `arn:${PLACE.partition}:s3:::${name}` },
  'AWS::ApiGatewayV2::Integration': { name: '', arn: (name) => arn('execute-api', name) },
};

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': PLACE.region,
  'AWS::AccountId': PLACE.account,
  'AWS::Partition': PLACE.partition,
  'AWS::URLSuffix': PLACE.urlSuffix,
  'AWS::StackName': 'local',
};

export function arn(service: string, rest: string): string {
  return `arn:${PLACE.partition}:${service}:${PLACE.region}:${PLACE.account}:${rest}`;
}

/**
 * @param queueUrl a queue's address by its name: what `Ref` of a queue means
 */
export function createResolver(template: Template, queueUrl: (queueName: string) => string): Resolver {
  function resolve(value: unknown, place: string): unknown {
    if (Array.isArray(value)) return value.map((element, index) => resolve(element, `${place}[${index}]`));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
      return intrinsic(first[0], first[1], place);
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(inner, `${place}.${key}`)]));
  }

  function intrinsic(name: string, argument: unknown, place: string): string {
    switch (name) {
      case 'Ref':
        return ref(z.string().parse(argument), place);
      case 'Fn::GetAtt': {
        const [logicalId, attribute] = GetAttArgument.parse(argument);
        return getAtt(logicalId, attribute, place);
      }
      case 'Fn::Join': {
        const [separator, parts] = JoinArgument.parse(argument);
        return parts.map((part, index) => z.string().parse(resolve(part, `${place}[${index}]`))).join(separator);
      }
      case 'Fn::Sub':
        return sub(argument, place);
      default:
        throw new Error(`${place}: the local runtime does not know ${name}`);
    }
  }

  function sub(argument: unknown, place: string): string {
    const [text, values] = typeof argument === 'string' ? [argument, {}] : SubArgument.parse(argument);
    return text.replace(/\$\{([^}]+)\}/g, (_, expression: string) => {
      if (expression.startsWith('!')) return `\${${expression.slice(1)}}`;
      if (expression in values) return z.string().parse(resolve(values[expression], place));
      const [logicalId = '', ...attribute] = expression.split('.');
      return attribute.length > 0 ? getAtt(logicalId, attribute.join('.'), place) : ref(expression, place);
    });
  }

  function ref(id: string, place: string): string {
    const pseudo = PSEUDO[id];
    if (pseudo !== undefined) return pseudo;
    return known(id, place).type === 'AWS::SQS::Queue' ? queueUrl(nameOf(id)) : nameOf(id);
  }

  function getAtt(id: string, attribute: string, place: string): string {
    const { type } = known(id, place);
    if (attribute === 'Arn') return arnOf(id);
    if (attribute === 'QueueName' && type === 'AWS::SQS::Queue') return nameOf(id);
    if (attribute === 'QueueUrl' && type === 'AWS::SQS::Queue') return queueUrl(nameOf(id));
    throw new Error(`${place}: the local runtime does not know the attribute ${attribute} of ${id} (${type})`);
  }

  function known(id: string, place: string): Resource {
    const resource = template.resource(id);
    if (!resource) throw new Error(`${place}: the template has no resource ${id}`);
    if (!KINDS[resource.type]) throw new Error(`${place}: ${id} is an ${resource.type}, which does not exist locally`);
    return resource;
  }

  function nameOf(id: string): string {
    const { type, properties } = known(id, id);
    const property = KINDS[type]?.name ?? '';
    const name = properties[property];
    // What has no name in the template gets one from CloudFormation; locally the logical id serves.
    return name === undefined ? id : z.string().parse(resolve(name, `${id}.${property}`));
  }

  function arnOf(id: string): string {
    const { type } = known(id, id);
    return KINDS[type]?.arn(nameOf(id)) ?? id;
  }

  return { resolve, arnOf, nameOf };
}

const GetAttArgument = z.union([
  z.tuple([z.string(), z.string()]),
  z.string().transform((text): [string, string] => {
    const [logicalId = '', ...attribute] = text.split('.');
    return [logicalId, attribute.join('.')];
  }),
]);
const JoinArgument = z.tuple([z.string(), z.array(z.unknown())]);
const SubArgument = z.tuple([z.string(), z.record(z.string(), z.unknown())]);

/** A function of the template, with everything resolved. */
export interface FunctionDescription {
  /** The name in serverless.yml, and of the package: `sync-messages`. */
  readonly name: string;
  /** Lambda's name for it: `wecom-concierge-dev-sync-messages`. */
  readonly fullName: string;
  readonly arn: string;
  readonly description: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly role: Role;
}

const FunctionShape = z.object({
  Code: z.object({ S3Key: z.string() }),
  FunctionName: z.string(),
  Handler: z.string(),
  Description: z.string().default(''),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
});
/** Reads the template's functions. Throws with the place when a value has no local meaning. */
export function readFunctions(template: Template, resolver: Resolver): FunctionDescription[] {
  return template.ofType('AWS::Lambda::Function').map(({ logicalId, properties }) => {
    const { Role, Code, ...rest } = properties;
    const code = { S3Key: z.object({ S3Key: z.string() }).parse(Code).S3Key };
    const shape = FunctionShape.parse({ ...Object(resolver.resolve(rest, logicalId)), Code: code });
    return {
      name: basename(shape.Code.S3Key, '.zip'),
      fullName: shape.FunctionName,
      arn: resolver.arnOf(logicalId),
      description: shape.Description,
      handler: shape.Handler,
      timeoutMs: shape.Timeout * 1000,
      memoryMb: shape.MemorySize,
      environment: shape.Environment.Variables,
      role: readRole(template, resolver, Role, `${logicalId}.Role`),
    };
  });
}
