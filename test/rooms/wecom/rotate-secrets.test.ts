import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addPair, CannotRotate, dropOldPairs, setAppSecret } from '../../../lib/wecom/rotate-secrets.ts';
import { parseSecrets } from '../../../lib/wecom/secrets.ts';
import { CORP, NEW, OLD } from './callback-samples.ts';

const NEW_SECRET = 'aNewSecretOfTheApp-0123456789_abcdefghijklm';

const written = {
  corpId: CORP,
  note: 'what nobody knows',
  apps: {
    main: { agentId: 1000002, secret: 'secret-of-main', mark: 7, callbacks: [{ ...OLD, receiveIds: ['wwsuite'] }] },
    kf: { secretOf: 'main', callbacks: [OLD] },
    bare: {},
  },
};
const JSON_TEXT = JSON.stringify(written);
const first = () => 0;
const appsOf = (text: string) => parseSecrets(text).apps;
const namesOf = (text: string, app = 'main') =>
  appsOf(text)
    .get(app)
    ?.callbacks.map(({ fingerprint }) => fingerprint);

describe('a new pair', () => {
  test('comes behind the old one, with its receive ids, and nothing else changes', () => {
    const { text, pair, isNew } = addPair(JSON_TEXT, 'main', first);
    const { token, encodingAesKey } = pair;
    const callbacks = [...written.apps.main.callbacks, { token, encodingAesKey, receiveIds: ['wwsuite'] }];
    expect(JSON.parse(text)).toEqual({
      ...written,
      apps: { ...written.apps, main: { ...written.apps.main, callbacks } },
    });
    expect(isNew).toBe(true);
    expect(namesOf(text)?.[1]).toBe(pair.fingerprint);
  });

  test('is the second one that is there already, however often it is asked for', () => {
    const { text, pair } = addPair(JSON_TEXT, 'main', first);
    expect(addPair(text, 'main', () => 5)).toEqual({ text, pair, isNew: false });
  });

  test('may be the first one of a source', () => {
    expect(namesOf(addPair(JSON_TEXT, 'bare', first).text, 'bare')).toHaveLength(1);
  });

  test('has the form that WeCom takes, whatever chance picks', () => {
    const picks = fc.infiniteStream(fc.nat(61));
    fc.assert(
      fc.property(picks, (stream) => {
        const { pair, text } = addPair(JSON_TEXT, 'main', () => stream.next().value ?? 0);
        expect(pair.token).toMatch(/^[A-Za-z0-9]{32}$/);
        expect(pair.encodingAesKey).toMatch(/^[A-Za-z0-9]{43}$/);
        expect(appsOf(text).get('main')?.callbacks.at(-1)?.aesKey).toHaveLength(32);
      }),
    );
  });
});

test('the old pairs go, the newest stays, and a second time there is nothing to do', () => {
  const both = addPair(JSON_TEXT, 'main', first);
  const { text, isNew } = dropOldPairs(both.text, 'main');
  expect([namesOf(text), isNew]).toEqual([[both.pair.fingerprint], true]);
  expect(namesOf(text, 'kf')).toEqual(namesOf(JSON_TEXT, 'kf'));
  expect(dropOldPairs(text, 'main')).toEqual({ text, isNew: false });
});

describe('the app’s Secret', () => {
  test('is put in the place of the one before, once', () => {
    const { text, isNew } = setAppSecret(JSON_TEXT, 'main', NEW_SECRET);
    expect([parseSecrets(text).secretFor('kf'), isNew]).toEqual([NEW_SECRET, true]);
    expect(setAppSecret(text, 'main', NEW_SECRET)).toEqual({ text, isNew: false });
  });

  test('belongs to one app, also where others borrow it', () => {
    expect(() => setAppSecret(JSON_TEXT, 'kf', NEW_SECRET)).toThrow('kf borrows the Secret of main');
  });

  test.each(['', 'short', `${NEW_SECRET} `, '密'.repeat(20)])(
    'is refused where it can be none, unquoted: "%s"',
    (given) => {
      expect(() => setAppSecret(JSON_TEXT, 'main', given)).toThrow(CannotRotate);
      expect(() => setAppSecret(JSON_TEXT, 'main', given)).toThrow(/^This is no Secret: 16 to 128/);
    },
  );
});

test('lines stay lines, and one line stays one', () => {
  expect(addPair(JSON.stringify(written, null, 4), 'main', first).text.split('\n').length).toBeGreaterThan(10);
  expect(addPair(JSON_TEXT, 'main', first).text).not.toContain('\n');
});

test('an app that is not there is refused with those that are, and a broken JSON with its fault', () => {
  expect(() => addPair(JSON_TEXT, 'shop', first)).toThrow('no app shop: main, kf, bare');
  expect(() => dropOldPairs('{"apps":{}}', 'main')).toThrow('corpId must be the CorpID');
});

test('the name of a pair says which key it is, whatever its Token', () => {
  const named = (pair: object) => namesOf(JSON.stringify({ corpId: CORP, apps: { main: { callbacks: [pair] } } }));
  expect(named({ ...OLD, token: 'A' })).toEqual(named(OLD));
  expect(named(NEW)).not.toEqual(named(OLD));
  expect(named(OLD)).toEqual([expect.stringMatching(/^[0-9a-f]{6}$/)]);
});
