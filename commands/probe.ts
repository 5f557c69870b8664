import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../lib/setup/finding.ts';
import type { OpsIo } from './ops-command.ts';

/** What is asked of `check-setup` while somebody writes or scans; without an account it is about contacts. */
export type Traffic = { readonly since: number; readonly account?: string };

interface Times {
  readonly waitMs: number;
  readonly everyMs: number;
}

/**
 * Asks a person to write to an account and to scan a code, and waits until it has arrived here, or has arrived at WeCom and not here. The
 * findings say which; what nobody wrote or scanned stays unknown.
 */
export async function probe(
  { account, way }: { account: string | undefined; way: string | undefined },
  look: (traffic: Traffic) => Promise<readonly Finding[]>,
  io: OpsIo,
  times: Times,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (account !== undefined) {
    io.tell(`Write to account ${account} now, from WeChat. 请现在用微信给客服账号 ${account} 写一条消息。`);
    findings.push(...(await waitFor('kf-news', (since) => look({ since, account }), io, times)));
  }
  if (way !== undefined) {
    io.tell(
      `Scan the code of contact way ${way} now, with a WeChat that is no friend of its members, and have the member accept. 请现在用一个尚未添加过这些成员的微信扫“${way}”的码，并请成员通过。`,
    );
    findings.push(...(await waitFor('contact-events', (since) => look({ since }), io, times)));
  }
  return findings;
}

async function waitFor(
  check: string,
  look: (since: number) => Promise<readonly Finding[]>,
  io: OpsIo,
  { waitMs, everyMs }: Times,
): Promise<readonly Finding[]> {
  // WeCom's times are whole seconds.
  const since = Math.floor(Date.now() / 1000) * 1000;
  const until = Date.now() + waitMs;
  for (;;) {
    const findings = await look(since);
    const found = findings.find((one) => one.check === check);
    const left = until - Date.now();
    if (found?.outcome === 'ok' || found?.outcome === 'failed' || left <= 0) {
      io.progress('');
      return findings;
    }
    io.progress(`${Math.ceil(left / 1000)} s …`);
    await sleep(Math.min(everyMs, left));
  }
}
