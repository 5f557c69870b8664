import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { unzip } from '../../local/unzip.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** All that packaging reads. */
const SOURCES = ['serverless.yml', 'package.json', 'tsconfig.json', 'config', 'functions', 'lib', 'events', 'stack'];

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Condition: z.string().optional(),
});
export const Template = z.object({
  Resources: z.record(z.string(), Resource),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).default({}),
});
export type Template = z.infer<typeof Template>;

/** What `serverless package` makes for one stage and region. */
export interface PackagedService {
  readonly template: Template;
  /** The template's text. */
  readonly text: string;
  /** By function: the files of its package with their sizes (bytes). */
  readonly packages: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * Packages this service as a deployment to the stage and region would. It works on a copy: the framework's bundler uses
 * one folder of the service, which a packaging at the same time would spoil.
 *
 * @param place.codeless the functions are packaged empty: enough for the template, and several times faster
 * @param place.settings what an operator would write into `config/<stage>.yml`, in place of what stands there
 * @throws with what the framework says when it refuses
 */
export async function packageService(place: {
  stage: string;
  region: string;
  codeless?: boolean;
  settings?: Readonly<Record<string, unknown>>;
}): Promise<PackagedService> {
  const folder = await mkdtemp(join(tmpdir(), 'packaged-'));
  try {
    for (const source of SOURCES) await cp(join(root, source), join(folder, source), { recursive: true });
    if (place.codeless) {
      const doors = (await readdir(join(folder, 'functions'))).filter((name) => name.endsWith('.ts'));
      for (const door of doors)
        await writeFile(join(folder, 'functions', door), 'export const handler = () => undefined;\n');
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const own = join(folder, 'config', `${place.stage}.yml`);
    const said: unknown = parse(await readFile(own, 'utf8').catch(() => '')) ?? {};
    await writeFile(own, stringify({ ...Object(said), ...place.settings }));
    const framework = createRequire(join(root, 'package.json')).resolve('serverless/package.json');
    const cli = join(framework, '..', 'bin', 'serverless.js');
    const wish = ['package', '--stage', place.stage, '--region', place.region, '--package', join(folder, 'out')];
    await promisify(execFile)(process.execPath, [cli, ...wish], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, FORCE_COLOR: '0' },
    });
    const template = await readFile(join(folder, 'out', 'cloudformation-template-update-stack.json'), 'utf8');
    return {
      template: Template.parse(JSON.parse(template)),
      text: template,
      packages: await readPackages(join(folder, 'out')),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPackages(folder: string): Promise<Record<string, Record<string, number>>> {
  const packages: Record<string, Record<string, number>> = {};
  for (const zip of (await readdir(folder)).filter((name) => name.endsWith('.zip'))) {
    const code = join(folder, basename(zip, '.zip'));
    await unzip(join(folder, zip), code);
    const files = (await readdir(code, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
    const sizes = files.map(async ({ parentPath, name }): Promise<[string, number]> => {
      const path = join(parentPath, name);
      return [path.slice(code.length + 1), (await readFile(path)).length];
    });
    packages[basename(zip, '.zip')] = Object.fromEntries(await Promise.all(sizes));
  }
  return packages;
}
