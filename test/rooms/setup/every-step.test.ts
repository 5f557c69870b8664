import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../lib/setup/finding.ts';
import { stepOf } from '../../../lib/setup/steps.ts';
import type { AccountDuty } from '../../../lib/wecom/account-duty.ts';
import { ACCOUNT, askDoctor, type LeftOut, NOON, PEOPLE } from './prepared-corp.ts';

const failed = (findings: readonly Finding[]) => findings.filter(({ outcome }) => outcome === 'failed');
const stepsOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ step }) => step))].sort((a, b) => a - b);

test('with everything in place nothing is missing, and every step but one is seen to be done', async () => {
  const findings = await askDoctor();
  expect(failed(findings)).toEqual([]);
  const done = stepsOf(findings.filter(({ outcome }) => outcome === 'ok'));
  // Whether the corp is verified (0) and a developer account bound (15), no API says.
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19]);
});

describe('a single step left out is named, with its mend', () => {
  test.each<[step: number, what: string, left: LeftOut, others?: readonly number[]]>([
    [0, 'a member’s name is not verified', { house: { refused: [{ agentId: 'lisi', reason: 'not-verified' }] } }],
    [
      0,
      'a supervisor has not activated WeCom',
      {
        members: [...PEOPLE.map((userid) => ({ userid })), { userid: 'boss', activated: false }],
        house: { supervisors: ['boss'] },
      },
    ],
    [0, 'the gateway refuses unsigned calls for want of the ICP filing', { publicAnswer: { status: 403 } }, [5, 11]],
    [1, 'the corp id is mistyped', { secrets: (all) => Object.assign(all, { corpId: 'ww1111111111111111' }) }],
    [2, 'the key is too short', { secrets: (all) => shorten(all.apps.main) }],
    [2, 'the stored token is not the one that runs', { secrets: (all) => changeToken(all.apps.main) }],
    [2, 'the callback address redirects', { publicAnswer: { status: 301 } }, [5, 11]],
    [2, 'the echo is in quotes', { publicAnswer: { status: 200, body: '"1111111111111111111"' } }, [5, 11]],
    [2, 'the clocks differ', { skewMs: 15 * 60_000 }],
    [
      3,
      'a servicer is outside the visible range',
      { members: [{ userid: 'zhangsan' }, { userid: 'lisi', visible: false }] },
      [13],
    ],
    [4, 'the secret is wrong', { secrets: (all) => Object.assign(all.apps.main ?? {}, { secret: 'x'.repeat(43) }) }],
    [4, 'there is no secret yet', { secrets: (all) => void delete all.apps.main?.secret }],
    [4, 'the AgentId is mistyped', { secrets: (all) => Object.assign(all.apps.main ?? {}, { agentId: 1_000_099 }) }],
    [4, 'there is no AgentId', { secrets: (all) => void delete all.apps.main?.agentId }],
    [5, 'the callback address is not saved', { noCallbackUrl: true }, [11]],
    [5, 'the box 外部联系人变更回调 is not ticked', { app: { receivesContacts: false } }],
    [6, 'our address is not trusted', { app: { trustsAddress: false } }],
    [8, 'there is no account', { corp: { accounts: [], members: PEOPLE } }],
    [8, 'there are no servicers', { corp: { accounts: [{ openKfId: ACCOUNT }], members: PEOPLE } }],
    [
      8,
      'servicers are set by department',
      { corp: { accounts: [{ openKfId: ACCOUNT, departments: [1] }], members: PEOPLE } },
    ],
    [
      8,
      'a member of the team is no servicer',
      { corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['zhangsan'] }], members: PEOPLE } },
    ],
    [9, 'the app is not chosen for customer service', { app: { kfApi: false } }],
    [
      10,
      'the account is not ticked',
      { corp: { accounts: [{ openKfId: ACCOUNT, servicers: PEOPLE, managed: false }] } },
    ],
    [11, 'the callback of customer service is not set', { app: { receivesKf: false } }],
    [12, 'a servicer never logged in', { members: [{ userid: 'zhangsan' }, { userid: 'lisi', activated: false }] }],
    [
      12,
      'nobody receives',
      {
        corp: { accounts: [{ openKfId: ACCOUNT, servicers: PEOPLE.map((userid) => ({ userid, receiving: false })) }] },
      },
    ],
    [13, 'the app is not chosen for customer contact', { app: { contactApi: false } }],
    [
      13,
      'a member has no customer contact',
      { members: [{ userid: 'zhangsan' }, { userid: 'lisi', contacts: false }] },
    ],
    [
      14,
      'the console has a welcome message of its own',
      { members: PEOPLE.map((userid) => ({ userid, consoleWelcome: true })) },
    ],
    [
      16,
      'the app is not chosen for acquisition links that a way uses',
      { app: { linksApi: false }, house: { usesLinks: true } },
    ],
    [18, 'no configuration was applied', { house: { agents: [], teams: [], accounts: [] } }],
    [19, 'a person serves a customer of whom we do not know it', { served: true }],
  ])('%i: %s', async (step, _, left, others = []) => {
    const missing = failed(await askDoctor(left));
    // What else cannot work without it may be named, too; nothing else is.
    expect(stepsOf(missing)).toEqual([step, ...others].sort((a, b) => a - b));
    for (const { mend } of missing)
      expect(mend).toEqual({ zh: expect.stringMatching(/\p{Script=Han}/u), en: expect.any(String) });
    const own = missing.find((one) => one.step === step);
    // The clock and what a deployment shows have mends of their own.
    if (step !== 2) expect(own?.mend).toEqual(stepOf(step).mend);
  });

  test.each<[step: number, what: string, left: LeftOut]>([
    [0, 'whether the corp is verified cannot be asked', { corp: { verified: false } }],
    [7, 'there is no trusted domain', { app: { trustedDomain: '' } }],
    [15, 'whether a developer account is bound cannot be asked', {}],
    [16, 'nobody uses acquisition links', { app: { linksApi: false } }],
    [17, 'the directory helper has no callback', { secrets: (all) => void delete all.apps.directory }],
  ])('optional or unknowable, %i: %s', async (step, _, left) => {
    const findings = await askDoctor(left);
    expect(failed(findings)).toEqual([]);
    const named = findings.filter((one) => one.step === step && one.outcome !== 'ok');
    expect(named.map(({ mend }) => mend)).toEqual([stepOf(step).mend]);
  });
});

