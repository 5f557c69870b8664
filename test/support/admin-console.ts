import { type AccessStore, accessStore } from '../../lib/access/access-store.ts';
import { guarded } from '../../lib/access/guard.ts';
import { logins } from '../../lib/access/login.ts';
import type { Role } from '../../lib/access/roles.ts';
import { cookieOf, SESSION_LIVES } from '../../lib/access/session.ts';
import { aboutRoutes } from '../../lib/admin/about-routes.ts';
import { accountDutyRoutes } from '../../lib/admin/account-duties.ts';
import { type AdminApi, adminRoutes } from '../../lib/admin/admin-api.ts';
import { auditRoutes } from '../../lib/admin/audit-routes.ts';
import type { AdminEntries } from '../../lib/admin/entries.ts';
import { guardedRoutes } from '../../lib/admin/guarded-routes.ts';
import { type AdminKnowledge, knowledgeRoutes } from '../../lib/admin/knowledge.ts';
import { operations } from '../../lib/admin/operations.ts';
import { teamsOf } from '../../lib/admin/scope.ts';
import { type AdminServicers, servicerRoutes } from '../../lib/admin/servicers.ts';
import { standingRoutes } from '../../lib/admin/standing.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import { figureStore } from '../../lib/conversations/figure-store.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { quickReplyStore } from '../../lib/replies/quick-reply-store.ts';
import { quickReplyUsageStore } from '../../lib/replies/quick-reply-usage-store.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table, TableShape } from '../../lib/store/table.ts';
import {
  accessShape,
  contactWaysShape,
  conversationsShape,
  repliesShape,
  routingShape,
  wecomShape,
} from '../../lib/store/tables.ts';
import { accountDutyStore } from '../../lib/wecom/account-duty-store.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from './admin-contract.ts';
import { adminEntries } from './admin-entries.ts';
import { adminHandOvers } from './admin-hand-overs.ts';
import { adminWays } from './admin-ways.ts';
import { memoryTable } from './memory-table.ts';
import { noMedia } from './no-media.ts';

export const NOON = Date.UTC(2026, 0, 15, 12);
export const CORP = 'ww0123456789abcdef';
export const SIGNER = 'arn:aws:sts::123456789012:assumed-role/Admins/Lee';
const KEY = 'the key of the cookies';
const OURS = 'https://example.org';

export interface Ask {
  readonly body?: unknown;
  /** In place of `body`: sent as it stands. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** A member who is logged in; absent: the request is signed for AWS; null: nobody. */
  readonly as?: string | null | undefined;
}

/**
 * The admin API behind its guard, over tables in memory, at noon; every answer is held to its contract (`admin-contract.ts`). `known` are the supervisors, `codes` what WeCom says of login codes; `wrap` may
 * spoil a table.
 */
