import { createHash } from 'node:crypto';

/**
 * A name for what something says, the same wherever and whenever it is computed: of its content alone, whatever the order of its fields.
 * Stores keep it beside what they keep, so that a change can be conditional on what was read.
 */
export function revisionOf(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(content)))
    .digest('base64url')
    .slice(0, 22);
}

/** What a table gives back may have its fields in another order, and has none that is undefined. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, inOrder(field)]);
}
