import { arn, PLACE, type Statement } from './template.ts';

/**
 * Whether a role's statements allow a call: the smallest honest part of IAM (actions and resources with wildcards, an
 * explicit Deny wins, no conditions), so that a permission missing from serverless.yml is missing here as well.
 */
export function isAllowed(
  statements: readonly Statement[],
  call: { service: string; action: string; request: unknown },
): boolean {
  return resourcesOf(call).every((resource) => {
    const matching = statements.filter(
      ({ actions, resources }) =>
        actions.some((pattern) => matches(pattern.toLowerCase(), actionOf(call).toLowerCase())) &&
        resources.some((pattern) => matches(pattern, resource)),
    );
    return matching.some(({ effect }) => effect === 'Allow') && !matching.some(({ effect }) => effect === 'Deny');
  });
}

/** Batches need the permission of the single action in SQS, and one of their own in DynamoDB. */
function actionOf({ service, action }: { service: string; action: string }): string {
  return `${service}:${service === 'sqs' ? action.replace(/Batch$/, '') : action}`;
}

function resourcesOf({ service, action, request }: { service: string; action: string; request: unknown }): string[] {
  const body: Readonly<Record<string, unknown>> = Object(request);
  switch (service) {
    case 'dynamodb':
      return tablesOf(body).map((table) => arn('dynamodb', `table/${table}`));
    case 'sqs':
      return [arn('sqs', lastPart(String(body.QueueUrl ?? body.QueueName)))];
    case 'events': {
      const entries: readonly unknown[] = action === 'PutEvents' && Array.isArray(body.Entries) ? body.Entries : [];
      const buses = entries.map((entry) => lastPart(String(Object(entry).EventBusName ?? 'default')));
      return [...new Set(buses)].map((bus) => arn('events', `event-bus/${bus}`));
    }
    case 's3':
      return [`arn:${PLACE.partition}:s3:::${body.Bucket}/${body.Key}`];
    case 'ssm':
      return [arn('ssm', `parameter/${String(body.Name).replace(/^\//, '')}`)];
    case 'secretsmanager':
      // Secrets Manager adds six characters to a secret's name, which policies therefore name as `-??????`.
      return [arn('secretsmanager', `secret:${String(body.SecretId)}-local0`)];
    default:
      return ['*'];
  }
}

function tablesOf(body: Readonly<Record<string, unknown>>): string[] {
  if (body.RequestItems !== undefined) return Object.keys(Object(body.RequestItems));
  const table = String(body.TableName);
  return [body.IndexName === undefined ? table : `${table}/index/${body.IndexName}`];
}

function lastPart(path: string): string {
  return path.split('/').at(-1) ?? path;
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(text);
}
