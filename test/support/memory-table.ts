import type { Change, Condition, Cursor, IndexShape, Item, Query, Table, TableShape } from '../../lib/store/table.ts';

/**
 * A table in memory, as DynamoDB would keep it; `test/contract/table.test.ts` holds it to that. Where DynamoDB leaves
 * something open, this one does what surprises most: a page that ends exactly at its limit has a `next`, and maps and sets come
 * back in another order than they were written in.
 */
export function memoryTable(shape: TableShape): Table {
  const items = new Map<string, Item>();
  const keyNames = shape.sort === undefined ? [shape.partition] : [shape.partition, shape.sort];
  /** The ids of the items in each partition, of the table and of its indexes, so that a query does not look through all items. */
  const partitions = new Map<TableShape | IndexShape, Map<unknown, Set<string>>>(
    [shape, ...Object.values(shape.indexes ?? {})].map((kind) => [kind, new Map()]),
  );

  // Every method is asynchronous to its caller, and what it does happens at once: no two writes interleave.
  return {
    shape,
    get: async (key) => copyOf(items.get(idOf(key))),
    getMany: async (keys) => {
      // In an order of the table's own.
      const ids = [...new Set(keys.map(idOf))].sort();
      return ids.flatMap((id): Item[] => {
        const item = items.get(id);
        return item ? [copy(item)] : [];
      });
    },
    put: async (item, condition) => {
      const next = copy(item, true);
      const id = idOf(pick(next, keyNames));
      checkIndexKeys(next);
      if (!holds(condition, items.get(id))) return false;
      keep(id, next);
      return true;
    },
    update: async (key, change, options = {}) => {
      const id = idOf(key);
      const before = items.get(id);
      checkChange(change);
      if (!holds(options.condition, before)) return undefined;
      const after = apply(change, before ?? { ...key });
      checkIndexKeys(after);
      keep(id, after);
      return options.returning === 'before' ? copy(before ?? {}) : copy(after);
    },
    delete: async (key, condition) => {
      const id = idOf(key);
      if (!holds(condition, items.get(id))) return false;
      keep(id, undefined);
      return true;
    },
    query: async (query) => run(query),
  };

  /** The item in its partitions, or out of them. */
  function keep(id: string, next: Item | undefined): void {
    const before = items.get(id);
    for (const [{ partition, sort }, members] of partitions) {
      const placeOf = (item: Item | undefined): unknown =>
        sort === undefined || item?.[sort] !== undefined ? item?.[partition] : undefined;
      const [from, to] = [placeOf(before), placeOf(next)];
      if (from === to) continue;
      members.get(from)?.delete(id);
      if (to !== undefined) members.set(to, (members.get(to) ?? new Set()).add(id));
    }
    if (next) items.set(id, next);
    else items.delete(id);
  }

  function idOf(key: Item): string {
    if (Object.keys(key).length !== keyNames.length) throw new Error('The key does not match the table');
    return JSON.stringify(keyNames.map((name) => keyText(key[name], name)));
  }

  /** An index's keys have one type, and are never empty. */
  function checkIndexKeys(item: Item): void {
    for (const index of Object.values(shape.indexes ?? {})) {
      if (item[index.partition] !== undefined) keyText(item[index.partition], index.partition);
      if (item[index.sort] === undefined) continue;
      if (!index.numeric) keyText(item[index.sort], index.sort);
      else if (typeof item[index.sort] !== 'number') throw new Error(`${index.sort} has to be a number`);
    }
  }

  /** What DynamoDB refuses before it looks at the item. */
  function checkChange(change: Change): void {
    for (const part of [change.set, change.add, change.delete]) copy(part ?? {});
    const paths = [change.set, change.add, change.delete].flatMap((part) =>
      Object.entries(part ?? {}).flatMap(([attribute, value]) => (value === undefined ? [] : [attribute])),
    );
    const all = [...paths, ...(change.remove ?? [])];
    if (new Set(all).size !== all.length) throw new Error('One attribute is changed twice');
    if (all.some((attribute) => keyNames.includes(attribute))) throw new Error("An item's key cannot change");
  }

  function run(query: Query): { items: Item[]; next?: Cursor } {
    const index = query.index === undefined ? undefined : shape.indexes?.[query.index];
    if (query.index !== undefined && !index) throw new Error(`No index ${query.index}`);
    if (index && !index.local && query.consistent) throw new Error('A global index cannot be read consistently');
    const { sort } = index ?? shape;
    if (query.sort && sort === undefined) throw new Error('The table has no sort key');

    const cursorNames = index ? [...keyNames, index.partition, index.sort] : keyNames;
    if (query.after) checkCursor(query.after, new Set(cursorNames), index ?? shape, query.partition);
    const places = [...(sort === undefined ? [] : [sort]), ...keyNames];
    const direction = query.descending ? -1 : 1;
    const inOrder = (a: Item, b: Item): number => direction * comparePlaces(a, b, places);
    const found = [...(partitions.get(index ?? shape)?.get(query.partition) ?? [])]
      .flatMap((id): Item[] => {
        const item = items.get(id);
        return item ? [item] : [];
      })
      .filter((item) => sort === undefined || withinBound(item[sort], query.sort))
      .filter((item) => !query.after || inOrder(item, query.after) > 0)
      .sort(inOrder);

    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: page.map((item) => copy(index?.keysOnly ? pick(item, cursorNames) : item)),
      ...(last && page.length === query.limit && { next: pick(last, cursorNames) }),
    };
  }
}

/** In bytes. A sort key has to be shorter still. */
const LONGEST_KEY = 2048;

