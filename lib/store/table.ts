/**
 * What every room's store needs of its table, and no more. Two things keep this contract: DynamoDB (`dynamo-table.ts`) and
 * the in-memory world of the fast tests (`test/support/memory-table.ts`); `test/contract/table.test.ts` holds both to it.
 *
 * Conditions are data, not expression strings, so that both can evaluate them.
 */
export interface Table {
  readonly shape: TableShape;
  /** One item by its key. Eventually consistent unless asked otherwise. */
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** Many items by their keys, consistently read, in no particular order; missing ones are left out. Any number of keys. */
  getMany(keys: readonly Key[]): Promise<Item[]>;
  /** Writes a whole item. False when the condition does not hold, and then nothing was written by this call: but where an
   *  answer was lost and the call repeated by itself, an earlier try of it may have been. */
  put(item: Item, condition?: Condition): Promise<boolean>;
  /** Changes attributes of one item (and makes the item where it is missing). The item after (or before) the change, or
   *  undefined when the condition does not hold. `before` of an item that did not exist is `{}`. */
  update(
    key: Key,
    change: Change,
    options?: { condition?: Condition; returning?: 'after' | 'before' },
  ): Promise<Item | undefined>;
  /** Removes an item. False when the condition does not hold; true also when there was nothing to remove. */
  delete(key: Key, condition?: Condition): Promise<boolean>;
  /** One partition's items in the order of the sort key. `next` continues where the page ended; the page after the last
   *  full one may be empty. */
  query(query: Query): Promise<{ items: Item[]; next?: Cursor }>;
}

/** The names that the table's keys have, e.g. `{ partition: 'conversationId', sort: 'entry' }`. */
export interface TableShape {
  readonly name: string;
  readonly partition: string;
  readonly sort?: string;
  /** Local indexes can be read consistently; global ones cannot. Items without the index's keys are not in it. */
  readonly indexes?: Readonly<Record<string, IndexShape>>;
}

export interface IndexShape {
  readonly partition: string;
  readonly sort: string;
  readonly local: boolean;
  /** The sort key is a number instead of a string. */
  readonly numeric?: true;
  /** The index gives back keys alone (the table's and its own), not whole items. */
  readonly keysOnly?: true;
}

/** Plain data, and `Set<string>` for string sets (never empty: DynamoDB has no empty sets). `undefined` values are dropped. */
export type Item = Record<string, unknown>;
export type Key = Readonly<Record<string, string>>;
export type Cursor = Readonly<Record<string, unknown>>;

export interface Query {
  readonly index?: string;
  readonly partition: string;
  /** A bound on the sort key. */
  readonly sort?: { beginsWith: string } | { atMost: string | number };
  readonly limit?: number;
  readonly descending?: boolean;
  readonly consistent?: boolean;
  readonly after?: Cursor;
}

export interface Change {
  readonly set?: Item;
  readonly remove?: readonly string[];
  /** Numbers are added to the attribute (a missing one counts as 0), sets are united with it. */
  readonly add?: Readonly<Record<string, number | Set<string>>>;
  /** Elements taken out of a string set; a set that becomes empty disappears. */
  readonly delete?: Readonly<Record<string, Set<string>>>;
}

export type Condition =
  | { readonly is: 'absent' | 'present'; readonly attribute: string }
  | {
      readonly is: '=';
      readonly attribute: string | { readonly size: string };
      readonly than: string | number | boolean | { readonly attribute: string };
    }
  /** A missing attribute, or one of another type, is neither below nor above anything. */
  | {
      readonly is: '<' | '<=' | '>' | '>=';
      readonly attribute: string | { readonly size: string };
      readonly than: string | number | { readonly attribute: string };
    }
  | { readonly is: 'contains'; readonly attribute: string; readonly element: string }
  /** Never of nothing: DynamoDB has no word for that. */
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition };

// How the rooms write conditions, so that they read as sentences.
export const absent = (attribute: string): Condition => ({ is: 'absent', attribute });
export const present = (attribute: string): Condition => ({ is: 'present', attribute });
export const equals = (attribute: string, than: string | number | boolean): Condition => ({ is: '=', attribute, than });
export const atMost = (attribute: string, than: string | number): Condition => ({ is: '<=', attribute, than });
export const below = (attribute: string | { size: string }, than: number | { attribute: string }): Condition => ({
  is: '<',
  attribute,
  than,
});
export const above = (attribute: string, than: number): Condition => ({ is: '>', attribute, than });
export const contains = (attribute: string, element: string): Condition => ({ is: 'contains', attribute, element });
export const all = (...of: Condition[]): Condition => ({ is: 'all', of });
export const any = (...of: Condition[]): Condition => ({ is: 'any', of });
export const not = (of: Condition): Condition => ({ is: 'not', of });
