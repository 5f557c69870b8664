import { createServer, type Server } from 'node:http';
import { checkEchoes } from '../../../commands/stage-health.ts';
import { emptyConversation } from '../../../lib/conversations/conversation.ts';
import type { Agent, Team } from '../../../lib/routing/agent.ts';
import { checkSetup, type WholeHouse } from '../../../lib/setup/check-setup.ts';
import type { CheckTraffic } from '../../../lib/setup/check-traffic.ts';
import type { Finding } from '../../../lib/setup/finding.ts';
import { setupApi } from '../../../lib/setup/setup-api.ts';
import type { AccountDuty } from '../../../lib/wecom/account-duty.ts';
import { receiveCallback } from '../../../lib/wecom/callback.ts';
import type { News } from '../../../lib/wecom/callback-news.ts';
import { parseSecrets } from '../../../lib/wecom/secrets.ts';
import { type AppSetup, type CorpSetup, type MemberSetup, startWeCom } from '../../../local/wecom/simulator.ts';

export const ACCOUNT = 'wkSUPPORT00000000000000000000001';
export const NOON = Date.UTC(2026, 0, 5, 4);
export const PEOPLE = ['zhangsan', 'lisi'];
/** A busy machine is not what is tested here. */
const PATIENT_MS = 30_000;

export interface WrittenSecrets {
  corpId: string;
  apps: Record<string, WrittenApp>;
}
interface WrittenApp {
  agentId?: number;
  secret?: string;
  secretOf?: string;
  callbacks: { token: string; encodingAesKey: string }[];
}

/** What is left out of a set-up that is otherwise complete. */
export interface LeftOut {
  readonly corp?: Partial<CorpSetup>;
  readonly app?: AppSetup;
  /** In place of the two members, who have everything. */
  readonly members?: readonly MemberSetup[];
  /** Changes what the operator stored; WeCom keeps its own. */
  readonly secrets?: (secrets: WrittenSecrets) => void;
  readonly house?: Partial<WholeHouse>;
  /** The address is not saved in the app's page. */
  readonly noCallbackUrl?: true;
  /** What the public address answers in place of the callback. */
  readonly publicAnswer?: { readonly status: number; readonly body?: string };
  readonly skewMs?: number;
  /** WeCom's own rules gave the customer to a person, and nobody told us. */
  readonly served?: true;
  /** In which move of a cut-over the account is; served unless said. */
  readonly duty?: AccountDuty;
}

const anAgent = (agentId: string): Agent => {
  return { agentId, capacity: 3, duty: 'on', teams: ['support'], serving: new Set(), presence: {} };
};
const aTeam: Team = { teamId: 'support', agents: PEOPLE, endAfterSilenceSeconds: 1800 };

/** A morning in a corp whose set-up is complete but for what is left out: somebody writes, somebody is added, then the doctor is asked. */
export async function askDoctor(left: LeftOut = {}): Promise<Finding[]> {
  let now = NOON;
  const clock = () => now;
  const wecom = await startWeCom({
    seed: 3,
    clock: () => now + (left.skewMs ?? 0),
    verificationTimeoutMs: PATIENT_MS,
    callbackTimeoutMs: PATIENT_MS,
    retryDelaysMs: [],
    corp: {
      apps: {
        main: { trustedDomain: 'desk.example.com', ...left.app },
        directory: { secretOf: 'main', receivesKf: false, receivesDirectory: true },
      },
      accounts: [{ openKfId: ACCOUNT, servicers: PEOPLE }],
      members: left.members ?? PEOPLE,
      ...left.corp,
    },
  });
  const news: News[] = [];
  const door = await openDoor(JSON.stringify(wecom.secrets), clock, news, left.publicAnswer);
  try {
    const callbackUrl = `${door.url}/wecom/callbacks/{app}`;
    if (!left.noCallbackUrl) await wecom.setCallbackUrl('main', callbackUrl.replace('{app}', 'main'));
    if (left.served) wecom.faults.nativeReception('person');
    const quiet = left.corp?.accounts?.length === 0;
    if (!quiet) await wecom.phone('wmCUSTOMER').write(ACCOUNT, 'hello');
    await wecom
      .client('zhangsan')
      .addCustomer('wmADDED')
      .catch(() => undefined);
    await wecom.idle();
    now += 5 * 60_000;

    const stored: WrittenSecrets = JSON.parse(JSON.stringify(wecom.secrets));
    left.secrets?.(stored);
    const calls = setupApi({ baseUrl: wecom.url, clock });
    let digit = 0;
    const report = await checkSetup({
      clock,
      readSecrets: async () => ({ json: JSON.stringify(stored) }),
      house: async () => ({
        agents: PEOPLE.map(anAgent),
        teams: [aTeam],
        accounts: [{ openKfId: '*', teamId: 'support' }],
        wayMembers: PEOPLE,
        usesLinks: false,
        supervisors: ['zhangsan'],
        refused: [],
        strangers: [],
        observedWays: [],
        welcomes: () => true,
        ...left.house,
      }),
      served: async () => [ACCOUNT],
      apiFor: (read) => calls.with(read, heardIn(news, now, left.duty)),
      skew: calls.skew,
      digits: (length) => {
        digit = (digit % 9) + 1;
        return String(digit).repeat(length);
      },
    })({});
    return [...report.findings, ...(await checkEchoes(callbackUrl, report.echoes, PATIENT_MS))];
  } finally {
    await door.stop();
    await wecom.stop();
  }
}

/** Our side's memory, made of the callbacks that came. */
function heardIn(
  news: readonly News[],
  now: number,
  duty: AccountDuty = { mode: 'serves' },
): Omit<CheckTraffic, 'clock' | 'kfFor' | 'contactFor'> {
  const contacts = news.flatMap((one) => (one.queue === 'contacts' ? [one.body.ids] : []));
  return {
    dutyOf: async () => duty,
    heardAt: async (openKfId) =>
      news.flatMap((one) => (one.queue === 'signals' && one.group === openKfId ? [one.body.createdAt] : [])).at(-1),
    takePull: async () => true,
    sessionOf: async () => emptyConversation('account:customer', now).session.state,
    heardContacts: async () =>
      new Map(
        contacts.map((ids) => [ids.ExternalUserID ?? '', new Map([[ids.UserID?.toLowerCase() ?? '', undefined]])]),
      ),
    welcomes: () => true,
    hadWelcomeCode: async (customerId) =>
      contacts.some((ids) => ids.ExternalUserID === customerId && ids.WelcomeCode !== undefined),
  };
}

/** Our callback's address, with WeCom's credentials: what the functions would run with if nothing was mistyped. */
async function openDoor(secrets: string, now: () => number, news: News[], instead: LeftOut['publicAnswer']) {
  const receive = receiveCallback({
    secrets: parseSecrets(secrets),
    toleranceSeconds: 0,
    now,
    send: async (one) => void news.push(one),
    report: () => undefined,
  });
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (instead !== undefined && request.method === 'GET') {
      response.writeHead(instead.status, { location: '/elsewhere' }).end(instead.body ?? '');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const answer = await receive({
      method: request.method ?? 'GET',
      path: url.pathname,
      domain: '127.0.0.1',
      params: { app: url.pathname.split('/').at(-1) },
      query: Object.fromEntries(url.searchParams),
      headers: {},
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
