import { expect, test } from '@jest/globals';
import { keyFor, parseSecrets, WrongSecrets } from '../../../lib/wecom/secrets.ts';
import { CORP, NEW, OLD, SECRETS } from './callback-samples.ts';

const parse = (secrets: unknown) => parseSecrets(JSON.stringify(secrets));
const withApp = (app: unknown) => ({ corpId: CORP, apps: { main: app } });
const withCallback = (callback: unknown) => withApp({ callbacks: [callback] });

test('an app has its secret, its number and its callback credentials', () => {
  const { corpId, apps, secretFor } = parse(SECRETS);
  expect(corpId).toBe(CORP);
  expect(secretFor('main')).toBe('secret-of-main');
  expect(apps.get('main')).toMatchObject({ name: 'main', agentId: 1000002, secretApp: 'main' });
  expect(apps.get('main')?.callbacks.map(({ token }) => token)).toEqual([OLD.token, NEW.token]);
  expect(apps.get('main')?.callbacks.map(({ aesKey }) => aesKey.length)).toEqual([32, 32]);
});

test('a source that names another app uses its secret', () => {
  const { apps, secretFor } = parse(SECRETS);
  expect(apps.get('kf')?.secretApp).toBe('main');
  expect(secretFor('kf')).toBe('secret-of-main');
});

test('a secret may be missing, since WeCom wants the callback first', () => {
  const { apps, secretFor } = parse(SECRETS);
  expect(apps.get('fresh')?.callbacks).toHaveLength(1);
  expect(secretFor('fresh')).toBeUndefined();
  expect(secretFor('nobody')).toBeUndefined();
  expect(secretFor('constructor')).toBeUndefined();
});

test('callbacks are meant for the corp unless other receive ids are given', () => {
  const { apps } = parse(SECRETS);
  expect(apps.get('main')?.callbacks[0]?.receiveIds).toEqual([CORP]);
  expect(apps.get('suite')?.callbacks[0]?.receiveIds).toEqual(['wwsuite', '']);
});

test('an app may have no callback, and fields that we do not know are left alone', () => {
  const { apps } = parse(withApp({ secret: 's', note: 'made in March' }));
  expect(apps.get('main')?.callbacks).toEqual([]);
});

test.each([
  ['nothing', '', 'it is not JSON'],
  ['half of it', '{"corpId":"PRIVATE"', 'it is not JSON'],
  ['a list', '["PRIVATE"]', 'it '],
  ['no corp', JSON.stringify({ apps: {} }), 'corpId must be the CorpID'],
  ['no apps', JSON.stringify({ corpId: CORP }), 'apps must be an object'],
  ['an app that is text', JSON.stringify(withApp('PRIVATE')), 'apps.main '],
  ['a name with a slash', JSON.stringify({ corpId: CORP, apps: { 'a/b': {} } }), 'must be named with 1 to 40'],
  [
    'an AgentId as text',
    JSON.stringify(withApp({ agentId: 'PRIVATE' })),
    'apps.main.agentId must be the AgentId, as a number',
  ],
  ['an empty secret', JSON.stringify(withApp({ secret: '' })), 'apps.main.secret must not be empty'],
  ['one credential not in a list', JSON.stringify(withApp({ callbacks: OLD })), 'apps.main.callbacks must be a list'],
  [
    'no token',
    JSON.stringify(withCallback({ ...OLD, token: undefined })),
    'apps.main.callbacks.0.token must be the Token',
  ],
  [
    'a token with a space',
    JSON.stringify(withCallback({ ...OLD, token: 'PRIVATE ' })),
    'callbacks.0.token must be 1 to 32',
  ],
  [
    'a key cut short',
    JSON.stringify(withCallback({ ...OLD, encodingAesKey: 'PRIVATE' })),
    'apps.main.callbacks.0.encodingAesKey must be 43 letters and digits; copy the EncodingAESKey again',
  ],
  [
    'no receive id',
    JSON.stringify(withCallback({ ...OLD, receiveIds: [] })),
    'callbacks.0.receiveIds must not be empty',
  ],
  [
    'one receive id as text',
    JSON.stringify(withCallback({ ...OLD, receiveIds: 'PRIVATE' })),
    'callbacks.0.receiveIds must be',
  ],
  [
    'another app that does not exist',
    JSON.stringify(withApp({ secretOf: 'PRIVATE' })),
    'apps.main.secretOf names no app',
  ],
  ['two secrets', JSON.stringify(withApp({ secret: 'PRIVATE', secretOf: 'main' })), 'apps.main.secretOf stands beside'],
  [
    'an app that borrows from itself',
    JSON.stringify(withApp({ secretOf: 'main' })),
    'apps.main.secretOf names an app that',
  ],
])('refused, naming the field and the mend but no value: %s', (_, json, message) => {
  expect(() => parseSecrets(json)).toThrow(WrongSecrets);
  expect(() => parseSecrets(json)).toThrow(message);
  expect(() => parseSecrets(json)).not.toThrow('PRIVATE');
});

test('every wrong field is named at once', () => {
  const wrong = { apps: { main: { secret: 1, callbacks: [{ token: 'a b', encodingAesKey: 'short' }] } } };
  expect(() => parse(wrong)).toThrow(/corpId.*secret.*token.*encodingAesKey/s);
});

test('a key of our own is the same wherever it is derived, and another for another purpose or other secrets', () => {
  const key = keyFor('visits', parse(SECRETS));
  expect(key).toMatch(/^[\w-]{43}$/);
  const { fresh, ...others } = SECRETS.apps;
  expect(keyFor('visits', parse({ corpId: CORP, apps: { fresh, ...others } }))).toBe(key);
  expect(keyFor('receipts', parse(SECRETS))).not.toBe(key);
  expect(keyFor('visits', parse({ corpId: CORP, apps: others }))).not.toBe(key);
});

test('a key of our own may come of a secret or a callback alone, and never of nothing', () => {
  const { callbacks } = SECRETS.apps.fresh;
  const keys = [withApp({ secret: 's' }), withApp({ secret: 't' }), withApp({ callbacks })].map((one) =>
    keyFor('visits', parse(one)),
  );
  expect(new Set(keys).size).toBe(3);
  for (const apps of [{}, { main: {} }]) {
    expect(() => keyFor('visits', parse({ corpId: CORP, apps }))).toThrow(WrongSecrets);
  }
});
