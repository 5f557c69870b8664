import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breakingChanges, sayBreaking } from './events/breaking-changes.ts';
import { currentSchemas, generatedFiles, json, jsonFiles, RELEASED, releasedSchemas } from './events/files.ts';

const HELP = `npm run events                   生成事件文档 · writes what is generated of events/*.ts: JSON Schemas, AsyncAPI, the catalogue
npm run events -- check          检查兼容性 · says which changes since the last release could break a consumer
npm run events -- release        发布当前事件 · makes today's schemas the released ones, if none of the changes breaks anybody
npm run events -- retire TYPE    停用事件 · takes an event out of the released ones that nobody consumes any more
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = 'write', type, ...rest] = process.argv.slice(2);
process.exitCode = rest.length > 0 ? refuse() : run();

function run(): number {
  if (type !== undefined && command !== 'retire') return refuse();
  switch (command) {
    case 'write':
      write();
      return 0;
    case 'check':
      return check() ? 0 : 1;
    case 'release':
      return release();
    case 'retire':
      return type === undefined ? refuse() : retire(type);
    case 'help':
    case '--help':
      process.stdout.write(HELP);
      return 0;
    default:
      return refuse();
  }
}

function refuse(): number {
  process.stderr.write(`没有这个用法 · this is not understood: ${process.argv.slice(2).join(' ')}\n\n${HELP}`);
  return 1;
}

/** Schemas of events that are no more go. */
function write(): void {
  const files = generatedFiles(root);
  const folder = join(root, 'events/schemas');
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(jsonFiles(folder)))
    if (!(`events/schemas/${name}.json` in files)) rmSync(join(folder, `${name}.json`));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  process.stdout.write(`${Object.keys(files).length} files written\n`);
}

function check(): boolean {
  const changes = breakingChanges(releasedSchemas(root), currentSchemas());
  if (changes.length > 0) process.stderr.write(`${sayBreaking(changes)}\n`);
  else process.stdout.write('没有破坏性变更 · no change since the last release breaks a consumer\n');
  return changes.length === 0;
}

function release(): number {
  mkdirSync(join(root, RELEASED), { recursive: true });
  if (!check()) return 1;
  write();
  for (const [name, schema] of Object.entries(currentSchemas()))
    writeFileSync(join(root, RELEASED, `${name}.json`), json(schema));
  return 0;
}

function retire(name: string): number {
  if (!(name in releasedSchemas(root))) {
    process.stderr.write(`没有已发布的事件 · no released event ${name}\n`);
    return 1;
  }
  rmSync(join(root, RELEASED, `${name}.json`));
  process.stdout.write(
    `${name}: 不再对使用方承诺 · promised to nobody any more; take it out of events/catalogue.ts, too\n`,
  );
  return 0;
}