export function adminConsole(
  room: {
    readonly known?: Readonly<Record<string, { role: Role; teams: readonly string[] }>>;
    readonly codes?: Readonly<Record<string, string>>;
    readonly callsPerMinute?: number;
    readonly doubles?: Partial<AdminApi>;
    readonly wrap?: (store: AccessStore) => AccessStore;
    /** Every table; in memory, unless said. */
    readonly table?: (shape: TableShape) => Table;
    /** What WeCom does, or refuses. */
    readonly kf?: Partial<Awaited<ReturnType<AdminServicers['kfOf']>>>;
    readonly newLink?: AdminEntries['newLink'];
    readonly knowledge?: AdminKnowledge['knowledge'];
    readonly faq?: AdminKnowledge['faq'];
  } = {},
) {
  const table = room.table ?? memoryTable;
  let now = NOON;
  let ids = 0;
  const clock = () => now;
  const known = new Map(Object.entries(room.known ?? {}));
  const settings = { attentionAfterMs: MINUTE, keepMs: DAY };
  const routingTable = table(routingShape('routing'));
  const conversationsTable = table(conversationsShape('conversations'));
  const repliesTable = table(repliesShape('replies'));
  const routing = routingStore(routingTable, inbox(routingTable, settings));
  const conversations = conversationStore(conversationsTable, inbox(conversationsTable, settings), DAY);
  const access = accessStore(table(accessShape('access')));
  const store = room.wrap?.(access) ?? access;
  const ways = adminWays({}, table(contactWaysShape('ways')));
  const entrances = entranceStore(repliesTable);
  const library = quickReplyStore(repliesTable);
  const api: AdminApi = {
    clock,
    routing,
    wakeTeam: async () => undefined,
    conversations,
    figures: { zone: DEFAULT_ZONE, store: figureStore(conversationsTable, DEFAULT_ZONE) },
    media: noMedia,
    ways,
    entries: adminEntries({ store: entrances, ...(room.newLink && { newLink: room.newLink }) }),
    handOvers: adminHandOvers(),
    quickReplies: {
      zone: DEFAULT_ZONE,
      ...library,
      usage: quickReplyUsageStore(repliesTable, DEFAULT_ZONE).usage,
      ruleSets: ruleSetStore(repliesTable).configured,
    },
    withWeCom: {
      ...accountDutyRoutes(
        {
          duties: accountDutyStore(table(wecomShape('wecom'))),
          appOf: async () => 'main',
          goOn: async () => undefined,
          newId: () => 'run',
        },
        clock,
      ),
      ...standingRoutes({ conversations, routing, tell: async () => undefined }, clock),
      ...servicerRoutes(
        {
          configured: routing.configured,
          agents: routing.agents,
          alsoServing: async () => () => ({ teams: [], agents: [] }),
          kfOf: async () => ({
            listServicers: async () => [],
            listAccounts: async () => [],
            addServicer: async () => ({ errcode: 0 }),
            removeServicer: async () => ({ errcode: 0 }),
            ...room.kf,
          }),
          noteAdded: async () => undefined,
        },
        clock,
      ),
      ...knowledgeRoutes(
        {
          faq: room.faq ?? (async () => undefined),
          knowledge:
            room.knowledge ??
            (async () => {
              throw new Error('There is no WeCom here');
            }),
        },
        clock,
      ),
    },
    ...room.doubles,
  };
  const find = async (id: string) => {
    const conversation = await conversations.read(id, now);
    return conversation.version > 0 ? conversation : undefined;
  };
  const newId = () => {
    ids += 1;
    return `id${ids}`;
  };
  const guard = { clock, teamsOf: teamsOf(routing, find), newId };
  const audit = {
    begin: (record: Parameters<AccessStore['begin']>[0]) => store.begin(record, 400 * DAY),
    end: store.end,
  };
  const routes = guardedRoutes(
    { ...adminRoutes(api), ...auditRoutes({ keptMs: 400 * DAY, audit: store.audit }, clock), ...aboutRoutes() },
    operations,
    { ...guard, audit },
  );
  const perMinute = room.callsPerMinute ?? 1000;
  const bare = httpDoor(
    guarded(
      {
        clock,
        key: async () => KEY,
        corpId: async () => CORP,
        rightsOf: async (userid) => known.get(userid),
        isEnded: store.isEnded,
        mayAsk: (caller) => store.takeTurn(caller, now, perMinute),
      },
      logins({
        clock,
        key: async () => KEY,
        app: async () => ({ corpId: CORP, agentId: 1000002 }),
        memberOf: async (code) => room.codes?.[code],
        isKnown: async (userid) => known.has(userid),
        endSession: store.endSession,
        mayTry: (sourceIp) => store.takeTurn(`login#${sourceIp}`, now, 5),
        random: newId,
      }),
      httpRouter(routes),
    ),
  );
  const door = heldToContract(bare, { behindGuard: true });

  return {
    routing,
    conversations,
    entries: entrances,
    library,
    access,
    ways,
    known,
    patterns: Object.keys(routes),
    travel(ms: number) {
      now += ms;
    },
    /** The event as API Gateway sends it, for the route with the IAM authorizer or the one without. */
    async ask(method: string, path: string, { body, text: raw, headers = {}, query = '', as }: Ask = {}) {
      const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const one = anHttpEvent({ method, query, ...(text !== undefined && { body: text }) });
      const prefix = as === undefined ? '/admin/v1' : '/console/v1';
      const session = { corpId: CORP, userid: String(as), id: `session of ${as}`, until: NOON + SESSION_LIVES };
      const cookie = cookieOf('session', KEY, session, NOON).split(';')[0] ?? '';
      const authorizer = { iam: { userArn: SIGNER, accountId: '123456789012', accessKey: 'AKIA', userId: 'AROA:Lee' } };
      const event = {
        ...one,
        headers: {
          ...one.headers,
          'x-amzn-trace-id': 'Root=1-2-3',
          ...(typeof as === 'string' && { origin: OURS }),
          ...headers,
        },
        ...(typeof as === 'string' && { cookies: [cookie] }),
        rawPath: `${prefix}/${path}`,
        pathParameters: { proxy: path },
        requestContext: { ...one.requestContext, ...(as === undefined && { authorizer }) },
      };
      const answer = await door(event);
      const json = /json/.test(String(answer.headers?.['content-type']));
      return {
        status: answer.statusCode ?? 0,
        headers: answer.headers ?? {},
        etag: String(answer.headers?.etag),
        cookies: answer.cookies ?? [],
        body: json ? JSON.parse(answer.body ?? 'null') : answer.body,
      };
    },
  };
}

export type AdminConsole = ReturnType<typeof adminConsole>;
