import { expect, test } from '@jest/globals';
import { npmStart } from '../support/npm-start.ts';

test('npm start -- --once tells the story and exits 0', async () => {
  const start = npmStart(['--once']);
  expect([await start.ended, start.printed()]).toEqual([0, expect.stringContaining('The story is told.')]);
  expect(start.printed()).toMatch(/turns: \w+ 4 · \w+ 4 · \w+ 4/);
  expect(start.printed()).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/m);
  const [, first, second] =
    /the offer to (\w+) expired; (\w+) has the customer and answered/.exec(start.printed()) ?? [];
  expect(start.printed()).toMatch(new RegExp(`given to ${first}\\n(.*\\n)*.*given to ${second}\\n`));
  expect(second).not.toBe(first);
});

const SOMEWHERE = { WECOM_API_URL: 'http://127.0.0.1:9' };
const SECRETS = { WECOM_SECRETS: '{"corpId":"ww0123456789abcdef","apps":{}}' };
const SHORT_KEY =
  '{"corpId":"ww0123456789abcdef","apps":{"main":{"callbacks":[{"token":"T","encodingAesKey":"short"}]}}}';

test.each<[string, string, string[], Record<string, string>]>([
  ['WECOM_API_URL without WECOM_SECRETS', 'WECOM_SECRETS has to be set too', [], SOMEWHERE],
  ['WECOM_SECRETS without WECOM_API_URL', 'the simulator brings its own secrets', [], SECRETS],
  ['a WECOM_API_URL that is no address', 'http or https', [], { ...SECRETS, WECOM_API_URL: 'localhost:9000' }],
  ['a tolerance that is no number', 'whole number', [], { CALLBACK_TOLERANCE_SECONDS: 'abc' }],
  ['an age that is no number', 'whole number', [], { ANSWER_NOTHING_OLDER_THAN_SECONDS: '1h' }],
  ['secrets that are not JSON', 'neither JSON', [], { ...SOMEWHERE, WECOM_SECRETS: 'secret' }],
  ['secrets with a key too short', '43 letters', [], { ...SOMEWHERE, WECOM_SECRETS: SHORT_KEY }],
  ['an option that does not exist', 'npm start -- --help', ['--bogus'], {}],
])('npm start refuses %s before it is ready, and says why', async (_, reason, args, env) => {
  const start = npmStart(['--once', ...args], env);
  expect([await start.ended, start.printed()]).toEqual([1, expect.stringContaining(reason)]);
  expect(start.printed()).not.toMatch(/^ready|^\s+at /m);
});
