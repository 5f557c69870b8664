import { afterEach, describe, expect, test } from '@jest/globals';
import { emptyConversation } from '../../../lib/conversations/conversation.ts';
import { checkSetup, type RefusedInWay } from '../../../lib/setup/check-setup.ts';
import type { CheckTraffic } from '../../../lib/setup/check-traffic.ts';
import type { House } from '../../../lib/setup/check-wecom.ts';
import { judgeEcho } from '../../../lib/setup/echo.ts';
import type { Finding } from '../../../lib/setup/finding.ts';
import { setupApi } from '../../../lib/setup/setup-api.ts';
import { stepOf } from '../../../lib/setup/steps.ts';
import {
  type AppSetup,
  type CorpSetup,
  type MemberSetup,
  startWeCom,
  type WeCom,
} from '../../../local/wecom/simulator.ts';
import { anAgent, aTeam } from './house.ts';

const ACCOUNT = 'wkSUPPORT00000000000000000000001';
const NOON = Date.UTC(2026, 0, 5, 4);
const PEOPLE = ['zhangsan', 'lisi'];

/** All that can be left out. Everything is in place unless a field says otherwise. */
interface LeftOut {
  readonly corp?: Partial<CorpSetup>;
  readonly app?: AppSetup;
  readonly members?: readonly MemberSetup[];
  readonly secrets?: (secrets: Secrets) => void;
  readonly house?: Partial<House & { refused: readonly RefusedInWay[] }>;
  /** What our side heard; everything, unless it says otherwise. */
  readonly heard?: Partial<CheckTraffic>;
  readonly skewMs?: number;
  /** The echo's answer, where it is not the right one. */
  readonly echo?: Parameters<typeof judgeEcho>[2];
  /** Somebody serves the customer in WeCom's own client. */
  readonly served?: true;
}

interface Secrets {
  corpId: string;
  apps: Record<
    string,
    { agentId?: number; secret?: string; secretOf?: string; callbacks: { token: string; encodingAesKey: string }[] }
  >;
}

let wecom: WeCom | undefined;
afterEach(async () => {
  await wecom?.stop();
  wecom = undefined;
});

/** A day in a corp that is set up but for what is left out: a customer wrote, another was added, and the doctor is asked. */
async function doctor(left: LeftOut): Promise<Finding[]> {
  let now = NOON;
  const clock = () => now;
  const corp: CorpSetup = {
    apps: {
      main: { trustedDomain: 'desk.example.com', ...left.app },
      directory: { secretOf: 'main', receivesDirectory: true },
    },
    accounts: [{ openKfId: ACCOUNT, servicers: PEOPLE }],
    members: left.members ?? PEOPLE.map((userid) => ({ userid })),
    ...left.corp,
  };
  wecom = await startWeCom({ seed: 3, clock: () => now + (left.skewMs ?? 0), corp });
  wecom.switches.skipVerifyAdds = 'full';

  const secrets: Secrets = JSON.parse(JSON.stringify(wecom.secrets));
  left.secrets?.(secrets);
  if (corp.accounts?.length !== 0) {
    await wecom.phone('wmCUSTOMER').write(ACCOUNT, 'hello');
    if (left.served) {
      await wecom
        .client('zhangsan')
        .take(ACCOUNT, 'wmCUSTOMER')
        .catch(() => undefined);
    }
  }
  now += 5 * 60_000;
  const calls = setupApi({ baseUrl: wecom.url, clock });
  const evidence: Omit<CheckTraffic, 'clock' | 'kfFor' | 'contactFor'> = {
    heardAt: async () => NOON,
    takePull: async () => true,
    sessionOf: async () => emptyConversation('a:b', now).session.state,
    heardContacts: async () => new Map(),
    hadWelcomeCode: async () => true,
    ...left.heard,
  };
  let digit = 0;
  const report = await checkSetup({
    clock,
    readSecrets: async () => JSON.stringify(secrets),
    house: async () => ({
      agents: PEOPLE.map(anAgent),
      teams: [aTeam('support', PEOPLE)],
      accounts: [{ openKfId: '*', teamId: 'support' }],
      wayMembers: PEOPLE,
      usesLinks: false,
      supervisors: ['zhangsan'],
      refused: [],
      ...left.house,
    }),
    apiFor: (read) => calls.with(read, evidence),
    skew: calls.skew,
    digits: (length) => String((digit = (digit + 1) % 9)).repeat(length),
  })({});
  const echoes = report.echoes.map(({ app, expected }) =>
    judgeEcho(app, expected, left.echo ?? { kind: 'answer', status: 200, body: expected, ms: 40 }),
  );
  return [...report.findings, ...echoes];
}

const failures = (findings: readonly Finding[]) => findings.filter(({ outcome }) => outcome === 'failed');

test('with everything in place nothing is missing', async () => {
  const findings = await doctor({});
  expect(failures(findings)).toEqual([]);
  const done = new Set(findings.filter(({ outcome }) => outcome === 'ok').map(({ step }) => step));
  expect([...done].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19]);
});

const answered = (status: number, body = '') => ({ kind: 'answer', status, body, ms: 40 }) as const;
