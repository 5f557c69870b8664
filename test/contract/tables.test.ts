import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import type { TableShape } from '../../lib/store/table.ts';
import {
  accessShape,
  contactWaysShape,
  conversationsShape,
  customersShape,
  repliesShape,
  routingShape,
  wecomShape,
} from '../../lib/store/tables.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const Indexes = z
  .array(
    z.object({
      IndexName: z.string(),
      KeySchema,
      Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
    }),
  )
  .default([]);
const Properties = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N']) })),
  KeySchema,
  LocalSecondaryIndexes: Indexes,
  GlobalSecondaryIndexes: Indexes,
});
const Stack = z.object({
  resources: z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) }),
});

// What CloudFormation's tags stand for does not matter here.
const customTags = [
  ...['!Ref', '!GetAtt', '!Sub'].map((tag) => ({ tag, resolve: (text: string) => text })),
  { tag: '!Equals', collection: 'seq' as const, resolve: (sequence: unknown) => sequence },
];
const described = Stack.parse(
  parse(readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8'), { customTags }),
).resources.Resources;

/** The shape that a table's description in serverless.yml amounts to. */
function shapeOf(logicalId: string): TableShape {
  const table = Properties.parse(described[logicalId]?.Properties);
  const isNumber = (attribute: string | undefined): boolean =>
    table.AttributeDefinitions.some((one) => one.AttributeName === attribute && one.AttributeType === 'N');
  const keys = (schema: z.infer<typeof KeySchema>) => ({
    partition: schema.find((key) => key.KeyType === 'HASH')?.AttributeName ?? '',
    sort: schema.find((key) => key.KeyType === 'RANGE')?.AttributeName ?? '',
  });
  const indexes = (list: z.infer<typeof Indexes>, local: boolean) =>
    list.map((index) => {
      const { partition, sort } = keys(index.KeySchema);
      const numeric = isNumber(sort) ? { numeric: true as const } : {};
      const keysOnly = index.Projection.ProjectionType === 'KEYS_ONLY' ? { keysOnly: true as const } : {};
      return [index.IndexName, { partition, sort, local, ...numeric, ...keysOnly }] as const;
    });
  const all = [...indexes(table.LocalSecondaryIndexes, true), ...indexes(table.GlobalSecondaryIndexes, false)];
  const { partition, sort } = keys(table.KeySchema);
  return {
    name: 'n',
    partition,
    ...(sort !== '' && { sort }),
    ...(all.length > 0 && { indexes: Object.fromEntries(all) }),
  };
}

test.each<[string, (name: string) => TableShape]>([
  ['ConversationsTable', conversationsShape],
  ['RoutingTable', routingShape],
  ['RepliesTable', repliesShape],
  ['ContactWaysTable', contactWaysShape],
  ['CustomersTable', customersShape],
  ['WeComTable', wecomShape],
  ['AccessTable', accessShape],
])('%s is used as serverless.yml describes it', (logicalId, shape) => {
  expect(shape('n')).toEqual(shapeOf(logicalId));
});

test('every table of serverless.yml is among those compared', () => {
  const tables = Object.entries(described).filter(([, one]) => one.Type === 'AWS::DynamoDB::Table');
  expect(tables.map(([id]) => id).sort()).toEqual([
    'AccessTable',
    'ContactWaysTable',
    'ConversationsTable',
    'CustomersTable',
    'RepliesTable',
    'RoutingTable',
    'WeComTable',
  ]);
});
