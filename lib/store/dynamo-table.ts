import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { awsClientSettings, type ClientAccess } from '../platform/aws-client.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import { inChunks, type Pause, repeatUndone } from '../platform/repeat-undone.ts';
import { expressions } from './expressions.ts';
import type { Condition, Item, Key, Table, TableShape } from './table.ts';

/** A client for `dynamoTable`; see `awsClientSettings` for its limits. */
export function dynamoClient(access?: ClientAccess): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings(access)), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

/** DynamoDB would not give some items, again and again. The keys stay out of the message: they are customers' ids. */
export class ItemsNotRead extends InfrastructureError {
  constructor(table: string, count: number) {
    super(`${count} items of ${table} could not be read`);
    this.name = 'ItemsNotRead';
  }
}

// BatchGetItem takes so many keys in one call.
const BATCH_GET_LIMIT = 100;

/** A DynamoDB table. Errors of DynamoDB come through as they are; only a condition that does not hold is an answer. */
export function dynamoTable(client: DynamoDBDocumentClient, shape: TableShape, pause?: Pause): Table {
  const TableName = shape.name;

  return {
    shape,

    async get(key, options) {
      const answer = await client.send(
        new GetCommand({ TableName, Key: key, ConsistentRead: options?.consistent ?? false }),
      );
      return answer.Item;
    },

    async getMany(keys) {
      const found: Item[] = [];
      for (const chunk of inChunks(distinct(keys), BATCH_GET_LIMIT)) {
        const unread = await repeatUndone(chunk, (wanted) => getBatch(wanted, found), pause);
        if (unread.length > 0) throw new ItemsNotRead(TableName, unread.length);
      }
      return found;
    },

    put(item, condition) {
      const { expressed, placeholders } = conditional(condition);
      return held(() => client.send(new PutCommand({ TableName, Item: item, ...expressed, ...placeholders() })));
    },

    async update(key, change, options = {}) {
      const express = expressions();
      const UpdateExpression = express.change(change);
      const command = new UpdateCommand({
        TableName,
        Key: key,
        ...(UpdateExpression !== '' && { UpdateExpression }),
        ...(options.condition && { ConditionExpression: express.condition(options.condition) }),
        ...express.placeholders(),
        ReturnValues: options.returning === 'before' ? 'ALL_OLD' : 'ALL_NEW',
      });
      let after: Item | undefined;
      const done = await held(async () => {
        after = (await client.send(command)).Attributes;
      });
      return done ? (after ?? {}) : undefined;
    },

    delete(key, condition) {
      const { expressed, placeholders } = conditional(condition);
      return held(() => client.send(new DeleteCommand({ TableName, Key: key, ...expressed, ...placeholders() })));
    },

    async query(query) {
      const express = expressions();
      const answer = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: express.keys(shape, query),
          ...express.placeholders(),
          ConsistentRead: query.consistent ?? false,
          ScanIndexForward: !query.descending,
          ...(query.index !== undefined && { IndexName: query.index }),
          ...(query.limit !== undefined && { Limit: query.limit }),
          ...(query.after && { ExclusiveStartKey: query.after }),
        }),
      );
      return { items: answer.Items ?? [], ...(answer.LastEvaluatedKey && { next: answer.LastEvaluatedKey }) };
    },
  };

  /** Adds what was found to `found`; returns the keys that DynamoDB left unprocessed. */
  async function getBatch(keys: readonly Key[], found: Item[]): Promise<readonly Key[]> {
    const answer = await client.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [...keys], ConsistentRead: true } } }),
    );
    found.push(...(answer.Responses?.[TableName] ?? []));
    return answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
}

function conditional(condition: Condition | undefined) {
  const express = expressions();
  const expressed = condition ? { ConditionExpression: express.condition(condition) } : {};
  return { expressed, placeholders: express.placeholders };
}

/** Whether the condition of a write held. */
async function held(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** BatchGetItem refuses a request that names a key twice. */
function distinct(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [JSON.stringify(Object.entries(key).sort()), key])).values()];
}
