import * as z from 'zod/mini';
import { type AwsAccess, type AwsCall, AwsCallFailed, callAws, type Patience } from './aws-json.ts';

/** A secret could not be read. Names the place and the mend. */
export class SecretUnreadable extends Error {
  constructor(place: string, trouble: string) {
    super(`${place} could not be read (${trouble}). Put the JSON there, and let this function's role read it.`);
    this.name = 'SecretUnreadable';
  }
}

/**
 * The text that a setting stands for: the JSON itself (it starts with `{`), `ssm:/name` (a SecureString of the Parameter
 * Store) or `secretsmanager:name`. Each call reads anew, so a door calls it once, at its cold start. Throws `SecretUnreadable`.
 */
export async function readSecret(setting: string, access: AwsAccess, patience?: Patience): Promise<string> {
  if (setting.trimStart().startsWith('{')) return setting;
  const [store, ...rest] = setting.split(':');
  const name = rest.join(':');
  if (store === 'ssm' && name) return await readText(setting, access, readParameter(name, access.region), patience);
  if (store === 'secretsmanager' && name) {
    return await readText(setting, access, readManagedSecret(name, access.region), patience);
  }
  // The setting itself may be a mistyped secret, so it is not quoted.
  throw new SecretUnreadable('A secret that is neither JSON nor ssm:/name nor secretsmanager:name', 'unknown place');
}

/** What AWS answers, reduced to the secret's text. */
const SecretText = z.union([
  z.pipe(
    z.object({ Parameter: z.object({ Value: z.string() }) }),
    z.transform((answer) => answer.Parameter.Value),
  ),
  z.pipe(
    z.object({ SecretString: z.string() }),
    z.transform((answer) => answer.SecretString),
  ),
]);

async function readText(place: string, access: AwsAccess, call: AwsCall, patience?: Patience): Promise<string> {
  const text = SecretText.safeParse(await ask(place, access, call, patience));
  if (!text.success) throw new SecretUnreadable(place, 'it holds no text');
  return text.data;
}

async function ask(place: string, access: AwsAccess, call: AwsCall, patience?: Patience): Promise<unknown> {
  try {
    return await callAws(access, call, patience);
  } catch (error) {
    throw error instanceof AwsCallFailed ? new SecretUnreadable(place, error.trouble) : error;
  }
}

function readParameter(Name: string, region: string): AwsCall {
  const body = { Name, WithDecryption: true };
  return { service: 'ssm', url: urlOf('ssm', region), target: 'AmazonSSM.GetParameter', version: '1.1', body };
}

function readManagedSecret(SecretId: string, region: string): AwsCall {
  const url = urlOf('secretsmanager', region);
  return {
    service: 'secretsmanager',
    url,
    target: 'secretsmanager.GetSecretValue',
    version: '1.1',
    body: { SecretId },
  };
}

/** AWS in China has a domain of its own. */
function urlOf(service: string, region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}
