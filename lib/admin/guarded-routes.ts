import type { AuditRecord } from '../access/audit-record.ts';
import { concernsTeams, hasAllTeams, mayDo } from '../access/roles.ts';
import type { Clock } from '../platform/clock.ts';
import type { Caller, HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import { revisionOf } from '../store/revision.ts';
import type { Operation } from './operation.ts';
import { readJson } from './read-json.ts';
import type { TeamsOf } from './scope.ts';

/** What standing before the routes needs. */
export interface RouteGuard {
  readonly clock: Clock;
  readonly teamsOf: TeamsOf;
  readonly audit: {
    /** Before the change. Where this fails, nothing is changed. */
    begin(record: AuditRecord): Promise<void>;
    end(record: AuditRecord, end: Pick<AuditRecord, 'outcome' | 'status' | 'after'>): Promise<void>;
  };
  newId(): string;
}

/**
 * Every route behind what its contract wants: a role, a team, an ETag, and a record of every change that is there before the change is.
 * A route without a contract does not start.
 */
export function guardedRoutes(
  routes: Readonly<Record<string, Route>>,
  operations: Readonly<Record<string, Operation>>,
  guard: RouteGuard,
): Readonly<Record<string, Route>> {
  return Object.fromEntries(
    Object.entries(routes).map(([pattern, route]) => {
      const operation = Object.hasOwn(operations, pattern) ? operations[pattern] : undefined;
      if (!operation) throw new Error(`${pattern} has no contract: add it to lib/admin/operations.ts`);
      return [pattern, stand(pattern, operation, route)];
    }),
  );

  function stand(pattern: string, operation: Operation, route: Route): Route {
    return async (request, variables) => {
      const { caller } = request;
      if (!caller) return problem(401, 'Nobody knows who asks.');
      if (!Object.values(variables).every(isName)) return NO_NAME;
      const refused = (await notAllowed(operation, caller, request, variables)) ?? withoutCondition(operation, request);
      if (refused) return refused;
      const isChange = request.method !== 'GET' && request.method !== 'HEAD';
      return isChange
        ? recorded(pattern, operation, route, { ...request, caller }, variables)
        : route(request, variables);
    };
  }

  async function notAllowed(
    { role, scope }: Operation,
    caller: Caller,
    { query }: HttpRequest,
    variables: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer | undefined> {
    if (!mayDo(caller.role, role)) return problem(403, `This is for the role ${role}; yours is ${caller.role}.`);
    if (scope === 'anybody' || hasAllTeams(caller)) return undefined;
    if (scope === 'house') return NOT_ONE_TEAMS;
    return concernsTeams(caller, await guard.teamsOf(scope, variables, query)) ? undefined : NOT_YOUR_TEAMS;
  }

  async function recorded(
    operation: string,
    { records = [] }: Operation,
    route: Route,
    request: HttpRequest & { readonly caller: Caller },
    variables: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer> {
    const { caller, body, headers } = request;
    const written = body.byteLength > 0 ? readJson(body) : undefined;
    const wish = Object.fromEntries(Object.entries(Object(written)).filter(([name]) => records.includes(name)));
    const { kind, name, role } = caller;
    const [match, traceId] = [headers['if-match'], headers['x-amzn-trace-id']];
    const record: AuditRecord = {
      id: guard.newId(),
      at: guard.clock(),
      by: { kind, name, role },
      operation,
      target: { ...variables },
      ...(Object.keys(wish).length > 0 && { wish }),
      ...(written !== undefined && { body: revisionOf(written) }),
      ...(match !== undefined && match !== '*' && { before: match.slice(0, MOST_TAG) }),
      ...(traceId !== undefined && { traceId }),
      outcome: 'begun',
    };
    await guard.audit.begin(record);
    const answer = await route(request, variables);
    const after = answer.status < 300 ? answer.headers?.etag : undefined;
    await end(record, { outcome: outcomeOf(answer), status: answer.status, ...(after !== undefined && { after }) });
    return answer;
  }

  /** The change is made or refused, whatever becomes of this; the record then says that nobody noted its end. */
  async function end(record: AuditRecord, how: Pick<AuditRecord, 'outcome' | 'status' | 'after'>): Promise<void> {
    try {
      await guard.audit.end(record, how);
    } catch (error) {
      log.warn('end of a change not noted', { entry: record.id, ...errorFields(error) });
    }
  }
}

const MOST_TAG = 200;
/** In bytes: more than any id has, and less than a table takes as a key (DynamoDB: 1024 and 2048). */
const MOST_NAME = 512;
const isName = (text: string): boolean => Buffer.byteLength(text) <= MOST_NAME;

/** What is there may only be changed by whoever has seen it; what is not there, by whoever knows that it is not. */
function withoutCondition({ matched }: Operation, { method, headers }: HttpRequest): HttpAnswer | undefined {
  if (matched !== true || headers['if-match'] !== undefined) return undefined;
  return method === 'PUT' && headers['if-none-match']?.trim() === '*' ? undefined : UNCONDITIONAL;
}

function outcomeOf({ status }: HttpAnswer): AuditRecord['outcome'] {
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
}

const NO_NAME = problem(400, `Nothing here has a name of more than ${MOST_NAME} bytes.`);
const NOT_ONE_TEAMS = problem(403, 'This concerns all teams; you are let in for some of them.');
const NOT_YOUR_TEAMS = problem(403, 'This is none of your teams’.');
const UNCONDITIONAL = problem(
  428,
  'Say what you saw: send the ETag of a GET as If-Match, or If-None-Match: * to make what is not there yet.',
);
