import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Refusal } from '../../../commands/refusal.ts';
import { NoSuchFunction, type StageAccess } from '../../../commands/stage-access.ts';
import { checkStagesBeside, stagesBeside } from '../../../commands/stages-beside.ts';
import { identityOf, judgeCodesOfOthers } from '../../../lib/setup/identity.ts';
import { parseSecrets } from '../../../lib/wecom/secrets.ts';
import { otherStages } from '../../../lib/wecom/way-state.ts';

const CORP = 'ww0123456789abcdef';
const ACCOUNT = 'wkA';

interface Deployed {
  readonly corpId?: string;
  readonly agentId?: number;
  readonly secret?: string;
  readonly serves?: readonly string[];
}

/** A stage whose check-setup answers with these credentials. `heard` are the questions it was asked. */
function aStage({ corpId = CORP, serves = [], ...main }: Deployed, heard: unknown[] = []): StageAccess {
  const secrets = parseSecrets(JSON.stringify({ corpId, apps: { main, kf: { secretOf: 'main' } } }));
  return withInvoke(async (_, question) => {
    heard.push(question);
    const { nonce } = (question as { who: { nonce: string } }).who;
    return { findings: [], identity: identityOf(secrets, nonce, serves) };
  });
}

function withInvoke(invoke: StageAccess['invoke']): StageAccess {
  const nothing = async () => undefined;
  const metrics = async () => '';
  return { invoke, lambda: nothing, store: nothing, metrics, sqs: nothing, query: nothing, output: nothing };
}

const OURS: Deployed = { agentId: 1_000_002, secret: 'a'.repeat(43), serves: [ACCOUNT] };
const beside = (own: Deployed, other: StageAccess) => checkStagesBeside(aStage(own), ['staging'], async () => other);
const brief = (findings: Awaited<ReturnType<typeof beside>>) =>
  findings.map(({ check, outcome, about }) => [check, outcome, about]);

describe('two stages with one app are named', () => {
  test.each<[string, Deployed]>([
    ['the same AgentId of one corp', { agentId: 1_000_002, secret: 'b'.repeat(43) }],
    ['the same secret, where no AgentId is written', { secret: 'a'.repeat(43) }],
  ])('%s', async (_, other) => {
    const found = await beside(OURS, aStage(other));
    expect(brief(found)).toEqual([['one-app-per-stage', 'failed', 'staging']]);
    expect(found[0]?.what.en).toContain('stage staging has the same app (main)');
    expect(found[0]?.mend?.zh).toMatch(/\p{Script=Han}/u);
  });

  test.each<[string, Deployed]>([
    ['an app of its own', { agentId: 1_000_003, secret: 'b'.repeat(43) }],
    ['the same number in another corp', { corpId: 'ww1111111111111111', agentId: 1_000_002, serves: [ACCOUNT] }],
    ['neither AgentId nor secret yet', {}],
  ])('not: %s', async (_, other) => {
    expect(brief(await beside(OURS, aStage(other)))).toEqual([['one-app-per-stage', 'ok', undefined]]);
  });
});

test('an account that both stages serve is named, also where each has its own app', async () => {
  const found = await beside(OURS, aStage({ agentId: 1_000_003, serves: ['wkB', ACCOUNT] }));
  expect(brief(found)).toEqual([['one-stage-per-account', 'failed', 'staging']]);
  expect(found[0]?.what.en).toContain(ACCOUNT);
});

test('a stage that is not deployed is no neighbour; one that cannot be asked, or does not know the question, is unknown', async () => {
  const refusing = (error: Error) => withInvoke(() => Promise.reject(error));
  expect(brief(await beside(OURS, refusing(new NoSuchFunction('none'))))).toEqual([
    ['one-app-per-stage', 'ok', undefined],
  ]);
  expect(brief(await beside(OURS, refusing(new Refusal('HTTP 403'))))).toEqual([
    ['one-app-per-stage', 'unknown', 'staging'],
  ]);
  expect(
    brief(
      await beside(
        OURS,
        withInvoke(async () => ({ findings: [] })),
      ),
    ),
  ).toEqual([['one-app-per-stage', 'unknown', 'staging']]);
});

test('no secret leaves a stage, nor the same mark twice', async () => {
  const heard: unknown[] = [];
  const answers: unknown[] = [];
  const own = aStage(OURS, heard);
  const listening = withInvoke(async (name, question) => {
    const answer = await own.invoke(name, question);
    answers.push(answer);
    return answer;
  });
  await checkStagesBeside(listening, ['staging'], async () => listening);
  await checkStagesBeside(listening, ['staging'], async () => listening);
  expect(JSON.stringify(answers)).not.toContain(OURS.secret);
  const marks = JSON.stringify(answers).match(/"mark":"[0-9a-f]{64}"/g) ?? [];
  // Two stages in two runs: equal within a run, new in the next.
  expect([marks.length, new Set(marks).size]).toEqual([4, 2]);
});

test('the stages of a checkout are its files in config/ that are no business configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stages-'));
  const files = {
    default: 'region: x',
    dev: 'logLevel: debug',
    prod: '# nothing',
    acme: 'corp: acme',
    shop: 'teams: []',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.yml`), text);
  expect(stagesBeside('dev', folder)).toEqual(['acme', 'prod']);
  await rm(folder, { recursive: true });
  expect(stagesBeside('dev')).toEqual(['prod', 'staging']);
});

test('codes of other stages at our app name their stage, as something to look at', () => {
  const states = ['cc:dev:desk', 'cc:staging:desk:2', 'cc-trial:old', 'wb:1:4285486', undefined, 'cc:staging:x'];
  expect(otherStages('dev', states)).toEqual(['old', 'staging']);
  expect(judgeCodesOfOthers(['staging'])).toEqual([
    expect.objectContaining({
      outcome: 'unknown',
      what: expect.objectContaining({ en: expect.stringContaining('staging') }),
    }),
  ]);
  expect(judgeCodesOfOthers([])).toEqual([]);
});
