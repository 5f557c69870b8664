/**
 * Whether an event matches a rule's pattern, by EventBridge's rules for content filtering: exact values, `prefix`,
 * `suffix`, `exists`, `anything-but` (of values or a prefix) and `equals-ignore-case`.
 *
 * @throws when the pattern uses a filter that is not among these
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (!isObject(pattern)) throw new Error('An event pattern is an object.');
  return Object.entries(pattern).every(([key, expected]) => {
    const value = isObject(event) ? event[key] : undefined;
    return Array.isArray(expected) ? matchesAny(expected, value) : matchesPattern(expected, value);
  });
}

function matchesAny(filters: readonly unknown[], value: unknown): boolean {
  // An array in the event matches when one of its elements does.
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return filters.some((filter) => values.some((one) => matchesFilter(filter, one)));
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (!isObject(filter)) return filter === value;
  const [name, argument] = Object.entries(filter)[0] ?? [];
  switch (name) {
    case 'exists':
      return (value !== undefined) === argument;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(argument));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(argument));
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === String(argument).toLowerCase();
    case 'anything-but':
      if (value === undefined) return false;
      return !matchesAny(Array.isArray(argument) ? argument : [argument], value);
    default:
      throw new Error(`The local event bus does not know the filter ${name}.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
