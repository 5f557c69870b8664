import { appendFileSync } from 'node:fs';
import type { Grant, Role } from './roles.ts';

/** The variable that names a file in which every stack of this machine notes what its roles were used for. Without it, nobody does. */
export const USED_GRANTS_FILE = 'CONCIERGE_USED_GRANTS_FILE';

/** One line, written at once: processes that share the file do not mix theirs. */
export function noteUse(role: Role, grant: Grant): void {
  const file = process.env[USED_GRANTS_FILE];
  if (file) appendFileSync(file, `${usedGrant(role, grant)}\n`);
}

/** What a grant is called in that file. */
export const usedGrant = ({ name }: Role, { action, resource }: Grant): string => `${name} ${action} ${resource}`;
