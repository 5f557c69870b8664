import { grantsOf } from '../../local/roles.ts';
import type { FunctionDescription } from '../../local/template.ts';
import { usedGrant } from '../../local/used-grants.ts';

/** What the roles allow and nobody needed. */
export interface Unused {
  /** How many grants there are in all: an action on a resource in a statement of a role. */
  readonly grants: number;
  /** Used by nobody, and without an excuse: `function action resource`. */
  readonly unused: readonly string[];
  /** Excuses of what no role allows (any more). */
  readonly emptyExcuses: readonly string[];
}

/**
 * Compares what the functions may do with what they were seen doing.
 *
 * @param used the lines that local stacks wrote (local/used-grants.ts)
 * @param excused by `function action resource` the reason why no test needs it
 */
export function findUnused(
  functions: readonly Pick<FunctionDescription, 'name' | 'role'>[],
  used: ReadonlySet<string>,
  excused: Readonly<Record<string, string>>,
): Unused {
  const grants = functions.flatMap(({ name, role }) =>
    grantsOf(role).map((grant) => ({
      name: `${name} ${grant.action} ${shortened(grant.resource)}`,
      isUsed: used.has(usedGrant(role, grant)),
    })),
  );
  const names = new Set(grants.map(({ name }) => name));
  return {
    grants: grants.length,
    unused: grants.filter(({ name, isUsed }) => !isUsed && !(name in excused)).map(({ name }) => name),
    emptyExcuses: Object.keys(excused).filter((name) => !names.has(name)),
  };
}

/** `arn:aws:sqs:us-east-1:000000000000:wecom-concierge-dev-signals.fifo` is `signals.fifo` here. */
const shortened = (resource: string): string =>
  resource.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '').replace(/wecom-concierge-dev-/, '');
