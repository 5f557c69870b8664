import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { runtimeVariables } from '../local/environments.ts';
import { type PackagedStack, packageStack } from '../local/package-stack.ts';
import { createResolver, type FunctionDescription, readFunctions } from '../local/template.ts';
import { SECRETS } from '../test/rooms/wecom/callback-samples.ts';
import type { Bench, Row, Wish } from './bench.ts';
import { startEmptyWorld } from './empty-world.ts';
import { firstEvents } from './first-events.ts';
import { percentile, rounded } from './percentile.ts';

export const coldStart: Bench = {
  name: 'cold-start',
  about: 'each package in fresh processes of Node: its size, the time to load it, and its first invocation after that',
  async run({ runs = 15, say }: Wish): Promise<readonly Row[]> {
    const packaged = await packageStack({ stage: 'dev', root: process.cwd() });
    const world = await startEmptyWorld();
    try {
      const resolver = createResolver(packaged.template, (queueName) => `${world.url}/000000000000/${queueName}`);
      const rows: Row[] = [];
      for (const description of readFunctions(packaged.template, resolver)) {
        say(`${description.name}, ${runs} times`);
        rows.push(await measure(packaged, description, world.url, runs));
      }
      return rows;
    } finally {
      world.stop();
    }
  },
};

async function measure(
  packaged: PackagedStack,
  description: FunctionDescription,
  world: string,
  runs: number,
): Promise<Row> {
  const bundle = bundleOf(packaged, description);
  const environment = variablesOf(description, world);
  const loads: number[] = [];
  const firsts: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = await startOnce(bundle, environment, description.name);
    loads.push(start.load);
    if (start.first !== undefined) firsts.push(start.first);
  }
  const bare = { ...environment, NODE_OPTIONS: '' };
  const withoutMaps: number[] = [];
  for (let run = 0; run < runs; run++) withoutMaps.push((await startOnce(bundle, bare, description.name)).load);
  return {
    function: description.name,
    'bundle KB': rounded(statSync(bundle).size / 1024),
    'source map KB': rounded(statSync(`${bundle}.map`).size / 1024),
    'load p50 ms': rounded(percentile(loads, 50), 1),
    'load p95 ms': rounded(percentile(loads, 95), 1),
    'without source maps p50 ms': rounded(percentile(withoutMaps, 50), 1),
    'first invocation p50 ms': firsts.length > 0 ? rounded(percentile(firsts, 50), 1) : 'not measured',
  };
}

function bundleOf(packaged: PackagedStack, { name, handler }: FunctionDescription): string {
  const bundle = join(packaged.codeFolder(name), `${handler.slice(0, handler.lastIndexOf('.'))}.mjs`);
  if (!existsSync(bundle)) throw new Error(`the package of ${name} has no ${bundle}`);
  return bundle;
}

/** As the template says, but for secrets and addresses. */
function variablesOf(description: FunctionDescription, world: string): Record<string, string> {
  return {
    ...description.environment,
    ...('WECOM_SECRETS' in description.environment && { WECOM_SECRETS: JSON.stringify(SECRETS) }),
    ...('WECOM_API_URL' in description.environment && { WECOM_API_URL: world }),
    ...runtimeVariables(description, 'bench'),
    AWS_ENDPOINT_URL: world,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    LOG_LEVEL: 'error',
  };
}

const Started = z.object({ load: z.number(), first: z.number().optional(), answer: z.unknown() });
const Failed = z.union([
  z.object({ batchItemFailures: z.array(z.unknown()).min(1) }),
  z.object({ statusCode: z.number().min(400) }),
]);
const starter = fileURLToPath(new URL('start-function.ts', import.meta.url));

async function startOnce(bundle: string, env: Record<string, string>, name: string): Promise<z.infer<typeof Started>> {
  const event = firstEvents[name]?.();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', starter, bundle, ...(event === undefined ? [] : [JSON.stringify(event)])],
    { env },
  );
  const started = Started.parse(JSON.parse(stdout));
  // A function that fails at once would look fast.
  if (Failed.safeParse(started.answer).success) throw new Error(`${name} failed: ${JSON.stringify(started.answer)}`);
  return started;
}
