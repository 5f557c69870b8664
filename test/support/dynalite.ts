import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { CreateTableCommand, type KeySchemaElement } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClientAccess } from '../../lib/platform/aws-client.ts';
import { dynamoClient } from '../../lib/store/dynamo-table.ts';
import type { TableShape } from '../../lib/store/table.ts';

// The package has no types of its own.
const dynalite: (options: { createTableMs: number }) => Server = createRequire(import.meta.url)('dynalite');

/** A DynamoDB of one's own, in this process, with these tables. */
export interface Dynalite {
  readonly access: ClientAccess & { readonly endpoint: string };
  readonly client: DynamoDBDocumentClient;
  readonly stop: () => Promise<void>;
}

export async function startDynalite(shapes: readonly TableShape[]): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('Dynalite has no port');
  const access = localAccess(`http://127.0.0.1:${address.port}`);
  const client = dynamoClient(access);
  for (const shape of shapes) await client.send(createTable(shape));
  return {
    access,
    client,
    stop: async () => {
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Access to an emulator at this address; it checks neither region nor credentials. */
export function localAccess(endpoint: string): ClientAccess & { readonly endpoint: string } {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

function createTable(shape: TableShape): CreateTableCommand {
  const types = new Map<string, 'S' | 'N'>();
  const schema = (partition: string, sort: string | undefined, sortType: 'S' | 'N' = 'S'): KeySchemaElement[] => {
    types.set(partition, 'S');
    if (sort === undefined) return [{ AttributeName: partition, KeyType: 'HASH' }];
    types.set(sort, sortType);
    return [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ];
  };
  const keys = schema(shape.partition, shape.sort);
  const indexes = (local: boolean) =>
    Object.entries(shape.indexes ?? {})
      .filter(([, index]) => index.local === local)
      .map(([name, index]) => ({
        IndexName: name,
        KeySchema: schema(index.partition, index.sort, index.numeric ? 'N' : 'S'),
        Projection: { ProjectionType: index.keysOnly ? ('KEYS_ONLY' as const) : ('ALL' as const) },
      }));
  const local = indexes(true);
  const global = indexes(false);
  return new CreateTableCommand({
    TableName: shape.name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keys,
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
  });
}
