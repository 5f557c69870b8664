import type { Change, Condition, Query, TableShape } from './table.ts';

/**
 * One request's expressions and what their placeholders stand for. Every name and value goes by placeholder: DynamoDB
 * reserves hundreds of words, `state` and `capacity` among them.
 */
export interface Expressions {
  readonly condition: (condition: Condition) => string;
  readonly change: (change: Change) => string;
  readonly keys: (shape: TableShape, query: Query) => string;
  /** The placeholders met so far, as a request wants them: left out where there are none. */
  readonly placeholders: () => {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  };
}

export function expressions(): Expressions {
  const names = new Map<string, string>();
  const values: Record<string, unknown> = {};

  function name(attribute: string): string {
    const known = names.get(attribute) ?? `#n${names.size}`;
    names.set(attribute, known);
    return known;
  }

  function value(of: unknown): string {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = of;
    return placeholder;
  }

  function condition(of: Condition): string {
    switch (of.is) {
      case 'absent':
        return `attribute_not_exists(${name(of.attribute)})`;
      case 'present':
        return `attribute_exists(${name(of.attribute)})`;
      case 'contains':
        return `contains(${name(of.attribute)}, ${value(of.element)})`;
      case 'not':
        return `(NOT ${condition(of.of)})`;
      case 'all':
      case 'any':
        return group(of.of.map(condition), of.is === 'all' ? ' AND ' : ' OR ');
      default:
        return comparison(of);
    }
  }

  function comparison(of: Extract<Condition, { than: unknown }>): string {
    const left = typeof of.attribute === 'string' ? name(of.attribute) : `size(${name(of.attribute.size)})`;
    if (typeof of.than !== 'object') return `${left} ${of.is} ${value(of.than)}`;
    const right = name(of.than.attribute);
    // DynamoDB says false when either is missing. Dynalite, on which the local stack runs, takes two missing attributes
    // for equal, so what DynamoDB means is spelt out.
    return `(attribute_exists(${right}) AND ${left} ${of.is} ${right})`;
  }

  function change(of: Change): string {
    const clauses = [
      clause('SET', of.set, (attribute, to) => `${name(attribute)} = ${value(to)}`),
      of.remove && of.remove.length > 0 ? `REMOVE ${of.remove.map(name).join(', ')}` : '',
      clause('ADD', of.add, (attribute, added) => `${name(attribute)} ${value(added)}`),
      clause('DELETE', of.delete, (attribute, taken) => `${name(attribute)} ${value(taken)}`),
    ];
    return clauses.filter((text) => text !== '').join(' ');
  }

  function keys(shape: TableShape, query: Query): string {
    const on = query.index === undefined ? shape : shape.indexes?.[query.index];
    if (!on) throw new RangeError(`Table ${shape.name} has no index ${query.index}`);
    const partition = `${name(on.partition)} = ${value(query.partition)}`;
    if (!query.sort) return partition;
    if (on.sort === undefined) throw new RangeError(`Table ${shape.name} has no sort key`);
    const sort = name(on.sort);
    return 'beginsWith' in query.sort
      ? `${partition} AND begins_with(${sort}, ${value(query.sort.beginsWith)})`
      : `${partition} AND ${sort} <= ${value(query.sort.atMost)}`;
  }

  function placeholders(): ReturnType<Expressions['placeholders']> {
    return {
      ...(names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries(
          [...names].map(([attribute, placeholder]) => [placeholder, attribute]),
        ),
      }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    };
  }

  return { condition, change, keys, placeholders };
}

function group(parts: readonly string[], conjunction: string): string {
  const [only] = parts;
  if (only === undefined) throw new RangeError('A condition of nothing');
  // DynamoDB refuses redundant parentheses.
  return parts.length === 1 ? only : `(${parts.join(conjunction)})`;
}

/** `KEYWORD part, part`, or nothing where there is nothing to say. Undefined values are dropped, as in a whole item. */
function clause<Value>(
  keyword: string,
  parts: Readonly<Record<string, Value>> | undefined,
  write: (attribute: string, value: Value) => string,
): string {
  const given = Object.entries(parts ?? {}).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `${keyword} ${given.map(([attribute, value]) => write(attribute, value)).join(', ')}`;
}
