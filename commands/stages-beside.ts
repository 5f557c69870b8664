import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Finding } from '../lib/setup/finding.ts';
import { SetupReport } from '../lib/setup/finding.ts';
import { type Identity, judgeNeighbours, type Neighbour } from '../lib/setup/identity.ts';
import { Refusal } from './refusal.ts';
import { NoSuchFunction, type StageAccess } from './stage-access.ts';

const CONFIG = fileURLToPath(new URL('../config', import.meta.url));

/** The other stages that this checkout knows: those with a file in config/. Business configurations lie there, too, and are none. */
export function stagesBeside(stage: string, folder = CONFIG): string[] {
  const names = readdirSync(folder).flatMap((file) => /^([a-z0-9-]{1,13})\.yml$/.exec(file)?.[1] ?? []);
  return names.filter((name) => name !== 'default' && name !== stage && isStageFile(`${folder}/${name}.yml`)).sort();
}

const BUSINESS = ['agents', 'teams', 'replies', 'contactWays'];

function isStageFile(path: string): boolean {
  try {
    const written: unknown = parse(readFileSync(path, 'utf8'));
    if (typeof written !== 'object' || written === null) return true;
    return !BUSINESS.some((field) => field in written);
  } catch {
    return false;
  }
}

/** Asks this stage and those beside it as whom they call WeCom, where they are deployed with the same credentials and region. */
export async function checkStagesBeside(
  own: StageAccess,
  beside: readonly string[],
  open: (stage: string) => Promise<StageAccess>,
): Promise<Finding[]> {
  if (beside.length === 0) return [];
  // Made up anew each time: what a stage answers tells nothing of its secret.
  const nonce = randomBytes(16).toString('hex');
  const self = await identify(own, nonce);
  // What keeps this stage from saying who it is, the other findings say.
  if (self === undefined) return [];
  const neighbours: Neighbour[] = [];
  for (const stage of beside) neighbours.push({ stage, answer: await answerOf(await open(stage), nonce) });
  return judgeNeighbours(self, neighbours);
}

async function answerOf(access: StageAccess, nonce: string): Promise<Neighbour['answer']> {
  try {
    return (await identify(access, nonce)) ?? { problem: 'its check-setup does not say who it is' };
  } catch (error) {
    if (error instanceof NoSuchFunction) return 'absent';
    if (error instanceof Refusal) return { problem: error.message };
    throw error;
  }
}

async function identify(access: StageAccess, nonce: string): Promise<Identity | undefined> {
  return SetupReport.safeParse(await access.invoke('check-setup', { who: { nonce } })).data?.identity;
}
