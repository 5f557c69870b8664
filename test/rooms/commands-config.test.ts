import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { sqsClient } from '../../lib/platform/queues.ts';
import { TeamWake, WayWake } from '../../lib/platform/wakes.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { type Dynalite, localAccess, startDynalite } from '../support/dynalite.ts';
import { type Ran, startScript, untilEnded } from '../support/run-command.ts';

const routingTable = routingShape('wecom-concierge-test-routing');
const waysTable = contactWaysShape('wecom-concierge-test-contact-ways');
const repliesTable = repliesShape('wecom-concierge-test-replies');

let dynamo: Dynalite;
let fauxqs: FauxqsServer;
let folder: string;
beforeAll(async () => {
  dynamo = await startDynalite([
    routingTable,
    repliesTable,
    waysTable,
    routingShape('wecom-concierge-fresh-routing'),
    repliesShape('wecom-concierge-fresh-replies'),
    contactWaysShape('wecom-concierge-fresh-contact-ways'),
    wecomShape('wecom-concierge-test-wecom'),
    wecomShape('wecom-concierge-fresh-wecom'),
  ]);
  fauxqs = await startFauxqs({ port: 0, logger: false });
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(async () => {
  await dynamo.stop();
  await fauxqs.stop();
  await rm(folder, { recursive: true });
});

/** Runs the command as a person would, without a terminal. */
function config(...args: string[]): Promise<Ran> {
  return configWith({}, ...args);
}

function configWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  return untilEnded(
    startScript('commands/config.ts', args, {
      AWS_ENDPOINT_URL: dynamo.access.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...env,
    }),
  );
}

async function file(yaml: string): Promise<string> {
  const path = join(folder, 'business.yml');
  await writeFile(path, yaml);
  return path;
}

test('plan, apply, and a plan that finds nothing left to do', async () => {
  const stage = ['--stage', 'test'];
  const planned = await config('plan', 'config/sample.yml', ...stage);
  // The sample asks for a model, and this stage has none.
  const noModel = expect.stringMatching(/^warning: replies\[0\]\.model: stage test names no model[^\n]*\n$/);
  expect(planned).toMatchObject({ code: 2, err: noModel });
  expect(planned.out).toContain('+ agent zhangsan\n');
  expect(planned.out).toContain('+ replies of account *\n');
  expect(planned.out).toContain('+ contact way front-desk\n');

  const refused = await config('apply', 'config/sample.yml', ...stage);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
  expect(await config('plan', 'config/sample.yml', ...stage)).toMatchObject({ code: 2 });

  expect(await config('apply', 'config/sample.yml', '--yes', ...stage)).toMatchObject({ code: 0, err: noModel });
  const routing = dynamoTable(dynamo.client, routingTable);
  const people = routingStore(routing, inbox(routing, { attentionAfterMs: 1000, keepMs: 1000 }));
  expect(await people.teamOf('wkAny')).toMatchObject({ teamId: 'support', agents: ['lisi', 'wangwu', 'zhangsan'] });
  const { ruleSet } = await ruleSetStore(dynamoTable(dynamo.client, repliesTable)).ruleSetFor('wkAny');
  expect(ruleSet.rules.map(({ id }) => id)).toContain('hours');

  expect(await config('plan', 'config/sample.yml', ...stage)).toEqual({
    code: 0,
    // There are tables here, and no functions that could ask WeCom.
    out: expect.stringMatching(
      /^No changes. 无变化。\nServicers in WeCom are not compared: .*--admin-url.*\nbase: b1\..+\n$/,
    ),
    err: noModel,
  });

  const exported = join(folder, 'exported.yml');
  expect(await config('export', '--to', exported, ...stage)).toMatchObject({ code: 0, err: '' });
  const again = await config('plan', exported, ...stage, '--json');
  expect(JSON.parse(again.out)).toMatchObject({ changes: [], base: expect.stringMatching(/^b1\./) });

  // The plan was made before anything was applied.
  const [, base = ''] = /^base: (\S+)$/m.exec(planned.out) ?? [];
  const stale = await config('apply', 'config/sample.yml', '--yes', '--base', base, ...stage);
  expect(stale).toMatchObject({ code: 1, out: '' });
  expect(stale.err).toMatch(/The stage has changed since that base: agents, teams, .*Plan again/);

  const smaller = await file(
    "agents: [{ id: lisi, capacity: 5 }]\nteams: [{ id: support, accounts: ['*'], agents: [lisi] }]",
  );
  const asJson = await config('plan', smaller, '--json', ...stage);
  expect(asJson.code).toBe(2);
  expect(JSON.parse(asJson.out)).toMatchObject({
    stage: 'test',
    changes: expect.arrayContaining([
      { kind: 'agents', id: 'lisi', how: 'changed', details: expect.arrayContaining(['capacity: 2 → 5']) },
      { kind: 'agents', id: 'wangwu', how: 'removed', details: [] },
    ]),
    leftAlone: ['contactWays'],
    warnings: [],
  });
  const asText = await config('plan', smaller, ...stage);
  expect(asText.out).toContain('The file has no contactWays: they stay as they are. 文件未写 contactWays，保持不变。');
  expect(asText.out).not.toContain('- contact way');
  const none = await config('plan', await file('contactWays: []'), ...stage);
  expect(none.out).toMatch(/- contact way front-desk\n {4}its printed code stops.*已印出的码/);
});

test.each(['plan', 'apply'])(
  '%s refuses a change that WeCom cannot make, with the place in the file',
  async (command) => {
    const button = await file(
      'contactWays: [{ id: front-desk, name: A, mode: turn, scene: mini-program, members: [lisi] }]',
    );
    const refused = await config(command, button, '--yes', '--stage', 'test');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/nothing was written[\s\S]*contactWays\[0\]\.scene: WeCom cannot change the scene/);
  },
);

