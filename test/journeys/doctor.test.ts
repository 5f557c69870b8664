import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { Finding } from '../../lib/setup/finding.ts';
import { callAws } from '../../local/aws-call.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { runOps } from '../support/run-command.ts';
import { ACCOUNT } from '../support/yard.ts';

let yard: ContactYard;
beforeAll(async () => {
  yard = await openContactYard(['zhangsan', 'lisi'], {
    accounts: [{ openKfId: ACCOUNT, servicers: ['zhangsan', 'lisi'] }],
    switches: { skipVerifyAdds: 'full' },
  });
  await yard.configure({
    wayId: 'sales',
    mode: 'pool',
    welcome: { standard: { text: '您好 · Welcome' } },
    members: [{ agentId: 'zhangsan' }, { agentId: 'lisi' }],
  });
}, 180_000);
afterAll(() => yard.close());

const Report = z.object({ missing: z.array(z.number()), findings: z.array(Finding) });

async function doctor(...args: string[]) {
  const { code, out, err } = await runOps(yard.stack, 'doctor', '--json', ...args);
  const parsed = Report.safeParse(out === '' ? undefined : JSON.parse(out));
  if (!parsed.success) throw new Error(`no report: ${out}${err}`);
  const outcomes = Object.fromEntries(parsed.data.findings.map(({ check, outcome }) => [check, outcome]));
  return { code, ...parsed.data, outcomes, out };
}

test('before anybody wrote, the doctor finds nothing missing, and says what it cannot tell yet', async () => {
  const { outcomes, findings } = await doctor();
  expect(outcomes).toMatchObject({
    'corp-id': 'ok',
    'trusted-address': 'ok',
    'kf-permission': 'ok',
    'managed-accounts': 'ok',
    servicers: 'ok',
    'visible-range': 'ok',
    'contact-permission': 'ok',
    clock: 'ok',
    queues: 'ok',
    'dead-letters': 'ok',
    alarms: 'skipped',
    'account-duty': 'ok',
    'kf-news': 'unknown',
    'contact-events': 'unknown',
  });
  // WeCom waits one second; how fast this machine is today is not what is tested.
  const echo = findings.find(({ check }) => check === 'callback-echo');
  expect(echo?.what.en).toMatch(/^the (callback address answers right, in|answer takes) \d+ ms/);
});

test('a live probe sees a message arrive, and a scan', async () => {
  const probed = doctor('--probe', '--way', 'sales', '--every', '1', '--wait', '40');
  // It has to be asked for before it counts; a second message is news as well.
  let again = 0;
  const writing = setInterval(() => {
    again += 1;
    void yard.wecom
      .phone('wmWRITES')
      .write(ACCOUNT, `hello ${again}`)
      .catch(() => undefined);
    void yard.scan('sales', `wmADDED${again}`).catch(() => undefined);
  }, 1000);
  const { outcomes } = await probed.finally(() => clearInterval(writing));
  expect(outcomes).toMatchObject({ 'kf-news': 'ok', 'contact-events': 'ok', 'welcome-code': 'ok' });
});

test('dead letters are found, and no secret is in what the doctor says', async () => {
  await callAws(yard.stack.aws.endpoint, 'sqs', 'SendMessage', {
    QueueUrl: yard.stack.names.queueUrl('TimersDeadLetterQueue'),
    MessageBody: '{}',
  });
  const { code, out, outcomes } = await doctor();
  expect([code, outcomes['dead-letters']]).toEqual([2, 'failed']);
  const Secrets = z.object({
    apps: z.record(
      z.string(),
      z.object({ secret: z.string(), callbacks: z.array(z.object({ token: z.string(), encodingAesKey: z.string() })) }),
    ),
  });
  for (const { secret, callbacks } of Object.values(Secrets.parse(yard.wecom.secrets).apps)) {
    for (const word of [secret, ...callbacks.flatMap((one) => [one.token, one.encodingAesKey])]) {
      expect(out).not.toContain(word);
    }
  }
});

test('a step taken away is named on the terminal, in both languages', async () => {
  yard.wecom.withdraw(ACCOUNT);
  await yard.quiet();
  const { code, out } = await runOps(yard.stack, 'doctor');
  expect(code).toBe(2);
  expect(out).toMatch(/✗ 10 managed-accounts.*\n\s+→ .*可管理的客服账号/u);
});
