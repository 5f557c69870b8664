import { writeFile } from 'node:fs/promises';
import { openApiText } from './openapi-text.ts';

// Writes docs/admin-api.json anew, from the contract in lib/admin/operations.ts. A test says when it is not current.

await writeFile(new URL('../docs/admin-api.json', import.meta.url), openApiText());