test('teams and contact ways are woken where their queues are known', async () => {
  const attributes = { FifoQueue: 'true' };
  const queues = {
    ASSIGNMENTS_QUEUE_URL: fauxqs.createQueue('assignments.fifo', { attributes }).queueUrl,
    ROTATIONS_QUEUE_URL: fauxqs.createQueue('rotations.fifo', { attributes }).queueUrl,
  };
  const endpoint = { AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${fauxqs.port}` };
  const night = await file(
    'agents: [{ id: eve, capacity: 1 }]\nteams: [{ id: night, accounts: [wkNight], agents: [eve] }]\n' +
      'contactWays: [{ id: door, name: Door, mode: turn, members: [eve] }]',
  );
  const fresh = ['--yes', '--json', '--stage', 'fresh'];
  const applied = await configWith({ ...queues, ...endpoint }, 'apply', night, ...fresh);
  expect(JSON.parse(applied.out)).toMatchObject({ applied: true, woken: true });
  const client = sqsClient(localAccess(endpoint.AWS_ENDPOINT_URL_SQS));
  const received = async (QueueUrl: string) => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    return Messages.map(({ Body = '' }) => JSON.parse(Body));
  };
  expect(await received(queues.ASSIGNMENTS_QUEUE_URL)).toEqual([TeamWake.parse({ v: 1, teamId: 'night' })]);
  expect(await received(queues.ROTATIONS_QUEUE_URL)).toEqual([WayWake.parse({ v: 1, wayId: 'door' })]);
  client.destroy();

  const { ROTATIONS_QUEUE_URL: _, ...teamsOnly } = { ...queues, ...endpoint };
  const changed = await configWith(teamsOnly, 'apply', await file('contactWays: []'), ...fresh);
  expect(JSON.parse(changed.out)).toMatchObject({ applied: true, woken: false });
});

test('a wrong file is refused with the field and the mend, and nothing is written', async () => {
  const wrong = await file('agents: [{ id: lisi, capacity: 0 }]');
  const refused = await config('apply', wrong, '--yes', '--stage', 'test');
  expect(refused).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('agents[0].capacity: is not a whole'),
  });
  const asJson = await config('plan', wrong, '--json');
  expect(JSON.parse(asJson.out)).toMatchObject({ problems: [{ path: 'agents[0].capacity' }] });
});

describe('try', () => {
  const sample = 'config/sample.yml';
  // Nothing listens there: whoever asked for a stage would fail.
  const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

  test('says which rule would answer, why those above it would not, and what is said; without a stage', async () => {
    const tried = await configWith(nowhere, 'try', sample, '--message', '請問營業時間？');
    // What plan warns of, too.
    expect(tried).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^warning: replies\[0\]\.model: stage dev names no model[^\n]*\n$/),
    });
    expect(tried.out).toMatch(/· person +no: nothing of click fits/);
    expect(tried.out).toMatch(/✓ hours +contains "营业时间"/);
    expect(tried.out).toContain('→ rule hours:\n    营业时间：周一至周六');
  });

  test('can be told what is known of the customer', async () => {
    const unknown = await config('try', sample, '--message', '急！');
    expect(unknown.out).toContain('no: it wants hours "closed", which is not known here');
    expect(unknown.out).toContain('the fallback');
    expect((await config('try', sample, '--message', '急！', '--hours', 'closed')).out).toContain(
      '→ rule urgent-at-night:',
    );
    expect((await config('try', sample, '--message', 'hm', '--unmatched', '1')).out).toContain(
      "in the fallback's place",
    );
    expect((await config('try', sample, '--message', '发货', '--nth', '3')).out).toContain(
      '→ rule asked-again: hand-over',
    );
    expect((await config('try', sample, '--click', 'hours')).out).toMatch(/✓ hours +click "hours"/);
    const fair = await config('try', sample, '--entry', 'expo', '--message', '展位在哪');
    expect(fair.out).toContain('→ rule stand:');
  });

  test('what the list of frequent questions would say is told with its score, also where a rule goes before it', async () => {
    const answered = await config('try', sample, '--message', '可以開發票嗎');
    expect(answered.out).toMatch(/faq +answers invoice 「怎么开发票？」 0\.\d\d/);
    expect(answered.out).toContain('→ rule faq:invoice:\n    在“我的订单”');
    const unknown = await config('try', sample, '--message', '今天天气', '--json');
    expect(JSON.parse(unknown.out)).toMatchObject({ chosen: { do: 'nothing-matched' }, faq: [{ is: 'none' }] });
    const chosen = await config('try', sample, '--click', 'faq:pay', '--lang', 'en');
    expect(chosen.out).toContain('→ rule faq:pay:\n    WeChat Pay');
  });

  test('as JSON, with a burst', async () => {
    const tried = await config('try', sample, '--message', '配送', '--message', 'opening hours', '--json');
    expect(JSON.parse(tried.out)).toMatchObject({
      chosen: { do: 'reply', replies: [{ rule: 'delivery' }, { rule: 'hours' }] },
      says: [{ type: 'text', text: expect.stringContaining('48 小时') }],
      rules: expect.arrayContaining([
        {
          rule: 'hours',
          verdicts: [
            { matches: false, because: 'nothing-fits' },
            { matches: true, by: 'contains', word: 'opening hours' },
          ],
        },
      ]),
    });
  });

  test('what cannot be tried is named', async () => {
    expect(await config('try', sample)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--message is missing'),
    });
    const french = await config('try', sample, '--message', 'a', '--lang', 'fr');
    expect(french).toMatchObject({ code: 1, err: expect.stringContaining('--lang') });
    const broken = await file("replies: [{ accounts: ['*'], rules: [{ id: a, regex: ['('], silent: true }] }]");
    const refused = await config('try', broken, '--message', 'a');
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining('replies[0].rules[0].regex[0]: does not compile'),
    });
  });
});

test('what a file is warned of is the same for try and plan, and in JSON it is a field', async () => {
  const business = await file(`agents: [{ id: lisi, capacity: 5 }]
teams: [{ id: support, accounts: ['*'], agents: [lisi] }]
replies:
  - accounts: ['*']
    rules:
      - { id: a, contains: [refund], silent: true }
      - { id: b, exact: [refund], silent: true }`);
  const planned = await config('plan', business, '--stage', 'fresh', '--json');
  const { warnings } = JSON.parse(planned.out);
  expect(warnings).toEqual([expect.objectContaining({ path: expect.stringContaining('rules[1]') })]);
  const tried = await config('try', business, '--message', 'refund', '--stage', 'fresh', '--json');
  expect(JSON.parse(tried.out).warnings).toEqual(warnings);
});

test('a model that the stack on this machine was started with is no reason for a warning', async () => {
  const args = ['try', 'config/sample.yml', '--message', 'hm'];
  expect(await configWith({ MODEL_API_URL: 'http://127.0.0.1:8/v1/chat/completions' }, ...args)).toMatchObject({
    code: 0,
    err: '',
  });
  // Where it has none, the mend is the one of this machine, not a deployment.
  expect((await config(...args)).err).toContain('npm start -- --help');
  expect((await config(...args)).err).not.toContain('deploy');
  const cloud = { AWS_ENDPOINT_URL: '', MODEL_API_URL: 'http://127.0.0.1:8/v1/chat/completions' };
  expect((await configWith(cloud, ...args)).err).toContain('set modelUrl and modelName in config/dev.yml and deploy');
});

test('a stage that is not there is named', async () => {
  const lost = await config('plan', 'config/sample.yml', '--stage', 'nowhere');
  expect(lost).toMatchObject({ code: 1, err: expect.stringContaining('The tables of stage nowhere are not there') });
});

test('a file that is not there is named', async () => {
  expect(await config('plan', 'nothing.yml')).toMatchObject({ code: 1, err: expect.stringContaining('nothing.yml') });
});

test('help says what the exit codes mean; anything that is not understood says how it is meant', async () => {
  expect(await config('--help')).toMatchObject({ code: 0, out: expect.stringContaining('退出码 / Exit codes') });
  expect(await config('destroy', 'config/sample.yml')).toMatchObject({
    code: 1,
    err: expect.stringContaining('plan|apply'),
  });
  expect(await config('plan', 'a.yml', '--sage', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--sage'),
  });
});

test('frequent questions lie in a table beside the configuration, and come out of the stage as one', async () => {
  const stage = ['--stage', 'test'];
  await writeFile(
    join(folder, 'faq.csv'),
    'question,similar,answer\n怎么开发票,能开发票吗|发票,在订单页\n怎么退货,,七天内\n',
  );
  const business = await file("replies: [{ accounts: ['*'] }]\nfaq: { file: faq.csv }\n");
  expect(await config('apply', business, ...stage, '--yes')).toMatchObject({ code: 0, err: '' });
  const tried = await config('try', business, '--message', '发票');
  expect(tried.out).toContain('在订单页');

  const table = join(folder, 'out.csv');
  expect(await config('faq', 'export', table, ...stage)).toMatchObject({ code: 0, err: '' });
  const printed = await config('faq', 'import', table);
  expect(printed.out).toContain('question: 怎么开发票');
  // What was printed is the same list.
  const written = await file(`replies: [{ accounts: ['*'] }]\n${printed.out}`);
  expect(await config('plan', written, ...stage)).toMatchObject({ code: 0 });
  expect(await config('faq', 'export', table, ...stage)).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be written'),
  });
});

test('what is wrong in a table is named by file, line and column', async () => {
  await writeFile(join(folder, 'faq.csv'), 'question,answer\n怎么开发票,\n');
  const business = await file('faq: { file: faq.csv }');
  const refused = await config('plan', business);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('faq.csv line 2, column answer: is empty') });
  const missing = await config('plan', await file('faq: { file: gone.csv }'));
  expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('faq.file: gone.csv cannot be read') });
  expect(await config('faq', 'import', join(folder, 'faq.csv'))).toMatchObject({ code: 1 });
  expect(await config('faq', 'export', join(folder, 'none.csv'), '--stage', 'fresh')).toMatchObject({
    code: 1,
    err: expect.stringContaining('has no frequent questions'),
  });
});
