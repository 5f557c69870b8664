import { expect, test } from '@jest/globals';
import { takeOver } from '../../commands/account-duty.ts';
import type { AdminClient } from '../../commands/admin-client.ts';

const counts = { steps: 3, customers: 40, withAgents: 7, inPool: 2, refused: 0 };
const run = (id: string, done: boolean) => ({
  ...{ id, kind: 'adopt', startedAt: '2026-01-05T04:00:00.000Z', done },
  ...counts,
});

/** A stage whose account is in this state until a run is begun, which is done at once. */
function aStage(duty: object) {
  const begun: string[] = [];
  let now: object = { account: 'wk1', ...duty };
  const admin: AdminClient = {
    async ask(method, path, schema) {
      if (method === 'POST') {
        begun.push(path);
        now = { account: 'wk1', mode: 'serves', run: run('new', true) };
      }
      return schema.parse(now);
    },
  };
  return { admin, begun };
}

const told: string[] = [];
const io = (agrees = true) => ({
  tell: (text: string) => void told.push(text),
  progress: () => undefined,
  confirm: async () => agrees,
});
const WISH = { again: false, yes: false };

// A second run would let the account go quiet, and leave unanswered whatever was written just before it.
test('who runs adopt again, because the line broke, does not take over a second time what was taken over meanwhile', async () => {
  const { admin, begun } = aStage({ mode: 'serves', run: run('first', true) });
  expect((await takeOver(admin, 'wk1', WISH, io()))?.run).toMatchObject({ id: 'first', customers: 40 });
  expect(begun).toEqual([]);
  expect(told.at(-1)).toMatch(/wk1 was taken over already.*2026-01-05T04:00:00.000Z.*--again/);
});

test('it is done once more where that is said', async () => {
  const { admin, begun } = aStage({ mode: 'serves', run: run('first', true) });
  expect((await takeOver(admin, 'wk1', { ...WISH, again: true }, io()))?.run?.id).toBe('new');
  expect(begun).toEqual(['/accounts/wk1/adopt']);
});

test.each([
  ['never taken over', { mode: 'serves' }],
  ['observed since', { mode: 'observes', run: run('first', true) }],
  ['released since', { mode: 'released', run: { ...run('first', true), kind: 'release' } }],
  ['just being taken over', { mode: 'adopting', run: run('first', false) }],
])('an account that is %s is taken over', async (_, duty) => {
  const { admin, begun } = aStage(duty);
  expect((await takeOver(admin, 'wk1', WISH, io()))?.mode).toBe('serves');
  expect(begun).toEqual(['/accounts/wk1/adopt']);
});

test('who does not agree changes nothing', async () => {
  const { admin, begun } = aStage({ mode: 'serves' });
  expect(await takeOver(admin, 'wk1', WISH, io(false))).toBeUndefined();
  expect(begun).toEqual([]);
});
