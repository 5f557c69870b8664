import type { TableShape } from './table.ts';

/**
 * The tables as serverless.yml describes them. `unread` (local, so that it can be read consistently) holds an inbox's
 * unread entries in order; `attention` (global, sparse) is what the sweep reads; `timeline` is a conversation's history by time.
 */

const attention = { partition: 'attention', sort: 'attentionAt', local: false, numeric: true } as const;

export const conversationsShape = (name: string): TableShape => ({
  name,
  partition: 'conversationId',
  sort: 'entry',
  indexes: {
    unread: { partition: 'conversationId', sort: 'unread', local: true },
    timeline: { partition: 'conversationId', sort: 'arrivedAt', local: true, numeric: true },
    attention: { ...attention, keysOnly: true },
  },
});

export const routingShape = (name: string): TableShape => ({
  name,
  partition: 'id',
  sort: 'entry',
  indexes: {
    unread: { partition: 'id', sort: 'unread', local: true },
    attention: { ...attention, keysOnly: true },
  },
});

export const repliesShape = (name: string): TableShape => ({ name, partition: 'id', sort: 'entry' });

export const contactWaysShape = (name: string): TableShape => ({
  name,
  partition: 'wayId',
  sort: 'entry',
  indexes: {
    unread: { partition: 'wayId', sort: 'unread', local: true },
    attention: { ...attention, keysOnly: true },
  },
});

export const customersShape = (name: string): TableShape => ({ name, partition: 'customerId', sort: 'entry' });

export const wecomShape = (name: string): TableShape => ({ name, partition: 'id', indexes: { attention } });

export const accessShape = (name: string): TableShape => ({ name, partition: 'id', sort: 'entry' });
