import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MINUTE } from '../../lib/platform/clock.ts';
import { expectInStep } from '../support/in-step.ts';
import { runOps } from '../support/run-ops.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// A running service changes hands: observed first, then taken over, then let go again. All of it by the operators' commands.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: { ann: 1, bob: 1 } },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['ann', 'bob'] }] } },
  });
});
afterAll(() => yard.close());

async function write(customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

async function ops(...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await runOps(yard.stack, ...args, '--yes', '--json');
  expect({ code, err: code === 0 ? '' : err + out }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const sends = () =>
  yard.stack.calls.filter(({ what }) => /kf\/send_msg|service_state\/trans|message\/send/.test(JSON.stringify(what)))
    .length;
const observed = (customer: string) =>
  yard.stack.events
    .filter(
      ({ 'detail-type': type, detail }) =>
        type === 'effect.observed.v1' && Object(detail).subject === `${ACCOUNT}:${customer}`,
    )
    .map(({ detail }) => Object(detail).data);
const taken = async () =>
  Object.fromEntries((await yard.agents()).map(({ agentId, serving }) => [agentId, serving.size]));

test('what we observe is decided and published, and nothing is said or moved', async () => {
  await ops('observe', 'on', ACCOUNT);
  await write('wmOne', 'hours');
  await write('wmTwo', '转人工');
  await yard.until('the hand-over was observed', () => observed('wmTwo').some(({ kind }) => kind === 'move'));
  await yard.quiet();

  expect(observed('wmOne')).toMatchObject([{ kind: 'send', purpose: 'answer', rule: 'hours' }]);
  expect([...yard.shown('wmOne'), ...yard.shown('wmTwo')]).toEqual([]);
  expect(yard.wecom.session(ACCOUNT, 'wmTwo').state).not.toBe(3);
  expect(sends()).toBe(0);
  expect(await taken()).toEqual({ ann: 0, bob: 0 });
  expect((await yard.conversation('wmOne')).window.sent).toEqual([]);
  expect((await yard.conversation('wmTwo')).request).toBeUndefined();
});
