import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const Settings = z.object({ modelUrl: z.string().optional() });

/** The address of a stage's model as the next deployment has it; empty where it has none. */
export function modelUrlOf(stage: string): string {
  return settingsOf(stage)?.modelUrl ?? settingsOf('default')?.modelUrl ?? '';
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
