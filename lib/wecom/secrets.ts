import { createHash, hkdfSync } from 'node:crypto';
import * as z from 'zod/mini';
import { readAesKey } from './callback-crypto.ts';

/** One pair of callback credentials. A source has two while they are being changed. */
export interface CallbackCredential {
  readonly token: string;
  readonly aesKey: Buffer;
  /** What the pair is called in logs and metrics: it stays when another pair of the list goes. See `fingerprintOf`. */
  readonly fingerprint: string;
  /** Whom a callback may be meant for: the corp, or a suite; may hold the empty string. */
  readonly receiveIds: readonly string[];
}

/** An app, or a callback source that shares an app's secret. */
export interface WeComApp {
  readonly name: string;
  readonly agentId: number | undefined;
  /** The app whose secret is used for calls about this one: itself, unless `secretOf` names another. */
  readonly secretApp: string;
  readonly callbacks: readonly CallbackCredential[];
}

export interface WeComSecrets {
  readonly corpId: string;
  readonly apps: ReadonlyMap<string, WeComApp>;
  /** The secret for calling WeCom as this app; absent when the app is unknown or its secret is not set yet. */
  readonly secretFor: (app: string) => string | undefined;
}

/** WECOM_SECRETS cannot be used. Names every wrong field and the mend, and quotes no value. */
export class WrongSecrets extends Error {
  constructor(problems: readonly string[]) {
    super(`WECOM_SECRETS cannot be used: ${problems.join('; ')}. docs/operations/settings.md shows the shape.`);
    this.name = 'WrongSecrets';
  }
}

const Credential = z.object({
  token: z
    .string('must be the Token of the callback settings, as text')
    .check(
      z.regex(/^[A-Za-z0-9]{1,32}$/, 'must be 1 to 32 letters and digits; copy the Token again from the WeCom console'),
    ),
  encodingAesKey: z
    .string('must be the EncodingAESKey of the callback settings, as text')
    .check(
      z.regex(
        /^[A-Za-z0-9+/]{43}$/,
        'must be 43 letters and digits; copy the EncodingAESKey again from the WeCom console',
      ),
    ),
  receiveIds: z.optional(
    z
      .array(z.string('must be text'), 'must be a list of receive ids; leave it out for the corp id')
      .check(z.minLength(1, 'must not be empty; leave it out for the corp id')),
  ),
});

const App = z.object({
  agentId: z.optional(z.number('must be the AgentId, as a number')),
  secret: z.optional(
    z.string('must be text').check(z.minLength(1, 'must not be empty; leave it out until WeCom shows the Secret')),
  ),
  secretOf: z.optional(z.string('must be the name of another app')),
  callbacks: z._default(z.array(Credential, 'must be a list of { token, encodingAesKey }'), []),
});

const Secrets = z.object({
  corpId: z
    .string('must be the CorpID (My Company in the WeCom console), as text')
    .check(z.minLength(1, 'must be the CorpID (My Company in the WeCom console)')),
  apps: z.record(
    z.string().check(z.regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be named with 1 to 40 letters, digits, - and _')),
    App,
    'must be an object: a name for every app, and what belongs to it',
  ),
});

/** Reads the JSON of WECOM_SECRETS. Throws `WrongSecrets`. */
export function parseSecrets(json: string): WeComSecrets {
  const read = Secrets.safeParse(parseJson(json));
  if (!read.success) throw new WrongSecrets(read.error.issues.map(describe));
  const { corpId } = read.data;
  const written = new Map(Object.entries(read.data.apps));
  const apps = new Map<string, WeComApp>();
  for (const [name, app] of written) {
    const problem = problemWithSecretOf(app, written);
    if (problem) throw new WrongSecrets([`apps.${name}.secretOf ${problem}`]);
    apps.set(name, {
      name,
      agentId: app.agentId,
      secretApp: app.secretOf ?? name,
      callbacks: app.callbacks.map(({ token, encodingAesKey, receiveIds = [corpId] }) => {
        const aesKey = readAesKey(encodingAesKey);
        return { token, aesKey, fingerprint: fingerprintOf(aesKey), receiveIds };
      }),
    });
  }
  const secretFor = (app: string) => written.get(apps.get(app)?.secretApp ?? app)?.secret;
  return { corpId, apps, secretFor };
}

/**
 * Six hexadecimal digits that tell the keys of one source apart and say nothing of them: of 256 random bits, 24 that a hash made. The Token is left
 * out, since one of a few letters could be guessed from its hash; two pairs with the same key therefore have the same name.
 */
export function fingerprintOf(aesKey: Buffer): string {
  return createHash('sha256').update('wecom-concierge EncodingAESKey\n').update(aesKey).digest('hex').slice(0, 6);
}

/**
 * A key of our own for one purpose, derived (HKDF, RFC 5869) from all that only the corp and WeCom know: the same in every function and after
 * every deployment, without another setting. It changes whenever one of those secrets does, so it may protect only what is no loss then.
 * Throws `WrongSecrets` when there is nothing secret to derive it from.
 */
export function keyFor(purpose: string, { apps, secretFor }: WeComSecrets): string {
  const names = [...apps.keys()].sort();
  const known = names.flatMap((name) => [
    secretFor(name) ?? '',
    ...(apps.get(name)?.callbacks ?? []).map(({ aesKey }) => aesKey.toString('base64')),
  ]);
  if (known.every((one) => one === ''))
    throw new WrongSecrets(['no app has a secret or callbacks yet; add those of one']);
  return Buffer.from(hkdfSync('sha256', JSON.stringify(known), '', purpose, 32)).toString('base64url');
}

function problemWithSecretOf(app: z.infer<typeof App>, apps: ReadonlyMap<string, z.infer<typeof App>>) {
  if (app.secretOf === undefined) return undefined;
  if (app.secret !== undefined) return 'stands beside a secret of its own; keep one of the two';
  const owner = apps.get(app.secretOf);
  if (!owner) return 'names no app of this list; write the name of one that has the secret';
  if (owner.secretOf !== undefined) return 'names an app that borrows its secret itself; name the one that has it';
  return undefined;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // JSON's own message quotes the text.
    throw new WrongSecrets(['it is not JSON; look for a missing quote or comma']);
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.') || 'it';
  // A record's key is judged inside an issue of the record.
  const text = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${field} ${text}`;
}
