import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHeld } from '../support/admin-contract.ts';
import { expectInStep } from '../support/in-step.ts';
import { runConfig } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Who may serve an account in WeCom follows the configuration; whoever leaves loses neither customers nor places to limbo.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: { ann: 1, bob: 1 } },
    wecom: {
      corp: {
        accounts: [{ openKfId: ACCOUNT, servicers: ['ann', 'zed'] }],
        members: ['ann', 'bob', 'zed', { userid: 'far', visible: false }],
      },
    },
  });
});
afterAll(() => yard.close());

const admin = async (path: string) => Object(await (await fetchHeld(`${yard.stack.url}/admin/v1/${path}`)).json());

/** Whom WeCom lists, in its order. */
async function servicers(): Promise<string[]> {
  const { actual } = await admin(`accounts/${ACCOUNT}/servicers`);
  return actual.map(({ id }: { id: string }) => id);
}

const config = (...args: string[]) => runConfig(yard.stack, ...args);

async function fileWith(agents: readonly string[]): Promise<string> {
  const path = join(tmpdir(), `people-${process.pid}.yml`);
  const people = agents.map((id) => `  - { id: ${id}, capacity: 1 }`).join('\n');
  const team = `  - { id: support, accounts: ['*'], agents: [${agents.join(', ')}] }`;
  await writeFile(path, `agents:\n${people}\nteams:\n${team}\nreplies:\n  - accounts: ['*']\n    fallback: Pardon?\n`);
  return path;
}

test('plan shows whom WeCom lacks and has too many of; apply adds, and takes out only when told to', async () => {
  const file = await fileWith(['ann', 'bob', 'far']);
  const planned = await config('plan', file);
  expect(planned.out).toContain(`+ servicer bob of ${ACCOUNT}`);
  expect(planned.out).toContain(`? servicer zed of ${ACCOUNT}`);

  const applied = await config('apply', file, '--yes');
  expect(applied.code).toBe(3);
  expect(applied.out).toContain(`+ servicer bob of ${ACCOUNT}: added`);
  expect(applied.out).toMatch(/! servicer far of \w+: refused \(errcode 60011\): .*visible range/);
  expect(await servicers()).toEqual(['ann', 'zed', 'bob']);

  const removed = await config('apply', await fileWith(['ann', 'bob']), '--yes', '--remove-servicers');
  expect(removed).toMatchObject({ code: 0 });
  expect(await servicers()).toEqual(['ann', 'bob']);
  expect((await config('plan', await fileWith(['ann', 'bob']))).code).toBe(0);
});

test('an agent who leaves the corp gives his customer to the next one', async () => {
  await yard.wecom.phone('wmEve').write(ACCOUNT, '转人工');
  await yard.quiet();
  const first = String(yard.wecom.session(ACCOUNT, 'wmEve').servicer);
  await yard.wecom.client(first).answer(ACCOUNT, 'wmEve', 'hello');
  await yard.quiet();
  await yard.wecom.console.removeMember(first);
  await yard.until('somebody else serves', () => yard.wecom.session(ACCOUNT, 'wmEve').servicer !== first);
  await yard.quiet();

  const second = String(yard.wecom.session(ACCOUNT, 'wmEve').servicer);
  expect([first, second].sort()).toEqual(['ann', 'bob']);
  const told = yard.stack.events.filter((event) => event['detail-type'] === 'agent.left.v1');
  expect(told.map(({ detail }) => Object(detail).data)).toEqual([
    { agentId: first, reason: 'deleted', conversations: 1, teams: ['support'] },
  ]);
  await expectInStep(yard, ['wmEve']);

  const { teams } = await admin('teams');
  const shown = teams[0].agents.find(({ id }: { id: string }) => id === first);
  expect(shown).toMatchObject({ placesTaken: 0, left: { reason: 'deleted' } });
});
