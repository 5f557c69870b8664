import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const Settings = z.object({ modelUrl: z.string().optional() });

/** Where a stage has its model from: its address (empty where it has none), and what names one, in words for a person. */
export interface StageModel {
  readonly url: string;
  readonly namedBy: string;
}

/** As the next deployment has it; on this machine (`AWS_ENDPOINT_URL`) what `npm start` was given goes first. */
export function modelOf(stage: string, env: Readonly<Record<string, string | undefined>>): StageModel {
  const deployed = settingsOf(stage)?.modelUrl ?? settingsOf('default')?.modelUrl ?? '';
  if (!env.AWS_ENDPOINT_URL)
    return { url: deployed, namedBy: `set modelUrl and modelName in config/${stage}.yml and deploy` };
  const namedBy =
    'start with MODEL_API_URL, MODEL_NAME and MODEL_SECRETS (npm start -- --help), and set MODEL_API_URL for this command, too';
  return { url: env.MODEL_API_URL || deployed, namedBy };
}

function settingsOf(stage: string): z.infer<typeof Settings> | undefined {
  try {
    const text = readFileSync(new URL(`../config/${stage}.yml`, import.meta.url), 'utf8');
    return Settings.safeParse(parse(text)).data;
  } catch {
    // A stage without a file works from the defaults.
    return undefined;
  }
}
