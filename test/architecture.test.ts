import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { codeIn, importsOf, isCode, reachedFrom, readTree, type SourceTree } from './support/source-tree.ts';

/** What each room has besides its core and its stores: the uses, which may log, count and hold what they are given. */
const USES: Readonly<Record<string, readonly string[]>> = {
  // Its view reads what a store keeps, expiry and all.
  access: ['guard', 'login'],
  admin: [
    'account-duties',
    'standing',
    'about-routes',
    'audit-routes',
    'guarded-routes',
    'openapi',
    'operation',
    'operations',
    'paging',
    'preconditions',
    'scope',
    'wrong-body',
    'admin-api',
    'contact-way-code',
    'contact-ways',
    'conversation-view',
    'entries',
    'figures',
    'media-routes',
    'quick-replies',
    'hand-overs',
    'read-json',
    'routing-routes',
    'servicers',
    'knowledge',
    'wecom-answers',
  ],
  configuration: ['apply-business', 'plan-business', 'read-business', 'export-business', 'stage-base'],
  conversations: ['deliver', 'release-account', 'route-message', 'show-cards', 'tell', 'tell-house'],
  notices: ['brief-agents', 'notify-supervisors'],
  replies: ['ask-model', 'model-endpoint'],
  routing: ['assign-agents', 'read-team-inbox', 'serve-line', 'team-desk', 'leaver-desk', 'see-to-leavers'],
  'contact-me': [
    ...[
      'audit-codes',
      'customer-desk',
      'find-adds',
      'greet-contact',
      'hear-acquisition',
      'hear-member',
      'keep-picture',
    ],
    ...[
      'label-customer',
      'open-way',
      'push-list',
      'read-again',
      'reconcile-contacts',
      'reconcile-step',
      'remove-codes',
    ],
    ...['rotate-contact-ways', 'way-post', 'welcome-customer'],
  ],
  customers: [],
  media: ['keep-inbound', 'media-ids'],
  privacy: ['erase-customer', 'export-customer', 'find-traces'],
  setup: ['check-setup', 'check-traffic', 'check-wecom', 'fresh-tokens', 'setup-api'],
  wecom: [
    'access-tokens',
    'adopt-account',
    'api',
    'callback',
    'count-call',
    'domain-proof',
    'callback-report',
    'file-exchange',
    'gates',
    'http-exchange',
    'kf-api',
    'media-api',
    'sync-messages',
  ],
};
/** Lines. A test file may be longer: cases side by side read better than cases in two places. */
const LONGEST = 400;
const LONGEST_TEST = 600;

const FOLDERS = ['functions', 'lib', 'events', 'local', 'commands', 'test', 'bench', 'stack'];
const house = readTree(fileURLToPath(new URL('..', import.meta.url)), FOLDERS);

/** Names what offends: `path: why`. */
type Rule = (tree: SourceTree) => string[];

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const isStore = (path: string): boolean => /^lib\/.*-store\.ts$/.test(path);
const isUse = (path: string): boolean => (USES[roomOf(path)] ?? []).some((use) => path.endsWith(`/${use}.ts`));
const isCore = (path: string): boolean => roomOf(path) in USES && !isStore(path) && !isUse(path);

/** Every import of the given files that `offends`, as `path: why`. */
function imports(
  tree: SourceTree,
  paths: readonly string[],
  offends: (one: ReturnType<typeof importsOf>[number], path: string) => boolean,
): string[] {
  return paths.flatMap((path) =>
    importsOf(tree, path)
      .filter((one) => offends(one, path))
      .map((one) => `${path}: ${one.from}`),
  );
}

/** Every file whose text has what it must not have. Comments do not count. */
function texts(tree: SourceTree, paths: readonly string[], forbidden: RegExp): string[] {
  return paths.flatMap((path) => {
    const code = (tree[path] ?? '').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const found = forbidden.exec(code);
    return found ? [`${path}: ${found[0]}`] : [];
  });
}

