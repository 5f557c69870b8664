import { type ContactWayStore, contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { type Conversation, emptyConversation, idFrom } from '../../lib/conversations/conversation.ts';
import type { KeptMedia } from '../../lib/media/kept-media.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import type { Faq } from '../../lib/replies/faq.ts';
import { chooseAgent } from '../../lib/routing/choose-agent.ts';
import { recordOf } from '../../lib/routing/decision-record.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table, TableShape } from '../../lib/store/table.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { WeComError, WeComUnreachable } from '../../lib/wecom/errors.ts';
import type { KnowledgeApi } from '../../lib/wecom/knowledge-api.ts';
import { anAgent, someFacts } from '../rooms/routing/routing-facts.ts';
import { type AdminConsole, type Ask, adminConsole, NOON } from './admin-console.ts';
import { adminWays } from './admin-ways.ts';
import { memoryTable } from './memory-table.ts';

/** What WeCom does when it is asked. */
export type WeComMood = 'well' | 'refuses' | 'sleeps' | 'breaks';

/** What an error of the inside says, and nobody outside may read. */
export const INTERNAL = 'arn:aws:dynamodb:::table/inside of wmEve';

/** Who asks: each role for the team `support`, for the team `sales` alone, or for all. */
export const PEOPLE = {
  'viewer of support': { role: 'viewer', teams: ['support'] },
  'viewer of sales': { role: 'viewer', teams: ['sales'] },
  'viewer of all': { role: 'viewer', teams: ['*'] },
  'supervisor of support': { role: 'supervisor', teams: ['support'] },
  'supervisor of sales': { role: 'supervisor', teams: ['sales'] },
  'supervisor of all': { role: 'supervisor', teams: ['*'] },
  'operator of support': { role: 'operator', teams: ['support'] },
  'operator of all': { role: 'operator', teams: ['*'] },
} as const;

export const CONVERSATION = 'wkSupport:wmEve';
/** Nobody was asked for in it. */
export const QUIET = 'wkSupport:wmQuiet';
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
const FAQ: Faq = [
  { id: 'open', question: '周末营业吗？', similar: [], answer: { text: '营业' }, tags: [], enabled: true },
  { id: 'off', question: '旧的', similar: [], answer: { text: '旧的' }, tags: [], enabled: false },
];
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1);

/** The admin API over a furnished house: of everything there is one, and it is the team `support`'s where it is any team's. */
export interface AdminHouse extends AdminConsole {
  /** How WeCom, its picture host and a message's file are from now on. */
  set(facts: {
    wecom?: WeComMood;
    picture?: 'png' | 'jpeg' | 'none';
    file?: KeptMedia | 'not yet';
    hasFaq?: boolean;
  }): void;
}

export async function adminHouse(
  more: { readonly callsPerMinute?: number; readonly table?: (shape: TableShape) => Table } = {},
): Promise<AdminHouse> {
  let wecom: WeComMood = 'well';
  let picture: 'png' | 'jpeg' | 'none' = 'png';
  let file: KeptMedia | 'not yet' = { is: 'kept', bytes: 3, contentType: 'image/png' };
  let hasFaq = true;
  /** As WeCom would, in whichever mood it is. */
  const asked = async <T>(answer: T): Promise<T> => {
    if (wecom === 'refuses') throw new WeComError({ api: 'kf/any', errcode: 95004 });
    if (wecom === 'sleeps') throw new WeComUnreachable({ api: 'kf/any', reason: 'time-out', mayHaveActed: false });
    if (wecom === 'breaks') throw new RangeError(INTERNAL, { cause: new Error(INTERNAL) });
    return answer;
  };
  const knowledge: KnowledgeApi = {
    listGroups: () => asked([]),
    listItems: () =>
      asked([
        { intentId: 'i1', groupId: 'g1', question: '几点开门？', similar: [], text: '九点', attachments: [] },
        { intentId: 'i2', groupId: 'g1', question: '有照片吗？', similar: [], text: '', attachments: ['image'] },
      ]),
    addGroup: () => asked('g2'),
    addItem: () => asked('i3'),
    ...{ renameGroup: () => asked(undefined), deleteGroup: () => asked(undefined) },
    ...{ changeItem: () => asked(undefined), deleteItem: () => asked(undefined) },
  };
  const { table = memoryTable } = more;
  const waysTable = table(contactWaysShape('ways'));
  const waysStore = contactWayStore(waysTable, inbox(waysTable, { attentionAfterMs: MINUTE, keepMs: DAY }));
  const ways = adminWays(
    {
      store: waysStore,
      download: async () =>
        picture === 'none' ? new Response(null, { status: 404 }) : new Response(picture === 'png' ? PNG : JPEG),
    },
    waysTable,
  );
  const console = adminConsole({
    ...more,
    known: PEOPLE,
    newLink: (account, scene) => asked(`https://work.weixin.qq.com/kf/${account}?enc_scene=${scene}`),
    knowledge: async () => knowledge,
    faq: async () => (hasFaq ? FAQ : undefined),
    kf: {
      listAccounts: () => asked([{ openKfId: 'wkSupport', name: 'Support', managed: true }]),
      listServicers: () => asked([{ agentId: 'bob', status: 'receiving' as const }, { departmentId: 7 }]),
      addServicer: () => asked({ errcode: 0 }),
      removeServicer: () => asked({ errcode: 95006 }),
    },
    doubles: {
      ways,
      media: {
        read: async (_, message) =>
          message === 'm1'
            ? { app: 'main', mediaId: 'media', sentAt: NOON, ...(file !== 'not yet' && { kept: file }) }
            : undefined,
        linkTo: () => asked('https://files.example/one?signed=1'),
      },
    },
  });
  await furnish(console, waysStore);
  return {
    ...console,
    set(facts) {
      ({ wecom = wecom, picture = picture, file = file, hasFaq = hasFaq } = facts);
    },
  };
}

