import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { catalogue } from '../../events/catalogue.ts';
import { asyncApi } from './async-api.ts';
import type { Contracts } from './breaking-changes.ts';
import { cataloguePage } from './catalogue-page.ts';
import { contractOf } from './contract.ts';

const Package = z.object({ version: z.string() });

/** The events as they are described now, in the order of the catalogue. */
export const contracts = () => catalogue.map(contractOf);

/** Today's schemas by their event. */
export const currentSchemas = (): Contracts =>
  Object.fromEntries(contracts().map(({ type, schema }) => [type, schema]));

/** Everything that is generated, by its path from the root. */
export function generatedFiles(root: string): Record<string, string> {
  const all = contracts();
  const { version } = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return {
    ...Object.fromEntries(all.map(({ type, schema }) => [`events/schemas/${type}.json`, json(schema)])),
    'events/asyncapi.yaml': asyncApi(all, version),
    'events/catalogue.md': cataloguePage(all),
  };
}

/** The schemas of the last release; none before the first. */
export function releasedSchemas(root: string): Contracts {
  return Object.fromEntries(
    Object.entries(jsonFiles(join(root, RELEASED))).map(([name, text]) => [
      name,
      z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
    ]),
  );
}

export const RELEASED = 'events/released';

/** The JSON files of a folder by their names without `.json`. */
export function jsonFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    names.sort().map((name) => [name.slice(0, -'.json'.length), readFileSync(join(folder, name), 'utf8')]),
  );
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
