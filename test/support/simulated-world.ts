import { createServer } from 'node:http';
import * as z from 'zod';
import type { Instant } from '../../lib/platform/clock.ts';
import { wecomShape } from '../../lib/store/tables.ts';
import { accessTokens } from '../../lib/wecom/access-tokens.ts';
import { weComApi } from '../../lib/wecom/api.ts';
import { receiveCallback } from '../../lib/wecom/callback.ts';
import type { News } from '../../lib/wecom/callback-news.ts';
import { WeComError } from '../../lib/wecom/errors.ts';
import { weComGates } from '../../lib/wecom/gates.ts';
import { kfApi } from '../../lib/wecom/kf-api.ts';
import { parseSecrets } from '../../lib/wecom/secrets.ts';
import { weComStore } from '../../lib/wecom/wecom-store.ts';
import { startWeCom, type WeCom } from '../../local/wecom/simulator.ts';
import { memoryTable } from './memory-table.ts';
import { NOON } from './memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld, type WorldSettings } from './memory-world.ts';

/** The functions in memory, with time in the test's hand, and the simulated WeCom over HTTP: real calls, real callbacks. */
export interface SimulatedWorld extends Omit<MemoryWorld, 'wecom' | 'callback' | 'news'> {
  readonly wecom: WeCom;
  /** WeCom's answer to kf/service_state/trans, asked for by hand with the app's own token: an errcode. */
  trans(customer: string, to: number, agentId?: string): Promise<number>;
  /** Until every callback is delivered and every queue is empty. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** `servicers` may serve the account by WeCom's own list; of the house's agents all can, where nothing else is said. */
export async function simulatedWorld(
  settings: Omit<WorldSettings, 'kf'> & { readonly servicers?: readonly string[] } = {},
): Promise<SimulatedWorld> {
  const { servicers = Object.keys(settings.agents ?? {}), ...rest } = settings;
  let clock = (): Instant => NOON;
  const wecom = await startWeCom({
    seed: 7,
    clock: () => clock(),
    corp: { accounts: [{ openKfId: DESK, servicers }] },
  });
  const secrets = parseSecrets(JSON.stringify(wecom.secrets));
  const store = weComStore(memoryTable(wecomShape('wecom')));
  const now = (): Instant => clock();
  const gates = weComGates({ store, clock: now });
  const room = { store, gates, secrets, baseUrl: wecom.url, clock: now };
  const tokens = accessTokens({ ...room, pause: async () => undefined });
  const api = weComApi({ baseUrl: wecom.url, clock: now, tokens, gates });
  const world = await memoryWorld({ ...rest, kf: kfApi(api, 'main') });
  clock = world.clock;

  const take = receiveCallback({
    secrets,
    toleranceSeconds: 600,
    now,
    send: async (news: News) => {
      if (news.queue === 'signals') await world.queues.signals.send(news.body, { group: news.group });
    },
    report: () => undefined,
  });
  const door = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { status, body = '' } = await take({
      method: request.method ?? '',
      path: url.pathname,
      domain: url.hostname,
      params: { app: 'main' },
      query: Object.fromEntries(
        url.search
          .slice(1)
          .split('&')
          .map((pair) => pair.split('=').map(decodeURIComponent)),
      ),
      headers: {},
      body: Buffer.concat(chunks),
    });
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const address = door.address();
  if (typeof address !== 'object' || !address) throw new Error('the door has no port');
  const verified = await wecom.setCallbackUrl('main', `http://127.0.0.1:${address.port}/`);
  if (!verified.ok) throw new Error(`callback address not verified: ${verified.reason}`);

  return {
    ...world,
    wecom,
    async trans(customer, to, agentId) {
      const body = { open_kfid: DESK, external_userid: customer, service_state: to, servicer_userid: agentId };
      try {
        await api.call('main', 'kf/service_state/trans', body, z.unknown());
        return 0;
      } catch (error) {
        if (error instanceof WeComError) return error.errcode;
        throw error;
      }
    },
    async settle() {
      await wecom.idle();
      await world.run();
    },
    async close() {
      await wecom.stop();
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
    },
  };
}