async function furnish(console: AdminConsole, ways: ContactWayStore): Promise<void> {
  const { routing, conversations, entries, ask } = console;
  for (const [teamId, agentId, account] of [
    ['sales', 'ann', 'wkSales'],
    ['support', 'bob', 'wkSupport'],
  ] as const) {
    await routing.saveTeam({ teamId, agents: [agentId], endAfterSilenceSeconds: 600 });
    await routing.saveAgent({ agentId, capacity: 2, duty: 'on', teams: [teamId] });
    await routing.assignAccount(account, teamId);
  }
  await routing.notePresence('bob', 'wkSupport', { status: 'receiving', at: NOON });
  await routing.claim('bob', `${CONVERSATION}#r0`, NOON);
  const wish = { openKfId: 'wkSupport', excluded: {}, skills: { refunds: 2 }, language: 'zh', priority: 1 };
  await routing.putInLine('support', { ...wish, r: REQUEST, conversationId: CONVERSATION, askedAt: NOON - MINUTE });
  const facts = someFacts([anAgent('bob')]);
  const decision = chooseAgent(facts);
  const choice = { r: REQUEST, n: 1, agentId: 'bob', element: `${CONVERSATION}#r1`, why: decision.why };
  await routing.recordChoice(
    { ...choice, request: facts.request, status: 'told' },
    NOON,
    recordOf('support', facts, decision),
  );

  const found: Conversation = {
    ...emptyConversation(CONVERSATION, NOON),
    session: { state: 'bot', since: NOON - MINUTE, verifiedAt: NOON },
    request: { r: REQUEST, teamId: 'support', askedAt: NOON, because: 'customer', waiting: true },
  };
  await conversations.save(found, 0, NOON);
  await conversations.save(emptyConversation(QUIET, NOON), 0, NOON);
  const body = { id: 'm1', app: 'main', sentAt: NOON, kind: 'message', type: 'text', text: '你好' };
  await conversations.inbox.put({
    owner: CONVERSATION,
    entry: 'msg#m1',
    order: pullOrder(1, 0),
    body,
    at: NOON,
  });

  await entries.saveEntrances([{ id: 'poster', account: 'wkSupport', scene: 'poster', language: 'zh' }]);
  const made = [
    await ask('PUT', 'contact-ways/expo', { body: WAY, headers: NEW }),
    await ask('PUT', 'quick-replies/hours', { body: { zh: '九点', folder: '常用' }, headers: NEW }),
  ];
  if (made.some(({ status }) => status !== 201)) throw new Error('The house is not furnished');
  const code = { configId: 'c1', qrCodeUrl: 'https://pictures.example/1' };
  await ways.save({ ...(await ways.read('expo', 'Asia/Shanghai', NOON)), code }, NOON);
}