describe('an account in the middle of a cut-over is told so, with the next move', () => {
  const adopted = { id: 'r1', kind: 'adopt', app: 'main', startedAt: NOON, steps: 2 } as const;
  const counts = { customers: 7, held: 2, pooled: 1, refused: 0 };
  const asked = async (duty: AccountDuty) => {
    const findings = await askDoctor({ duty, served: true });
    return { step19: findings.filter(({ step }) => step === 19), missing: stepsOf(failed(findings)) };
  };

  test('one that is only observed, where others serve: taking over comes next, and strangers are no news', async () => {
    const { step19, missing } = await asked({ mode: 'observes', since: NOON });
    expect(missing).toEqual([19]);
    expect(step19).toEqual([
      expect.objectContaining({
        check: 'account-duty',
        outcome: 'failed',
        about: ACCOUNT,
        what: expect.objectContaining({
          en: expect.stringContaining('only observed (since 2026-01-05T04:00:00.000Z)'),
        }),
        mend: {
          zh: expect.stringContaining(`npm run ops -- adopt ${ACCOUNT}`),
          en: expect.stringContaining(`npm run ops -- adopt ${ACCOUNT}`),
        },
      }),
    ]);
  });

  test('one that is being taken over: wait; one that stands still for an hour: adopt goes on with it', async () => {
    const run = { ...adopted, ...counts };
    const { step19, missing } = await asked({ mode: 'adopting', run });
    expect(missing).toEqual([]);
    expect(step19).toEqual([
      expect.objectContaining({
        outcome: 'unknown',
        what: expect.objectContaining({ en: expect.stringContaining('7 customers so far') }),
      }),
    ]);
    expect((await asked({ mode: 'adopting', run: { ...run, startedAt: NOON - 3_600_000 } })).missing).toEqual([19]);
  });

  test('one that was released and is still ticked: untick it, or adopt it again', async () => {
    const run = { ...adopted, ...counts, kind: 'release', doneAt: NOON } as const;
    const { step19, missing } = await asked({ mode: 'released', since: NOON, run });
    expect(missing).toEqual([19]);
    expect(step19[0]?.what.en).toContain('was released (since 2026-01-05T04:00:00.000Z)');
    expect(step19[0]?.mend?.en).toMatch(/untick .*step 10.*ops -- adopt/);
  });

  test('one that was taken over is served, with what the run found; a stranger there is still named', async () => {
    const run = { ...adopted, ...counts, refused: 3, doneAt: NOON };
    const { step19 } = await asked({ mode: 'serves', servedFrom: NOON, run });
    expect(step19.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['account-duty', 'ok'],
      ['open-sessions', 'failed'],
    ]);
    expect(step19[0]?.what.en).toMatch(/taken over at .*: 7 customers, 2 with a person, .* 3 that could not be read/);
  });
});

test('contact ways that are only observed are named, with what ends it', async () => {
  const found = failed(await askDoctor({ house: { observedWays: ['*', 'front-desk'] } }));
  expect(found.map(({ check, step }) => [check, step])).toEqual([['ways-duty', 19]]);
  expect(found[0]?.what.en).toContain('way:*, way:front-desk');
  expect(found[0]?.mend?.zh).toContain('observe off way:ID');
});

type App = Parameters<NonNullable<LeftOut['secrets']>>[0]['apps'][string];

function shorten(app: App | undefined): void {
  for (const one of app?.callbacks ?? []) one.encodingAesKey = one.encodingAesKey.slice(0, 42);
}

function changeToken(app: App | undefined): void {
  for (const one of app?.callbacks ?? []) one.token = 'Mistyped';
}
