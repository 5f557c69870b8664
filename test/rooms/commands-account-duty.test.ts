import { expect, test } from '@jest/globals';
import { runToItsEnd, warnOfStranger } from '../../commands/account-duty.ts';
import { type AdminClient, AdminProblem } from '../../commands/admin-client.ts';

/** Answers in turn; the last one again and again. */
function adminWith(...answers: readonly unknown[]): AdminClient & { readonly asked: string[] } {
  const left = [...answers];
  const asked: string[] = [];
  return {
    asked,
    async ask(method, path, schema) {
      asked.push(`${method} ${path}`);
      const answer = left.length > 1 ? left.shift() : left[0];
      if (answer instanceof Error) throw answer;
      return schema.parse(answer);
    },
  };
}

function listening() {
  const said: string[] = [];
  return { said, tell: (text: string) => void said.push(text), progress: () => undefined };
}

test('an account that WeCom does not list is named before anything is begun, whatever page it would be on', async () => {
  const pages = [{ accounts: [{ id: 'wkA' }], next: 'n=' }, { accounts: [{ id: 'wkB' }] }];
  const io = listening();
  await warnOfStranger(adminWith(...pages), 'wkB', io);
  expect(io.said).toEqual([]);
  const admin = adminWith(...pages);
  await warnOfStranger(admin, 'wkX', io);
  expect(io.said).toEqual([expect.stringMatching(/no account wkX, only wkA, wkB\. .*请核对/)]);
  expect(admin.asked).toEqual(['GET /accounts?limit=200', 'GET /accounts?limit=200&cursor=n%3D']);
});

test('where WeCom does not give its list, nothing is said of it', async () => {
  const io = listening();
  await warnOfStranger(adminWith(new AdminProblem('48002')), 'wkX', io);
  expect(io.said).toEqual([]);
});

const duty = (steps: number, done = false) => {
  const counts = { steps, customers: 0, withAgents: 0, inPool: 0, refused: 0 };
  const run = { id: 'r1', kind: 'adopt', startedAt: '2026-01-05T04:00:00.000Z', done, ...counts };
  return { account: 'wkA', mode: 'adopting', run };
};
const standing = /does not get on[\s\S]*adoption put off[\s\S]*没有进展/;

test('a run that stands is explained once, and waited for all the same', async () => {
  const io = listening();
  const looks = [...Array.from({ length: 60 }, () => duty(0)), duty(1, true)];
  expect((await runToItsEnd(adminWith(...looks), 'wkA', 'adopt', io, async () => undefined)).run?.done).toBe(true);
  expect(io.said).toEqual(['adopt wkA: run r1', expect.stringMatching(standing)]);
});

test('a run that gets on is not, however long it takes', async () => {
  const io = listening();
  const looks = [...Array.from({ length: 60 }, (_, look) => duty(Math.floor(look / 10))), duty(6, true)];
  await runToItsEnd(adminWith(...looks), 'wkA', 'adopt', io, async () => undefined);
  expect(io.said).toEqual(['adopt wkA: run r1']);
});