function keyText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${name} has to be a text that is not empty`);
  if (Buffer.byteLength(value) > LONGEST_KEY) throw new Error(`${name} is longer than a key may be`);
  return value;
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]));
}

function copyOf(item: Item | undefined): Item | undefined {
  return item && copy(item);
}

/** Most of a story's time goes by here. `written`: into the table, whose maps and sets have an order of their own. */
function copy(item: Item, written = false): Item {
  const made: Record<string, unknown> = {};
  const names = Object.keys(item);
  if (written) names.sort();
  for (const name of names) {
    const value = item[name];
    if (value === undefined) continue;
    const copied = typeof value === 'string' ? value : copyValue(value, written);
    if (name !== '__proto__') made[name] = copied;
    else Object.defineProperty(made, name, { value: copied, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** A value as it comes back out of DynamoDB. Throws for what DynamoDB cannot hold. */
function copyValue(value: unknown, written: boolean): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (isPlain(value)) return copy(value, written);
  if (value instanceof Set) {
    if (value.size === 0 || ![...value].every((element) => typeof element === 'string'))
      throw new Error('A set has to hold texts, and at least one');
    return new Set(written ? [...value].sort() : value);
  }
  if (Array.isArray(value)) {
    const made: unknown[] = [];
    for (const element of value) if (element !== undefined) made.push(copyValue(element, written));
    return made;
  }
  throw new Error('Not plain data');
}

function isPlain(value: unknown): value is Item {
  // By name: a test runner's objects may come from another realm.
  if (typeof value !== 'object' || value === null) return false;
  return value.constructor === Object || (value.constructor?.name ?? 'Object') === 'Object';
}

function apply(change: Change, before: Item): Item {
  const after = { ...copy(before), ...copy(change.set ?? {}, true) };
  for (const attribute of change.remove ?? []) delete after[attribute];
  for (const [attribute, added] of Object.entries(copy(change.add ?? {}))) {
    const present = after[attribute];
    if (typeof added === 'number' && (present === undefined || typeof present === 'number'))
      after[attribute] = (present ?? 0) + added;
    else if (added instanceof Set && (present === undefined || present instanceof Set))
      after[attribute] = new Set([...(present ?? []), ...added]);
    else throw new Error(`${attribute} is not of the type that is added to it`);
  }
  for (const [attribute, taken] of Object.entries(copy(change.delete ?? {}))) {
    const present = after[attribute];
    if (present === undefined) continue;
    if (!(present instanceof Set && taken instanceof Set)) throw new Error(`${attribute} is not a set`);
    const left = new Set([...present].filter((element) => !taken.has(element)));
    if (left.size > 0) after[attribute] = left;
    else delete after[attribute];
  }
  return after;
}

function holds(condition: Condition | undefined, item: Item | undefined): boolean {
  return condition === undefined || evaluate(condition, item ?? {});
}

function evaluate(condition: Condition, item: Item): boolean {
  switch (condition.is) {
    case 'absent':
      return item[condition.attribute] === undefined;
    case 'present':
      return item[condition.attribute] !== undefined;
    case 'contains':
      return includes(item[condition.attribute], condition.element);
    case 'not':
      return !evaluate(condition.of, item);
    case 'all':
    case 'any': {
      if (condition.of.length === 0) throw new Error(`A condition "${condition.is}" of nothing`);
      const each = condition.of.map((one) => evaluate(one, item));
      return condition.is === 'all' ? each.every(Boolean) : each.some(Boolean);
    }
    default:
      return compareValues(condition, item);
  }
}

function includes(value: unknown, element: string): boolean {
  if (typeof value === 'string') return value.includes(element);
  if (value instanceof Set) return value.has(element);
  return Array.isArray(value) && value.includes(element);
}

/** A page begins after an item of the table, or what could be one, in the partition that is read. */
function checkCursor(
  after: Item,
  names: ReadonlySet<string>,
  { partition }: TableShape | IndexShape,
  read: string,
): void {
  const isWhole = Object.keys(after).length === names.size && [...names].every((name) => after[name] !== undefined);
  if (!isWhole) throw new Error('The starting key is none');
  if (after[partition] !== read) throw new Error('The starting key lies outside of what is read');
}

/** A missing value, and values of different types, are neither equal, nor below, nor above each other. */
function compareValues(condition: Extract<Condition, { than: unknown }>, item: Item): boolean {
  if (typeof condition.than === 'object' && condition.than.attribute === condition.attribute)
    throw new Error('DynamoDB refuses to compare an attribute with itself');
  const left =
    typeof condition.attribute === 'string' ? item[condition.attribute] : size(item[condition.attribute.size]);
  const right = typeof condition.than === 'object' ? item[condition.than.attribute] : condition.than;
  if (condition.is === '=') return left !== undefined && same(left, right);
  const order = compareScalars(left, right);
  if (order === undefined) return false;
  if (condition.is === '<') return order < 0;
  if (condition.is === '<=') return order <= 0;
  return condition.is === '>' ? order > 0 : order >= 0;
}

function same(left: unknown, right: unknown): boolean {
  if (left instanceof Set && right instanceof Set)
    return left.size === right.size && [...left].every((element) => right.has(element));
  return left === right;
}

function size(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Set) return value.size;
  return isPlain(value) ? Object.keys(value).length : undefined;
}

/** Numbers by value, texts by their UTF-8 bytes; anything else has no order. */
function compareScalars(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return undefined;
}

function comparePlaces(a: Item, b: Item, places: readonly string[]): number {
  for (const place of places) {
    const order = compareScalars(a[place], b[place]) ?? 0;
    if (order !== 0) return order;
  }
  return 0;
}

function withinBound(value: unknown, bound: Query['sort']): boolean {
  if (!bound) return true;
  if ('beginsWith' in bound) return typeof value === 'string' && value.startsWith(bound.beginsWith);
  const order = compareScalars(value, bound.atMost);
  return order !== undefined && order <= 0;
}
