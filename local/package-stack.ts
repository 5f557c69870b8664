import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readTemplate, type Template } from './template.ts';
import { unzip } from './unzip.ts';

/** What `serverless package` made of a service: its template, and each function's package, unpacked. */
export interface PackagedStack {
  readonly stage: string;
  readonly template: Template;
  /** The folder that Lambda would see as a function's own; `packageName` is the function's name in serverless.yml. */
  codeFolder(packageName: string): string;
}

/** Everything that decides what is packaged. What is missing is left out. */
const SOURCES = ['serverless.yml', 'package-lock.json', 'config', 'functions', 'lib', 'events', 'stack'];
/** Neither a domain nor a network nor alarms, whatever the stage's settings say. */
const ON_THE_LAPTOP = ['--param', 'where=laptop'];
const TEMPLATE = 'cloudformation-template-update-stack.json';
const A_DAY = 24 * 60 * 60 * 1000;

/**
 * Packages the service in `root` with the Serverless Framework, as a deployment would, and unpacks the functions.
 * The same sources are packaged once: the result is kept under `.local/packages`, which processes may share.
 *
 * @throws with the framework's own words when packaging fails
 */
export async function packageStack({
  stage,
  root,
  also = [],
}: {
  stage: string;
  root: string;
  /** What decides beside the usual, from the root: e.g. code of another service. */
  also?: readonly string[];
}): Promise<PackagedStack> {
  const packages = join(root, '.local', 'packages');
  const folder = join(packages, `${stage}-${await hashOf(root, also)}`);
  if (!existsSync(folder)) {
    await mkdir(packages, { recursive: true });
    // The framework's bundler works in one folder per service, so two packagings at once would spoil each other.
    await whileLocked(join(packages, 'packaging.lock'), async () => {
      if (!existsSync(folder)) await packageInto(folder, stage, root);
      await removeOld(packages);
    });
  }
  await utimes(folder, new Date(), new Date());
  const template = readTemplate(JSON.parse(await readFile(join(folder, TEMPLATE), 'utf8')));
  return { stage, template, codeFolder: (packageName) => join(folder, 'code', packageName) };
}

async function packageInto(folder: string, stage: string, root: string): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  const framework = createRequire(join(root, 'package.json')).resolve('serverless/package.json');
  const cli = join(dirname(framework), 'bin', 'serverless.js');
  try {
    await promisify(execFile)(
      process.execPath,
      [cli, 'package', '--stage', stage, '--package', draft, ...ON_THE_LAPTOP],
      {
        cwd: root,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, FORCE_COLOR: '0' },
      },
    );
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw new Error(`${root} cannot be packaged: ${wordsOf(error)}`, { cause: error });
  }
  for (const file of await readdir(draft)) {
    if (file.endsWith('.zip')) await unzip(join(draft, file), join(draft, 'code', file.slice(0, -'.zip'.length)));
  }
  await rename(draft, folder);
}

function wordsOf(error: unknown): string {
  const said = ['stdout', 'stderr', 'message'].map((part) => (error instanceof Error ? Reflect.get(error, part) : ''));
  return said.filter(Boolean).join('\n').trim();
}

async function hashOf(root: string, also: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of [...SOURCES, ...also]) {
    for (const file of await filesUnder(root, source)) {
      hash.update(`${file}\0`).update(await readFile(join(root, file)));
    }
  }
  return hash.digest('hex').slice(0, 20);
}

async function filesUnder(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const names = (await readdir(join(root, path))).sort();
  return (await Promise.all(names.map((name) => filesUnder(root, join(path, name))))).flat();
}

async function whileLocked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!(await taken(lock))) await sleep(50);
  try {
    return await work();
  } finally {
    await unlink(lock);
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    // An owner that died in the middle leaves its lock behind.
    if (owner > 0 && !isRunning(owner)) await unlink(lock).catch(() => undefined);
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function removeOld(packages: string): Promise<void> {
  for (const name of await readdir(packages)) {
    const { mtimeMs } = await stat(join(packages, name));
    if (mtimeMs < Date.now() - A_DAY) await rm(join(packages, name), { recursive: true, force: true });
  }
}
