import { arn, PLACE } from './template.ts';

/** What a caller has to be allowed for a call: an action on a resource, in the names of IAM. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** What conditions can look at, of the call itself. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What is the same for every call from this machine. */
export const KEYS_OF_EVERY_CALL: Readonly<Record<string, string>> = {
  'aws:PrincipalAccount': PLACE.account,
  'aws:RequestedRegion': PLACE.region,
  'aws:ResourceAccount': PLACE.account,
  // The cloud is called by HTTPS.
  'aws:SecureTransport': 'true',
};
/** What conditions may look at, in small letters; a role that looks at something else cannot be judged here. */
export const KNOWN_KEYS: readonly string[] = [
  ...Object.keys(KEYS_OF_EVERY_CALL).map((key) => key.toLowerCase()),
  'events:detail-type',
  'events:source',
  's3:prefix',
];

const TRANSACTED: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/**
 * What a call of AWS needs. A batch needs its action on every table that it names, a transaction the action of each of its parts, and
 * all of it has to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export function needsOf({
  service,
  action,
  request,
}: {
  service: string;
  action: string;
  request: unknown;
}): readonly Need[] {
  const body: Body = Object(request);
  const need = (resource: string, keys: Need['keys'] = {}, named = action): Need => ({
    action: `${service}:${named}`,
    resource,
    keys,
  });
  switch (service) {
    case 'dynamodb':
      return tableActions(action, body).map(([named, resource]) => need(resource, {}, named));
    case 'sqs':
      // A batch needs the permission of the single action: there is none of its own.
      return [
        need(arnIn('sqs', '', lastPart(text(body.QueueUrl ?? body.QueueName))), {}, action.replace(/Batch$/, '')),
      ];
    case 'events':
      if (action !== 'PutEvents') return [need('*')];
      return list(body.Entries).map(({ EventBusName = 'default', Source, DetailType }) =>
        need(arnIn('events', 'event-bus/', lastPart(text(EventBusName))), {
          'events:source': text(Source),
          'events:detail-type': text(DetailType),
        }),
      );
    case 's3':
      return [need(objectArn(body), body.Prefix === undefined ? {} : { 's3:prefix': text(body.Prefix) })];
    case 'ssm':
      return namesOf(body).map((name) => need(arnIn('ssm', 'parameter/', name.replace(/^\//, ''))));
    case 'secretsmanager':
      // Secrets Manager adds six characters to a secret's name, which policies therefore name as `-??????`.
      return [need(arnIn('secretsmanager', 'secret:', `${text(body.SecretId)}-local0`))];
    case 'kms':
      return [need(arnIn('kms', 'key/', text(body.KeyId)))];
    case 'lambda':
      return [need(arnIn('lambda', 'function:', text(body.FunctionName)))];
    case 'logs':
      return [need(arn('logs', `log-group:${body.logGroupName}:log-stream:${body.logStreamName}`))];
    default:
      return [need('*')];
  }
}

type Body = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => String(value ?? '');
const list = (value: unknown): Body[] => (Array.isArray(value) ? value.map(Object) : []);

function tableActions(action: string, body: Body): [action: string, resource: string][] {
  if (body.TransactItems !== undefined) {
    return list(body.TransactItems)
      .flatMap((item) => Object.entries(item))
      .map(([kind, part]) => [TRANSACTED[kind] ?? kind, tableArn(Object(part))]);
  }
  const batched = body.RequestItems === undefined ? [body] : Object.keys(Object(body.RequestItems)).map(named);
  return batched.map((one) => [action, tableArn(one)]);
}

const named = (TableName: string): Body => ({ TableName });

function tableArn({ TableName, IndexName }: Body): string {
  if (TableName === undefined) return '*';
  return `${arnIn('dynamodb', 'table/', text(TableName))}${IndexName === undefined ? '' : `/index/${IndexName}`}`;
}

function objectArn({ Bucket, Key }: Body): string {
  return `arn:${PLACE.partition}:s3:::${text(Bucket)}${Key ? `/${Key}` : ''}`;
}

const namesOf = ({ Name, Names, Path }: Body): string[] =>
  Array.isArray(Names) ? Names.map(String) : [text(Name ?? Path)];

/** Services take ARNs where they take names. */
const arnIn = (service: string, kind: string, name: string): string =>
  name.startsWith('arn:') ? name.replace(/-local0$/, '') : arn(service, `${kind}${name}`);

function lastPart(path: string): string {
  return path.startsWith('arn:') ? path : (path.split('/').at(-1) ?? path);
}
