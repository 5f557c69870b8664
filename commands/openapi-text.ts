import { openApiOf } from '../lib/admin/openapi.ts';
import { operations } from '../lib/admin/operations.ts';

/** The admin API's contract as docs/admin-api.json has it. */
export const openApiText = (): string => `${JSON.stringify(openApiOf(operations), null, 2)}\n`;
