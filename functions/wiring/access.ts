import { randomBytes, randomUUID } from 'node:crypto';
import { accessStore } from '../../lib/access/access-store.ts';
import { type Guard, guarded } from '../../lib/access/guard.ts';
import { type Logins, logins } from '../../lib/access/login.ts';
import { aboutRoutes } from '../../lib/admin/about-routes.ts';
import { type AdminApi, adminRoutes } from '../../lib/admin/admin-api.ts';
import { auditRoutes } from '../../lib/admin/audit-routes.ts';
import { guardedRoutes } from '../../lib/admin/guarded-routes.ts';
import { operations } from '../../lib/admin/operations.ts';
import { teamsOf } from '../../lib/admin/scope.ts';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { DAY, systemClock } from '../../lib/platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import type { Table } from '../../lib/store/table.ts';
import type { weComRoom } from './wecom.ts';

/** The app by which people log in. */
const LOGIN_APP = 'main';
/** Enough for a person, and for a browser page that looks every few seconds. */
const LOGINS_PER_MINUTE = 20;

/** The admin API with its door: who may come in, what he may do, and what is written down of it. */
export function adminBehindGuard(
  room: AdminApi,
  access: {
    readonly table: Table;
    readonly wecomTable: Table;
    wecom(): ReturnType<typeof weComRoom>;
    /** Days, as the setting has it. */
    readonly auditDays: string;
    readonly callsPerMinute: string;
    readonly address: string | undefined;
  },
): (request: HttpRequest) => Promise<HttpAnswer> {
  const clock = systemClock;
  const store = accessStore(access.table);
  const { settings } = noticesStore(access.wecomTable);
  const keptMs = Number(access.auditDays) * DAY;
  const most = Number(access.callsPerMinute);

  const rightsOf: Guard['rightsOf'] = async (userid) => {
    const supervisor = (await settings()).supervisors.find(({ id }) => id === userid);
    return supervisor && { role: supervisor.role ?? 'viewer', teams: supervisor.teams };
  };
  const key = async () => (await access.wecom()).consoleKey();
  const login: Logins = {
    clock,
    key,
    async app() {
      const { corpId, agentIdOf } = await access.wecom();
      return { corpId, agentId: agentIdOf(LOGIN_APP) };
    },
    memberOf: async (code) => (await access.wecom()).memberOfCode(LOGIN_APP, code),
    isKnown: async (userid) => (await rightsOf(userid)) !== undefined,
    endSession: store.endSession,
    mayTry: (sourceIp) => store.takeTurn(`login#${sourceIp}`, clock(), LOGINS_PER_MINUTE),
    random: () => randomBytes(24).toString('hex'),
  };
  const guard: Guard = {
    clock,
    key,
    corpId: async () => (await access.wecom()).corpId,
    rightsOf,
    isEnded: store.isEnded,
    mayAsk: (caller) => store.takeTurn(caller, clock(), most),
    address: access.address,
  };
  const find = async (conversationId: string) => {
    const conversation = await room.conversations.read(conversationId, clock());
    return conversation.version > 0 ? conversation : undefined;
  };
  const routes = guardedRoutes(
    { ...adminRoutes(room), ...auditRoutes({ keptMs, audit: store.audit }, clock), ...aboutRoutes() },
    operations,
    {
      clock,
      teamsOf: teamsOf(room.routing, find),
      audit: { begin: (record) => store.begin(record, keptMs), end: store.end },
      newId: randomUUID,
    },
  );
  return guarded(guard, logins(login), httpRouter(routes));
}
