import * as z from 'zod/mini';
import { readAesKey } from './callback-crypto.ts';
import { fingerprintOf, parseSecrets, type WeComApp, type WeComSecrets } from './secrets.ts';

/** The change of the credentials cannot be made. Says why and what to do, and quotes no value. */
export class CannotRotate extends Error {
  override readonly name = 'CannotRotate';
}

/** What is entered in the console. */
export interface NewPair {
  readonly token: string;
  readonly encodingAesKey: string;
  readonly fingerprint: string;
}

/** A change of the JSON: the text to be stored, or the same text where it is done already. */
export interface Change {
  readonly text: string;
  readonly isNew: boolean;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** WeCom's own limits for what it takes: "URL, Token, EncodingAESKey", https://developer.work.weixin.qq.com/document/path/90930 */
const TOKEN_LENGTH = 32;
const KEY_LENGTH = 43;

/** Only what is changed here; all else goes through as it was. */
const Written = z.looseObject({
  apps: z.record(
    z.string(),
    z.looseObject({ callbacks: z.optional(z.array(z.looseObject({ token: z.string(), encodingAesKey: z.string() }))) }),
  ),
});

/**
 * Puts a new pair behind the others of an app, unless a second one is there already: then a rotation is under way, and the last pair is
 * the one to go on with. `pick` gives a random whole number below its argument, from a source fit for keys. Throws `CannotRotate`.
 */
export function addPair(
  text: string,
  app: string,
  pick: (below: number) => number,
): Change & { readonly pair: NewPair } {
  const { secrets, written, mine } = open(text, app);
  const pairs = mine.callbacks ?? [];
  const last = pairs.at(-1);
  if (pairs.length > 1 && last) return { text, isNew: false, pair: pairOf(last) };
  const word = (length: number): string => Array.from({ length }, () => LETTERS[pick(LETTERS.length)]).join('');
  const made = { token: word(TOKEN_LENGTH), encodingAesKey: word(KEY_LENGTH) };
  const receiveIds = pairs[0]?.receiveIds;
  const callbacks = [...pairs, { ...made, ...(receiveIds !== undefined && { receiveIds }) }];
  const changed = print({ ...written, apps: { ...written.apps, [secrets.name]: { ...mine, callbacks } } }, text);
  return { text: changed, isNew: true, pair: pairOf(made) };
}

/** Takes all pairs but the last out of an app. Throws `CannotRotate`. */
export function dropOldPairs(text: string, app: string): Change {
  const { written, mine } = open(text, app);
  const pairs = mine.callbacks ?? [];
  if (pairs.length < 2) return { text, isNew: false };
  const changed = { ...written, apps: { ...written.apps, [app]: { ...mine, callbacks: pairs.slice(-1) } } };
  return { text: print(changed, text), isNew: true };
}

/** Puts an app's Secret in the place of the one before. Throws `CannotRotate`, also for what no Secret can look like. */
export function setAppSecret(text: string, app: string, secret: string): Change {
  if (!/^[\w-]{16,128}$/.test(secret))
    throw new CannotRotate('This is no Secret: 16 to 128 letters, digits, - and _. Secret 格式不正确，请重新复制。');
  const { written, mine, secrets } = open(text, app);
  if (secrets.secretApp !== app)
    throw new CannotRotate(
      `${app} borrows the Secret of ${secrets.secretApp}: name that app. ${app} 共用 ${secrets.secretApp} 的 Secret，请指定后者。`,
    );
  if (mine.secret === secret) return { text, isNew: false };
  return { text: print({ ...written, apps: { ...written.apps, [app]: { ...mine, secret } } }, text), isNew: true };
}

/** An app's pairs, the newest last, under the names that logs and metrics have for them. */
export function pairNames({ callbacks }: WeComApp): string[] {
  return callbacks.map(({ fingerprint }) => fingerprint);
}

/** The app of that name. Throws `CannotRotate`, naming those that there are. */
export function appOf({ apps }: WeComSecrets, name: string): WeComApp {
  const found = apps.get(name);
  if (found) return found;
  const names = [...apps.keys()].join(', ');
  throw new CannotRotate(`The credentials have no app ${name}: ${names}. 凭证中没有应用 ${name}。`);
}

function open(text: string, app: string) {
  // It names what is wrong with the JSON, for a change on top of a broken one would be one more trouble.
  const secrets = appOf(parseSecrets(text), app);
  const written = Written.parse(JSON.parse(text));
  return { secrets, written, mine: written.apps[app] ?? {} };
}

const pairOf = ({ token, encodingAesKey }: { token: string; encodingAesKey: string }): NewPair => ({
  token,
  encodingAesKey,
  fingerprint: fingerprintOf(readAesKey(encodingAesKey)),
});

/** On several lines where it was: a parameter takes 4 KB, so a compact JSON stays one. */
const print = (json: object, before: string): string =>
  before.trim().includes('\n') ? `${JSON.stringify(json, null, 2)}\n` : JSON.stringify(json);
