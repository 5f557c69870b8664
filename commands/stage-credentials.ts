import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instant, SECOND, systemClock } from '../lib/platform/clock.ts';
import { echoQuery } from '../lib/setup/echo.ts';
import type { Finding } from '../lib/setup/finding.ts';
import { appOf, type Change } from '../lib/wecom/rotate-secrets.ts';
import { parseSecrets } from '../lib/wecom/secrets.ts';
import type { OpsIo } from './ops-command.ts';
import { Refusal } from './refusal.ts';
import { type StageAccess, stageAccess } from './stage-access.ts';
import { outdated, type Reader, readersOf, restart } from './stage-functions.ts';
import { checkEchoes } from './stage-health.ts';
import { readPlace, readStored, type SecretPlace, type StoredSecret, writeStored } from './stage-secret.ts';

/** A stage's credentials, with who reads them. */
export interface Credentials {
  readonly access: StageAccess;
  readonly stage: string;
  readonly place: SecretPlace;
  readonly stored: StoredSecret;
  readonly readers: readonly Reader[];
}

/** Reads them where the stage's functions do. Throws `Refusal`. */
export async function openCredentials(stage: string, io: OpsIo): Promise<Credentials> {
  const access = await stageAccess(stage, io.env);
  const readers = await readersOf(access, stage);
  const settings = [...new Set(readers.map(({ setting }) => setting))];
  const place = readPlace(settings[0] ?? '');
  if (place === undefined || settings.length > 1) {
    throw new Refusal(
      'The credentials lie in the functions’ own settings, or not in one place: set secretStore and deploy. 凭证不在参数存储中，请设置 secretStore 后重新部署。',
    );
  }
  return { access, stage, place, readers, stored: await readStored(access, place) };
}

export const placeText = ({ store, name }: SecretPlace): string => `${store}:${name}`;

/** What was done, to be said. */
export interface Done {
  readonly version: string;
  readonly written: boolean;
  readonly restarted: number;
}

/**
 * Writes a change and makes the functions read it, or only what of it is left to do. Undefined when the person does not agree; nothing is
 * changed then.
 */
export async function carryOut(
  { access, place, stored, readers }: Credentials,
  { text, isNew }: Change,
  { what, yes, io }: { what: string; yes: boolean; io: OpsIo },
): Promise<Done | undefined> {
  const due = isNew ? readers : outdated(readers, stored.writtenAt);
  if (due.length === 0) return { version: stored.version, written: false, restarted: 0 };
  const begin = `make ${due.length} functions begin anew 并让 ${due.length} 个函数重新启动`;
  const question = isNew
    ? `${what}: write ${placeText(place)} (now version ${stored.version}) 写入凭证, ${begin}?`
    : `${what}: it is written already 已写入; ${begin}?`;
  if (!(await io.confirm(question, { yes }))) return undefined;
  const { version } = isNew ? await writeStored(access, place, text, stored) : stored;
  io.progress(`functions 0/${due.length}`);
  // Lambda tells whole seconds: a function that is changed in the second of the write would look older than it for ever.
  await sleep(SECOND);
  await restart(access, due, new Date(systemClock()), (done) => io.progress(`functions ${done}/${due.length}`));
  io.progress('');
  return { version, written: isNew, restarted: due.length };
}

/** Plays WeCom's proof of the address with each pair of an app, in their order. */
export async function provePairs({ access }: Credentials, text: string, app: string): Promise<Finding[]> {
  const digits = (length: number): string => Array.from({ length }, () => randomInt(1, 10)).join('');
  const at: Instant = systemClock();
  const echoes = appOf(parseSecrets(text), app).callbacks.map((pair) => {
    const expected = digits(19);
    return { app, expected, query: echoQuery(pair, { echo: expected, nonce: digits(10), at }) };
  });
  // How fast the answer is, which WeCom's console minds, is the doctor's to say.
  return checkEchoes(await access.output('CallbackUrl'), echoes, Number.POSITIVE_INFINITY);
}
