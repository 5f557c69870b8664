import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from './table.ts';

/**
 * Every item of a table, page by page. For commands of operators: it reads the whole table, and no function may. What is written
 * meanwhile may be missing, or be there.
 */
export async function* scanTable(client: DynamoDBDocumentClient, TableName: string): AsyncGenerator<Item> {
  let after: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(after && { ExclusiveStartKey: after }) }),
    );
    yield* page.Items ?? [];
    after = page.LastEvaluatedKey;
  } while (after);
}