/** As a conversation names its requests: nobody can tell from it whose it is. */
const REQUEST = idFrom(CONVERSATION, 0, 'request', 1);
const WAY = { name: 'Expo', mode: 'pool', members: ['ann'] };
const NEW = { 'if-none-match': '*' };
const AS_IT_IS = { 'if-match': '*' };

const conversation = `conversations/${encodeURIComponent(CONVERSATION)}`;
const decisions = `decisions/${encodeURIComponent(REQUEST)}`;

/** A request of every operation that this house answers as asked: where, and with what. */
export const RIGHT: Readonly<Record<string, readonly [path: string, ask?: Ask]>> = {
  'GET /health': ['health'],
  'GET /me': ['me'],
  'GET /openapi.json': ['openapi.json'],
  'GET /audit': ['audit'],
  'GET /teams': ['teams'],
  'GET /agents/{agentId}/duty': ['agents/bob/duty'],
  'PUT /agents/{agentId}/duty': ['agents/bob/duty', { body: { duty: 'off' }, headers: AS_IT_IS }],
  'GET /decisions/{r}': [decisions],
  'GET /figures': ['figures', { query: 'team=support' }],
  'GET /conversations/{id}': [conversation],
  'GET /conversations/{id}/history': [`${conversation}/history`],
  'GET /conversations/{id}/media/{message}': [`${conversation}/media/m1`],
  'POST /conversations/{id}/hand-over': [`${conversation}/hand-over`, { body: { to: { agentId: 'ann' } } }],
  'GET /conversations/{id}/standing': [`${conversation}/standing`],
  'POST /conversations/{id}/free-places': [`${conversation}/free-places`],
  'GET /contact-ways': ['contact-ways'],
  'GET /contact-ways/strange-codes': ['contact-ways/strange-codes'],
  'GET /contact-ways/{id}': ['contact-ways/expo'],
  'PUT /contact-ways/{id}': ['contact-ways/expo', { body: { ...WAY, paused: true }, headers: AS_IT_IS }],
  'DELETE /contact-ways/{id}': ['contact-ways/expo', { headers: AS_IT_IS }],
  'POST /contact-ways/{id}/pause': ['contact-ways/expo/pause'],
  'POST /contact-ways/{id}/resume': ['contact-ways/expo/resume'],
  'GET /contact-ways/{id}/members/{agentId}/duty': ['contact-ways/expo/members/ann/duty'],
  'PUT /contact-ways/{id}/members/{agentId}/duty': [
    'contact-ways/expo/members/ann/duty',
    { body: { duty: 'off' }, headers: AS_IT_IS },
  ],
  'GET /contact-ways/{id}/code': ['contact-ways/expo/code'],
  'GET /contact-ways/{id}/code.svg': ['contact-ways/expo/code.svg'],
  'GET /contact-ways/{id}/code.png': ['contact-ways/expo/code.png'],
  'GET /entries': ['entries'],
  'GET /entries/{id}': ['entries/poster'],
  'GET /entries/{id}/code.svg': ['entries/poster/code.svg'],
  'GET /entries/{id}/code.png': ['entries/poster/code.png'],
  'GET /quick-replies': ['quick-replies'],
  'GET /quick-replies/{id}': ['quick-replies/hours'],
  'PUT /quick-replies/{id}': ['quick-replies/hours', { body: { zh: '八点' }, headers: AS_IT_IS }],
  'DELETE /quick-replies/{id}': ['quick-replies/hours', { headers: AS_IT_IS }],
  'GET /accounts': ['accounts'],
  'GET /accounts/{openKfId}/servicers': ['accounts/wkSupport/servicers'],
  'POST /accounts/{openKfId}/servicers': ['accounts/wkSupport/servicers', { body: { remove: ['bob', 'old'] } }],
  'GET /accounts/{openKfId}/duty': ['accounts/wkSupport/duty'],
  'POST /accounts/{openKfId}/observe': ['accounts/wkSupport/observe', { body: { on: true } }],
  'POST /accounts/{openKfId}/adopt': ['accounts/wkSupport/adopt'],
  'POST /accounts/{openKfId}/release': ['accounts/wkSupport/release'],
  'GET /knowledge': ['knowledge'],
  'POST /knowledge': ['knowledge', { body: { dryRun: false, remove: false } }],
};
