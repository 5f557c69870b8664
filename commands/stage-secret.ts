import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Refusal } from './refusal.ts';
import { AwsRefused, type SecretStore, type StageAccess } from './stage-access.ts';

/** Where a stage's credentials lie, as the functions' setting names it. */
export interface SecretPlace {
  readonly store: SecretStore;
  readonly name: string;
}

/** The credentials as they were read. */
export interface StoredSecret {
  readonly text: string;
  /** Changes with every write. */
  readonly version: string;
  /** When they were written (milliseconds since 1970). */
  readonly writtenAt: number;
}

/** `ssm:/name` or `secretsmanager:name`; undefined for a setting that is the JSON itself. */
export function readPlace(setting: string): SecretPlace | undefined {
  const [, store, name] = /^(ssm|secretsmanager):(.+)$/.exec(setting) ?? [];
  return name === undefined ? undefined : { store: store === 'ssm' ? 'ssm' : 'secretsmanager', name };
}

const Parameter = z
  .object({ Parameter: z.object({ Value: z.string(), Version: z.number(), LastModifiedDate: z.number() }) })
  .transform(({ Parameter: { Value, Version, LastModifiedDate } }): StoredSecret => {
    return { text: Value, version: String(Version), writtenAt: LastModifiedDate * 1000 };
  });
const Managed = z
  .object({ SecretString: z.string(), VersionId: z.string(), CreatedDate: z.number() })
  .transform(({ SecretString, VersionId, CreatedDate }): StoredSecret => {
    return { text: SecretString, version: VersionId, writtenAt: CreatedDate * 1000 };
  });
const Put = z.union([
  z.object({ Version: z.number() }).transform(({ Version }) => String(Version)),
  z.object({ VersionId: z.string() }).transform(({ VersionId }) => VersionId),
]);

/** Of a parameter of the standard tier. */
const STANDARD_LENGTH = 4096;
const SHOWN_WITHIN = 20;
const LOOK_AGAIN_MS = 500;

/** Throws `Refusal` where nothing is stored, or nobody may read it. */
export async function readStored(access: StageAccess, { store, name }: SecretPlace): Promise<StoredSecret> {
  try {
    return store === 'ssm'
      ? Parameter.parse(await access.store('ssm', 'GetParameter', { Name: name, WithDecryption: true }))
      : Managed.parse(await access.store('secretsmanager', 'GetSecretValue', { SecretId: name }));
  } catch (error) {
    if (!(error instanceof AwsRefused)) throw error;
    throw new Refusal(
      `${store}:${name} cannot be read (${error.trouble}). Is it stored, and may you read and decrypt it? 无法读取凭证，请确认已写入且有读取与解密权限。`,
    );
  }
}

/**
 * Writes `text` where `seen` was read, unless somebody else wrote meanwhile. Neither store has a conditional write: what was written between
 * our last look and our write shows only afterwards, and is then said. Throws `Refusal`.
 */
export async function writeStored(
  access: StageAccess,
  place: SecretPlace,
  text: string,
  seen: StoredSecret,
): Promise<StoredSecret> {
  const { store, name } = place;
  if ((await readStored(access, place)).version !== seen.version) {
    throw new Refusal(
      `Somebody else has just changed ${store}:${name}; nothing was written. Run it again. 凭证刚被他人更改，未写入，请重新运行。`,
    );
  }
  const version = Put.parse(await put(access, place, text));
  const before = store === 'ssm' ? String(Number(version) - 1) : await versionBefore(access, name);
  if (before !== seen.version) {
    throw new Refusal(
      `Somebody else wrote ${store}:${name} in the same moment, and our text lies over theirs (version ${before}): compare the two before anything else. 他人同时写入了凭证（版本 ${before}），已被覆盖，请先核对两个版本。`,
    );
  }
  for (let look = 1; ; look++) {
    const read = await readStored(access, place);
    if (read.version === version) return read;
    if (look === SHOWN_WITHIN)
      throw new Refusal(`${store}:${name} does not show what was written; run it again. 请重试。`);
    await sleep(LOOK_AGAIN_MS);
  }
}

async function put(access: StageAccess, { store, name }: SecretPlace, text: string): Promise<unknown> {
  if (store === 'secretsmanager') return access.store(store, 'PutSecretValue', { SecretId: name, SecretString: text });
  try {
    return await access.store(store, 'PutParameter', {
      Name: name,
      Value: text,
      Type: 'SecureString',
      Overwrite: true,
    });
  } catch (error) {
    // An advanced parameter takes more, so whether it is too long is SSM's to say.
    if (!(error instanceof AwsRefused) || text.length <= STANDARD_LENGTH) throw error;
    throw new Refusal(
      `ssm:${name} takes no ${text.length} characters (${error.trouble}); nothing was written. Write the JSON on one line, take out what nobody uses, or make the parameter an advanced one. 内容超过 ${STANDARD_LENGTH} 字符，未写入。`,
    );
  }
}

async function versionBefore(access: StageAccess, SecretId: string): Promise<string> {
  const asked = { SecretId, VersionStage: 'AWSPREVIOUS' };
  return Managed.parse(await access.store('secretsmanager', 'GetSecretValue', asked)).version;
}
