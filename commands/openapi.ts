import { writeFile } from 'node:fs/promises';
import { openApiText } from './openapi-text.ts';

// Writes docs/admin-api.json anew, from the contract in lib/admin/operations.ts. A test says when it is not current.

if (process.argv.length > 2) {
  process.stdout.write('npm run openapi    生成管理接口文档 · writes docs/admin-api.json anew; it has no options\n');
  process.exitCode = process.argv.slice(2).every((word) => word === '--help' || word === '-h') ? 0 : 1;
} else await writeFile(new URL('../docs/admin-api.json', import.meta.url), openApiText());
