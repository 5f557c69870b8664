import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { runOps, runOpsOnAws, runOpsWith } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Credentials change while customers write: by the operators' command, which is killed half-way and run again, and in WeCom's console.

const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const PULL = `<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCx]]></Token><OpenKfId><![CDATA[${ACCOUNT}]]></OpenKfId></xml>`;
const OLD = { token: 'OLD0token', encodingAesKey: 'Old'.padEnd(43, '0'), receiveIds: ['ww0123456789abcdef'] };
/** Calls to AWS until the secret is written, and the one after it. */
const AT_THE_WRITE = { rotate: 3, finish: 6 };

const Shown = z.object({
  version: z.string(),
  apps: z.array(
    z.object({
      app: z.string(),
      secret: z.string(),
      pairs: z.array(z.object({ pair: z.string(), count: z.number(), kinds: z.record(z.string(), z.number()) })),
    }),
  ),
  functions: z.number(),
  outdated: z.array(z.string()),
});
const Rotated = z.object({
  pair: z.string(),
  written: z.boolean(),
  restarted: z.number(),
  proved: z.literal(true),
  token: z.string(),
  encodingAesKey: z.string(),
});

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    storedSecrets: true,
    wecom: {
      corp: {
        apps: { main: { callbacks: [OLD] } },
        accounts: [{ openKfId: ACCOUNT, servicers: ['zhangsan', 'lisi'] }],
      },
    },
  });
});
afterAll(() => yard.close());

const callbackUrl = () => `${yard.stack.url}/wecom/callbacks/main`;
const later = (ms: number) => ({
  NODE_OPTIONS: `--import=${new URL('../support/clock-ahead.js', import.meta.url).href}`,
  CLOCK_AHEAD_MS: String(ms),
});

async function show() {
  const { code, out, err } = await runOps(yard.stack, 'secrets', 'show', '--json');
  const read = Shown.safeParse(out === '' ? undefined : JSON.parse(out));
  if (!read.success) throw new Error(`nothing shown: ${out}${err}`);
  const { apps, ...rest } = read.data;
  return { code, ...rest, pairs: apps.find(({ app }) => app === 'main')?.pairs ?? [], out };
}

/** Runs the command until its n-th call to AWS. */
async function killed(at: number, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const where = { CONCIERGE_ADMIN_URL: `${yard.stack.url}/admin/v1`, ...env };
  const { code } = await runOpsOnAws(yard.stack, ['secrets', ...args, '--yes'], { killAtCall: at, env: where });
  expect(code).toBe(-1);
}

async function answered(customer: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, 'hours');
  await yard.quiet();
  expect(yard.shown(customer)).toEqual([HOURS]);
}

test('a second pair is made once, however often the command dies, and callbacks by either pair are answered', async () => {
  await answered('wmBefore');
  await killed(AT_THE_WRITE.rotate, ['rotate', '--app', 'main']);
  expect(await show()).toMatchObject({ code: 0, version: '1', pairs: [{ count: 1, kinds: { kf_msg_or_event: 1 } }] });

  await killed(AT_THE_WRITE.rotate + 1, ['rotate', '--app', 'main']);
  const between = await show();
  expect(between).toMatchObject({ code: 2, version: '2', pairs: [{ count: 1 }, { count: 0 }] });
  // Written, and nobody has read it yet.
  expect(between.outdated).toHaveLength(between.functions);
  await answered('wmBetween');

  const { out } = await runOps(yard.stack, 'secrets', 'rotate', '--app', 'main', '--yes', '--json', '--reveal');
  const { token, encodingAesKey, ...done } = Rotated.parse(JSON.parse(out));
  expect(done).toMatchObject({ pair: between.pairs[1]?.pair, written: false, restarted: between.functions });
  expect(await show()).toMatchObject({ code: 0, version: '2', outdated: [] });
  await answered('wmOld');

  const saved = await yard.wecom.setCallbackUrl('main', callbackUrl(), { token, encodingAesKey });
  expect(saved.reason).toBeUndefined();
  await answered('wmNew');
  expect((await show()).pairs).toMatchObject([{ count: 3 }, { count: 1 }]);
});

test('what is shown and asked again names pairs and never says what they are', async () => {
  const { out, err } = await runOps(yard.stack, 'secrets', 'rotate', '--app', 'main', '--yes');
  const shown = await show();
  const stored = await runOps(yard.stack, 'secrets', 'rotate', '--app', 'main', '--yes', '--json', '--reveal');
  const { token, encodingAesKey, written, restarted } = Rotated.parse(JSON.parse(stored.out));
  expect({ written, restarted }).toEqual({ written: false, restarted: 0 });
  for (const secret of [token, encodingAesKey, OLD.token, OLD.encodingAesKey]) {
    expect(out + err + shown.out).not.toContain(secret);
  }
  expect(out).toContain('接收消息 → 设置API接收');
  const late = await runOps(yard.stack, 'secrets', 'rotate', '--app', 'main', '--json', '--wait', '--reveal');
  expect([late.code, late.out]).toEqual([1, expect.stringContaining('--reveal first')]);
});

test('the old pair stays while WeCom used it within the hour, and goes after one; the command dies half-way', async () => {
  const early = await runOps(yard.stack, 'secrets', 'finish', '--app', 'main', '--yes');
  expect([early.code, early.err]).toEqual([1, expect.stringMatching(/still uses the old pair .*kf_msg_or_event 3/)]);
  expect(await show()).toMatchObject({ version: '2', pairs: [{}, {}] });

  const env = later(HOUR + 2 * MINUTE);
  const waited = await runOpsWith(yard.stack, { env }, 'secrets', 'rotate', '--app', 'main', '--wait', '--json');
  expect([waited.code, JSON.parse(waited.out)]).toEqual([0, expect.objectContaining({ ready: true, restarted: 0 })]);
  await killed(AT_THE_WRITE.finish + 1, ['finish', '--app', 'main'], env);
  expect(await show()).toMatchObject({ code: 2, version: '3', pairs: [{}] });
  const again = await runOpsWith(yard.stack, { env }, 'secrets', 'finish', '--app', 'main', '--yes', '--json');
  expect(JSON.parse(again.out)).toMatchObject({ written: false, proved: true });
  expect(await show()).toMatchObject({ code: 0, version: '3', outdated: [] });

  const [byOld] = await yard.wecom.sendCallback('main', PULL, { credentials: OLD, retried: false });
  const [byNew] = await yard.wecom.sendCallback('main', PULL, { retried: false });
  expect([byOld?.status, byNew?.status]).toEqual([400, 200]);
  await answered('wmAfter');
});

test('a new Secret is tried with WeCom before it is stored, and then everybody works with it', async () => {
  const secret = yard.wecom.renewSecret('main');
  const give = (input: string) =>
    runOpsWith(yard.stack, { input: `${input}\n` }, 'secrets', 'set-app-secret', '--app', 'main', '--yes', '--json');
  const mistyped = await give(`${secret}x`);
  expect([mistyped.code, mistyped.err]).toEqual([1, expect.stringContaining('gettoken is refused (40001)')]);
  expect((await show()).version).toBe('3');

  const { code, out, err } = await give(secret);
  expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ written: true, accepted: true })]);
  expect(out + err).not.toContain(secret);
  // Also those that were changed right after the write are newer than it.
  expect(await show()).toMatchObject({ code: 0, version: '4', outdated: [] });
  await answered('wmWithTheNewSecret');
});
