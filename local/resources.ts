import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { AwsRefusal, callAws, createBucket } from './aws-call.ts';
import type { Resolver, Resource, Template } from './template.ts';

/** What of a table's description means something to every emulator of DynamoDB. */
const TABLE_PROPERTIES = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'LocalSecondaryIndexes',
  'GlobalSecondaryIndexes',
];
/** Names of queue attributes in the template that SQS has under the same name. */
const QUEUE_ATTRIBUTES = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
  'RedrivePolicy',
];
const DEFAULT_VISIBILITY_SECONDS = 30;

/** Scales a number of seconds as SQS can take it: rounded up to whole ones, and only 0 becomes 0. */
export function scaleSeconds(seconds: number, timeScale: number): number {
  return seconds === 0 ? 0 : Math.max(1, Math.ceil(seconds * timeScale - 1e-9));
}

/** Creates the template's tables, queues, buses and buckets at an endpoint. What is there already stays as it is. */
export async function createResources(options: {
  template: Template;
  resolver: Resolver;
  endpoint: string;
  timeScale: number;
  /** Told where the endpoint makes no bucket; without it that is an error. */
  withoutBucket?: ((why: string) => void) | undefined;
}): Promise<void> {
  const { template, resolver, endpoint, timeScale } = options;
  const properties = (resource: Resource) =>
    z.record(z.string(), z.unknown()).parse(resolver.resolve(resource.properties, resource.logicalId));

  for (const table of template.ofType('AWS::DynamoDB::Table')) {
    const description = pick(properties(table), TABLE_PROPERTIES);
    await unlessThere('ResourceInUseException', callAws(endpoint, 'dynamodb', 'CreateTable', description));
    await untilActive(endpoint, resolver.nameOf(table.logicalId));
  }
  const queues = template.ofType('AWS::SQS::Queue').map((queue) => ({ queue, given: properties(queue) }));
  // A queue cannot name a dead-letter queue that is not there yet.
  for (const { queue, given } of queues.sort(
    (a, b) => Number('RedrivePolicy' in a.given) - Number('RedrivePolicy' in b.given),
  )) {
    const visibility = Number(given.VisibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS);
    const scaled: Record<string, unknown> = {
      ...given,
      VisibilityTimeout: Math.max(1, scaleSeconds(visibility, timeScale)),
    };
    if (given.DelaySeconds !== undefined) {
      scaled.DelaySeconds = scaleSeconds(Number(given.DelaySeconds), timeScale);
    }
    const attributes = Object.entries(pick(scaled, QUEUE_ATTRIBUTES)).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    await callAws(endpoint, 'sqs', 'CreateQueue', {
      QueueName: resolver.nameOf(queue.logicalId),
      Attributes: Object.fromEntries(attributes),
    });
  }
  for (const bus of template.ofType('AWS::Events::EventBus')) {
    const created = callAws(endpoint, 'events', 'CreateEventBus', { Name: resolver.nameOf(bus.logicalId) });
    await unlessThere('ResourceAlreadyExistsException', created);
  }
  for (const bucket of template.ofType('AWS::S3::Bucket')) {
    // The framework's own, for deployments, has no name.
    if (bucket.properties.BucketName === undefined) continue;
    try {
      await createBucket(endpoint, resolver.nameOf(bucket.logicalId));
    } catch (error) {
      // Not every emulator has S3, and only pictures and files need it.
      if (!options.withoutBucket) throw error;
      options.withoutBucket(error instanceof Error ? error.message : String(error));
    }
  }
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}

async function unlessThere(code: string, creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof AwsRefusal && error.code === code)) throw error;
  }
}

const TableStatus = z.object({ Table: z.object({ TableStatus: z.string() }) });

async function untilActive(endpoint: string, name: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { Table } = TableStatus.parse(await callAws(endpoint, 'dynamodb', 'DescribeTable', { TableName: name }));
    if (Table.TableStatus === 'ACTIVE') return;
    await sleep(20);
  }
  throw new Error(`The table ${name} does not become active.`);
}
