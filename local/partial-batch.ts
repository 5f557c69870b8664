import type { OutsideCall } from './outside-call.ts';

type Body = Readonly<Record<string, unknown>>;

/** A batch that is only partly carried out. */
export interface PartialBatch {
  /** What is carried out; `undefined` when nothing is left of it. */
  readonly forward: Body | undefined;
  /** The answer to the caller, from the answer to the forwarded part (`{}` when nothing was forwarded). */
  complete(answer: Body): Body;
}

/**
 * Takes the last part out of a batch: half of each table's keys or writes, the last message, the last event. The rest is
 * carried out; the answer says in the service's own way what was not.
 */
export function splitBatch({ action, request }: OutsideCall): PartialBatch {
  const body: Body = Object(request);
  switch (action) {
    case 'SendMessageBatch':
      return withoutLastMessage(body);
    case 'PutEvents':
      return withoutLastEvent(body);
    case 'BatchWriteItem':
      return withoutHalf(
        body,
        'UnprocessedItems',
        (items: readonly unknown[]) => items,
        (_, items) => items,
      );
    default:
      return withoutHalf(
        body,
        'UnprocessedKeys',
        (table) => list(Object(table).Keys),
        (table, Keys) => ({ ...Object(table), Keys }),
      );
  }
}

function withoutHalf<Table>(
  body: Body,
  unprocessed: string,
  itemsOf: (table: Table) => readonly unknown[],
  withItems: (table: Table, items: readonly unknown[]) => unknown,
): PartialBatch {
  const tables = Object.entries<Table>(Object(body.RequestItems));
  const part = (choose: (items: readonly unknown[]) => readonly unknown[]) =>
    Object.fromEntries(
      tables
        .map(([name, table]): [string, Table, readonly unknown[]] => [name, table, choose(itemsOf(table))])
        .filter(([, , items]) => items.length > 0)
        .map(([name, table, items]) => [name, withItems(table, items)]),
    );
  const half = (items: readonly unknown[]) => Math.floor(items.length / 2);
  const done = part((items) => items.slice(0, half(items)));
  const left = part((items) => items.slice(half(items)));
  return {
    forward: Object.keys(done).length > 0 ? { ...body, RequestItems: done } : undefined,
    complete: (answer) => ({
      ...(unprocessed === 'UnprocessedKeys' ? { Responses: {} } : {}),
      ...answer,
      [unprocessed]: left,
    }),
  };
}

function withoutLastMessage(body: Body): PartialBatch {
  const entries = list(body.Entries);
  const failed = {
    Id: String(Object(entries.at(-1)).Id),
    SenderFault: false,
    Code: 'InternalError',
    Message: 'We encountered an internal error. Please try again.',
  };
  return {
    forward: entries.length > 1 ? { ...body, Entries: entries.slice(0, -1) } : undefined,
    complete: (answer) => ({ Successful: [], ...answer, Failed: [...list(answer.Failed), failed] }),
  };
}

function withoutLastEvent(body: Body): PartialBatch {
  const entries = list(body.Entries);
  const failed = { ErrorCode: 'InternalFailure', ErrorMessage: 'The request could not be carried out.' };
  return {
    forward: entries.length > 1 ? { ...body, Entries: entries.slice(0, -1) } : undefined,
    complete: (answer) => ({
      FailedEntryCount: Number(answer.FailedEntryCount ?? 0) + 1,
      Entries: [...list(answer.Entries), failed],
    }),
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
