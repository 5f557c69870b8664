import { type AttributeValue, DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type ConciergeEvent, type Known, type KnownStore, keyOf } from '../../events/index.ts';

/** Who has which conversation, and what is known of it: one item a conversation. */
export interface HoldersTable extends KnownStore {
  hold(event: ConciergeEvent, holder: string): Promise<void>;
  /** The customer wants to be forgotten. The number stays, so that a replay of the archive brings nothing back. */
  forget(event: ConciergeEvent): Promise<void>;
}

export function holdersTable(TableName: string): HoldersTable {
  const client = new DynamoDBClient({});

  return {
    async read(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: { conversation: { S: key } }, ConsistentRead: true }),
      );
      const text = Item?.known?.S;
      return text === undefined ? undefined : knownOf(text);
    },

    async save(key, known, before) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: { conversation: { S: key } },
            UpdateExpression: 'SET known = :known',
            ConditionExpression: before ? 'known = :before' : 'attribute_not_exists(known)',
            ExpressionAttributeValues: {
              ':known': { S: textOf(known) },
              ...(before && { ':before': { S: textOf(before) } }),
            },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
        throw error;
      }
    },

    async forget(event) {
      await unlessOvertaken(event, 'SET sequenceOfHolder = :sequence REMOVE holder, changes');
    },

    /** `changes` counts what was news. */
    async hold(event, holder) {
      await unlessOvertaken(event, 'SET holder = :holder, sequenceOfHolder = :sequence ADD changes :one', {
        ':holder': { S: holder },
        ':one': { N: '1' },
      });
    },
  };

  /** The number in the condition keeps an older event from winning, whoever is faster. */
  async function unlessOvertaken(
    event: ConciergeEvent,
    UpdateExpression: string,
    values: Record<string, AttributeValue> = {},
  ): Promise<void> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: { conversation: { S: keyOf(event) } },
          UpdateExpression,
          ConditionExpression: 'attribute_not_exists(sequenceOfHolder) OR sequenceOfHolder < :sequence',
          ExpressionAttributeValues: { ':sequence': { N: String(event.sequence) }, ...values },
        }),
      );
    } catch (error) {
      // Done already, by a process that died before it noted it, or overtaken.
      if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    }
  }
}

/** Always the same text for the same knowledge, so that it can stand in a condition. */
const textOf = ({ sequence, ids }: Known): string => JSON.stringify({ sequence, ids });

function knownOf(text: string): Known {
  const { sequence, ids }: { sequence: number; ids: string[] } = JSON.parse(text);
  return { sequence, ids };
}