const CLOCK = /\bDate\.now\b|\bnew Date\(\)|\bsystemClock\b|\bperformance\.now\b/;
// Chance may be the default of a parameter, in whose place a test puts something else.
const WORLD =
  /(?<![,(] ?\w+ = )\b(Math\.random|randomBytes)\(|\brandomUUID\b|\bprocess\.|\bsetTimeout\b|\bfetch\(|\bconsole\./;
const CORE_MAY_USE = new Set([
  're2js',
  'opencc-js/dict/TSCharacters',
  'zod',
  'zod/mini',
  'fast-xml-parser',
  'node:crypto',
  'node:util',
  'node:buffer',
]);
/** What only commands need: functions load at every cold start. A core may use it, a function must not reach it. */
const FOR_COMMANDS = new Set(['csv-parse/sync', 'csv-stringify/sync']);
const CORE_MAY_READ = new Set([
  'lib/platform/clock.ts',
  'lib/platform/shifts.ts',
  'lib/platform/wakes.ts',
  'lib/platform/wall-clock.ts',
  'lib/events/define-event.ts',
]);

const coresArePure: Rule = (tree) => {
  const cores = codeIn(tree, 'lib').filter(isCore);
  const strangers = imports(tree, cores, ({ target, typeOnly }) => {
    if (
      CORE_MAY_USE.has(target) ||
      FOR_COMMANDS.has(target) ||
      CORE_MAY_READ.has(target) ||
      target.startsWith('events/')
    )
      return false;
    return !(isCore(target) || (isUse(target) && typeOnly));
  });
  return [...strangers, ...texts(tree, cores, WORLD)];
};

const timeIsPassedIn: Rule = (tree) =>
  texts(
    tree,
    codeIn(tree, 'lib').filter((path) => roomOf(path) !== 'platform'),
    CLOCK,
  );

const storesStayAtHome: Rule = (tree) =>
  imports(tree, codeIn(tree, 'lib'), ({ target }, path) => isStore(target) && roomOf(target) !== roomOf(path));

const fewKnowAws: Rule = (tree) => {
  const isAws = (target: string) => target.startsWith('@aws-sdk/') || target === 'aws4fetch';
  const rooms = codeIn(tree, 'lib').filter((path) => !/^lib\/(store|events|platform)\//.test(path));
  return [
    ...imports(tree, [...rooms, ...codeIn(tree, 'events')], ({ target }) => isAws(target)),
    ...imports(tree, codeIn(tree, 'functions'), ({ target, typeOnly }) => isAws(target) && !typeOnly),
  ];
};

const settingsComeInAtTheDoor: Rule = (tree) => texts(tree, codeIn(tree, 'lib', 'events'), /\bprocess\.env\b/);

const theYardIsApart: Rule = (tree) => [
  ...imports(tree, codeIn(tree, 'local'), ({ target }) => /^(lib|functions|events)\//.test(target)),
  ...imports(tree, codeIn(tree, 'lib', 'functions', 'events'), ({ target }) => target.startsWith('local/')),
];

const theSimulatorIsApart: Rule = (tree) =>
  imports(
    tree,
    codeIn(tree, 'local/wecom'),
    ({ from, target }) => from.startsWith('.') && !target.startsWith('local/wecom/'),
  );

const eventsAreOnlyDescriptions: Rule = (tree) =>
  imports(
    tree,
    codeIn(tree, 'events'),
    ({ target }) => target !== 'zod' && target !== 'lib/events/define-event.ts' && !target.startsWith('events/'),
  );

const roomsDoNotKnowTheirDoors: Rule = (tree) =>
  imports(tree, codeIn(tree, 'lib', 'events'), ({ target }) => /^(functions|commands|test|bench)\//.test(target));

// The bundler keeps the whole library with `{ z }`: 454 KB instead of 90.
const zodIsOneNamespace: Rule = (tree) =>
  imports(tree, Object.keys(tree).filter(isCode), ({ from, names, typeOnly }) => {
    return /^zod(\/|$)/.test(from) && !typeOnly && names !== '* as z';
  });

const theCallbackStartsFast: Rule = (tree) => {
  const heavy = [...reachedFrom(tree, 'functions/receive-callback.ts')].filter(
    (target) => target === 'zod' || target.startsWith('@aws-sdk/') || target.startsWith('@smithy/'),
  );
  return heavy.map((target) => `functions/receive-callback.ts: ${target}`);
};

const functionsCarryNothingOfCommands: Rule = (tree) =>
  codeIn(tree, 'functions').flatMap((path) =>
    [...reachedFrom(tree, path)].filter((target) => FOR_COMMANDS.has(target)).map((target) => `${path}: ${target}`),
  );

/** Its licence (AGPL) asks for the source of what it becomes a part of, so it stays beside what is deployed. */
const theEvaluatorStaysInTheYard: Rule = (tree) =>
  imports(
    tree,
    codeIn(tree, ...FOLDERS).filter((path) => path !== 'local/permissions.ts' && !path.startsWith('test/')),
    ({ target }) => target.startsWith('@cloud-copilot/'),
  );

const namesAreKebabCase: Rule = (tree) =>
  Object.keys(tree)
    .filter((path) => !path.endsWith('README.md'))
    .filter(
      (path) => !path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*((\.test|\.d)?\.(ts|js)|\.md)?$/.test(part)),
    )
    .map((path) => `${path}: not kebab-case`);

/** Rooms, and the folders at the top, introduce themselves; what lies deeper is in its folder's README. */
const foldersIntroduceThemselves: Rule = (tree) => {
  const folders = codeIn(tree, ...FOLDERS).map((path) => path.split('/').slice(0, path.startsWith('lib/') ? 2 : 1));
  const wanted = [...new Set(folders.map((parts) => `${parts.join('/')}/README.md`))];
  return wanted.filter((path) => !(path in tree)).map((path) => `${path}: missing`);
};

/** What the deployment makes of the template is no part of what runs, and the laptop's runtime must not depend on it. */
const theStackStandsAlone: Rule = (tree) => [
  ...imports(tree, codeIn(tree, 'stack'), ({ target }) => target !== 'zod' && !/^(stack\/|node:)/.test(target)),
  ...imports(tree, codeIn(tree, 'lib', 'functions', 'events', 'local'), ({ target }) => target.startsWith('stack/')),
];

/** Stages of one account would add up to one number, and the alarms of `stack/` would find none. */
const metricsNameTheirStage: Rule = (tree) =>
  codeIn(tree, 'functions')
    .filter((path) => tree[path]?.includes('configureLog(') && !tree[path].includes('configureMetrics('))
    .map((path) => `${path}: its metrics have no stage`);

const filesAreSmall: Rule = (tree) =>
  Object.entries(tree)
    .filter(([path]) => isCode(path))
    .map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (path.startsWith('test/') ? LONGEST_TEST : LONGEST))
    .map(({ path, lines }) => `${path}: ${lines} lines`);

interface Guard {
  readonly title: string;
  readonly rule: Rule;
  /** A made-up house, in which the rule must find `offences`. */
  readonly spoilt: SourceTree;
  readonly offences: readonly string[];
}

const guards: readonly Guard[] = [
  {
    title: 'a core knows no log, store, client or chance (a new use is listed in USES)',
    rule: coresArePure,
    spoilt: {
      'lib/routing/choose-agent.ts':
        "import { log } from '../platform/log.ts';\nimport type { Table } from '../store/table.ts';",
      'lib/routing/agent.ts':
        "import {\n  assignAgents,\n} from './assign-agents.ts';\nimport type { Desk } from './team-desk.ts';",
      'lib/replies/choose-reply.ts':
        "import { DAY } from '../platform/clock.ts';\n// Math.random() would be wrong\nMath.random();",
      'lib/routing/assign-agents.ts': "import { log } from '../platform/log.ts';",
    },
    offences: [
      'lib/routing/choose-agent.ts: ../platform/log.ts',
      'lib/routing/choose-agent.ts: ../store/table.ts',
      'lib/routing/agent.ts: ./assign-agents.ts',
      'lib/replies/choose-reply.ts: Math.random(',
    ],
  },
  {
    title: 'time comes from a clock that is passed in',
    rule: timeIsPassedIn,
    spoilt: {
      'lib/conversations/fold.ts': 'const now = Date.now();',
      'lib/routing/team-desk.ts': 'const now = new Date();',
      'lib/wecom/gates.ts': "import { systemClock } from '../platform/clock.ts';",
      'lib/store/inbox.ts': 'const text = new Date(at).toISOString(); // not Date.now',
      'lib/platform/clock.ts': 'export const systemClock = () => Date.now();',
    },
    offences: [
      'lib/conversations/fold.ts: Date.now',
      'lib/routing/team-desk.ts: new Date()',
      'lib/wecom/gates.ts: systemClock',
      'lib/store/inbox.ts: Date.now',
    ],
  },
  {
    title: 'rooms do not import each other’s stores, not even their types',
    rule: storesStayAtHome,
    spoilt: {
      'lib/conversations/tell.ts': "import type { RoutingStore } from '../routing/routing-store.ts';",
      'lib/conversations/route-message.ts': "import { conversationStore } from './conversation-store.ts';",
      'lib/platform/sweep.ts': "export { weComStore } from '../wecom/wecom-store.ts';",
    },
    offences: [
      'lib/conversations/tell.ts: ../routing/routing-store.ts',
      'lib/platform/sweep.ts: ../wecom/wecom-store.ts',
    ],
  },
  {
    title: 'the AWS SDK appears only in lib/store, lib/events and lib/platform',
    rule: fewKnowAws,
    spoilt: {
      'lib/wecom/api.ts': "import { SQSClient } from '@aws-sdk/client-sqs';",
      'lib/routing/agent.ts': "import type { SQSClient } from '@aws-sdk/client-sqs';",
      'lib/store/dynamo-table.ts': "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
      'functions/wiring/rooms.ts': "import type { SQSClient } from '@aws-sdk/client-sqs';",
      'functions/sweep.ts': "import { SQSClient } from '@aws-sdk/client-sqs';",
    },
    offences: [
      'lib/wecom/api.ts: @aws-sdk/client-sqs',
      'lib/routing/agent.ts: @aws-sdk/client-sqs',
      'functions/sweep.ts: @aws-sdk/client-sqs',
    ],
  },
  {
    title: 'the environment is read at the doors',
    rule: settingsComeInAtTheDoor,
    spoilt: {
      'lib/platform/log.ts': 'const level = process.env.LOG_LEVEL;',
      'functions/sweep.ts': 'readConfig(process.env, []);',
      'commands/config.ts': 'process.env.STAGE;',
    },
    offences: ['lib/platform/log.ts: process.env'],
  },
  {
    title: 'the practice yard and the house share no code',
    rule: theYardIsApart,
    spoilt: {
      'local/wecom/crypto.ts': "import { decrypt } from '../../lib/wecom/callback-crypto.ts';",
      'local/start.ts': "const door = await import('../functions/sweep.ts');",
      'functions/sweep.ts': "import { startStack } from '../local/stack.ts';",
      'lib/platform/clock.ts': "import type { Clock } from '../../local/clock.ts';",
    },
    offences: [
      'local/wecom/crypto.ts: ../../lib/wecom/callback-crypto.ts',
      'local/start.ts: ../functions/sweep.ts',
      'functions/sweep.ts: ../local/stack.ts',
      'lib/platform/clock.ts: ../../local/clock.ts',
    ],
  },
  {
    title: 'the WeCom simulator stands on its own',
    rule: theSimulatorIsApart,
    spoilt: {
      'local/wecom/http.ts': "import { listen } from '../http-server.ts';\nimport { world } from './world.ts';",
    },
    offences: ['local/wecom/http.ts: ../http-server.ts'],
  },
  {
    title: 'events are only descriptions',
    rule: eventsAreOnlyDescriptions,
    spoilt: {
      'events/catalogue.ts': "import { A } from './a.ts';",
      'events/a.ts':
        "import * as z from 'zod';\nimport { defineEvent } from '../lib/events/define-event.ts';\nimport { publisher } from '../lib/events/publish.ts';",
    },
    offences: ['events/a.ts: ../lib/events/publish.ts'],
  },
  {
    title: 'rooms do not know their doors',
    rule: roomsDoNotKnowTheirDoors,
    spoilt: { 'lib/platform/sweep.ts': "import '../../functions/sweep.ts';" },
    offences: ['lib/platform/sweep.ts: ../../functions/sweep.ts'],
  },
  {
    title: 'zod is imported as one namespace',
    rule: zodIsOneNamespace,
    spoilt: {
      'lib/wecom/a.ts': "import { z } from 'zod';",
      'lib/wecom/b.ts': "import z from 'zod';",
      'lib/wecom/c.ts': "import * as z from 'zod';\nimport type { ZodType } from 'zod';",
      'lib/wecom/d.ts': "import { object } from 'zod/mini';",
    },
    offences: ['lib/wecom/a.ts: zod', 'lib/wecom/b.ts: zod', 'lib/wecom/d.ts: zod/mini'],
  },
  {
    title: 'receive-callback loads neither the AWS SDK nor the whole of zod',
    rule: theCallbackStartsFast,
    spoilt: {
      'functions/receive-callback.ts': "import { receive } from '../lib/wecom/callback.ts';",
      'lib/wecom/callback.ts':
        "import type { Log } from '../platform/log.ts';\nexport { send } from '../platform/queues.ts';\nimport { parse } from './parse.ts';",
      'lib/wecom/parse.ts': "import * as z from 'zod';\nimport * as mini from 'zod/mini';",
      'lib/platform/queues.ts': "import { SQSClient } from '@aws-sdk/client-sqs';",
      'lib/platform/log.ts': "import { X } from '@aws-sdk/client-dynamodb';",
    },
    offences: ['functions/receive-callback.ts: @aws-sdk/client-sqs', 'functions/receive-callback.ts: zod'],
  },
  {
    title: 'the stack’s plugin stands on its own',
    rule: theStackStandsAlone,
    spoilt: {
      'stack/plugin.ts': "import * as z from 'zod';\nimport { count } from '../lib/platform/metrics.ts';",
      'local/stack.ts': "import { finishTemplate } from '../stack/finish.ts';",
    },
    offences: ['stack/plugin.ts: ../lib/platform/metrics.ts', 'local/stack.ts: ../stack/finish.ts'],
  },
  {
    title: 'metrics are told apart by stage',
    rule: metricsNameTheirStage,
    spoilt: {
      'functions/sweep.ts': 'configureLog({});\nconfigureMetrics({});',
      'functions/fire-timers.ts': 'configureLog({});',
    },
    offences: ['functions/fire-timers.ts: its metrics have no stage'],
  },
  {
    title: 'functions do not load what only commands need',
    rule: functionsCarryNothingOfCommands,
    spoilt: {
      'functions/route-message.ts': "import { faqFromCsv } from '../lib/replies/faq-csv.ts';",
      'functions/sweep.ts': "import type { ReadCsv } from '../lib/replies/faq-csv.ts';",
      'lib/replies/faq-csv.ts': "import { parse } from 'csv-parse/sync';",
      'commands/faq.ts': "import { faqToCsv } from '../lib/replies/faq-csv.ts';",
    },
    offences: ['functions/route-message.ts: csv-parse/sync'],
  },
  {
    title: 'the evaluator of policies is for the laptop only',
    rule: theEvaluatorStaysInTheYard,
    spoilt: {
      'local/permissions.ts': "import { runSimulation } from '@cloud-copilot/iam-simulate';",
      'test/local/permissions.test.ts': "import { runSimulation } from '@cloud-copilot/iam-simulate';",
      'local/stack.ts': "import { runSimulation } from '@cloud-copilot/iam-simulate';",
      'lib/platform/a.ts': "import type { Simulation } from '@cloud-copilot/iam-simulate';",
    },
    offences: ['local/stack.ts: @cloud-copilot/iam-simulate', 'lib/platform/a.ts: @cloud-copilot/iam-simulate'],
  },
  {
    title: 'files and folders are named in kebab-case',
    rule: namesAreKebabCase,
    spoilt: {
      'lib/contact-me/openWay.ts': '',
      'lib/Routing/agent.ts': '',
      'lib/routing/choose_agent.ts': '',
      'lib/routing/choose-agent.test.ts': '',
      'local/dynalite.d.ts': '',
      'lib/routing/README.md': '',
    },
    offences: [
      'lib/contact-me/openWay.ts: not kebab-case',
      'lib/Routing/agent.ts: not kebab-case',
      'lib/routing/choose_agent.ts: not kebab-case',
    ],
  },
  {
    title: 'every folder with code has a README',
    rule: foldersIntroduceThemselves,
    spoilt: {
      'lib/routing/agent.ts': '',
      'lib/store/table.ts': '',
      'lib/store/README.md': '',
      'functions/wiring/rooms.ts': '',
    },
    offences: ['lib/routing/README.md: missing', 'functions/README.md: missing'],
  },
  {
    title: `no file is longer than ${LONGEST} lines, no test longer than ${LONGEST_TEST}`,
    rule: filesAreSmall,
    spoilt: {
      'lib/routing/agent.ts': '\n'.repeat(LONGEST + 1),
      'lib/routing/team.ts': '\n'.repeat(LONGEST),
      'test/rooms/agent.test.ts': '\n'.repeat(LONGEST_TEST + 1),
      'test/rooms/team.test.ts': '\n'.repeat(LONGEST_TEST),
    },
    offences: [`lib/routing/agent.ts: ${LONGEST + 1} lines`, `test/rooms/agent.test.ts: ${LONGEST_TEST + 1} lines`],
  },
];

describe.each(guards)('$title', ({ rule, spoilt, offences }) => {
  test('in this house', () => {
    expect(rule(house)).toEqual([]);
  });

  test('and where it is not so, the file is named', () => {
    expect(rule(spoilt)).toEqual(offences);
  });
});

test('the guards see the house', () => {
  expect(codeIn(house, 'lib').filter(isCore).length).toBeGreaterThan(15);
  expect(codeIn(house, 'lib').filter(isStore).length).toBeGreaterThan(3);
  const uses = Object.entries(USES).flatMap(([room, names]) => names.map((name) => `lib/${room}/${name}.ts`));
  expect(uses.filter((path) => !(path in house))).toEqual([]);
  expect([...reachedFrom(house, 'functions/receive-callback.ts')]).toContain('lib/wecom/callback-crypto.ts');
});

test('an import that the scan cannot read is an error, not a gap', () => {
  const tree = { 'lib/a.ts': 'import { "odd name" as odd } from \'./b.ts\';' };
  expect(() => importsOf(tree, 'lib/a.ts')).toThrow('lib/a.ts');
});
