/** A setting that the door needs and the environment does not have. Fails the cold start, naming every missing one. */
export class MissingSetting extends Error {
  constructor(names: readonly string[]) {
    super(`Missing environment variable${names.length > 1 ? 's' : ''}: ${names.join(', ')}. serverless.yml sets them.`);
    this.name = 'MissingSetting';
  }
}

/** Reads the named settings once, at the door. Throws `MissingSetting` when any is absent or empty. */
export function readConfig<const Name extends string>(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Record<Name, string> {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) throw new MissingSetting(missing);
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}
