import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Clock } from './clock.ts';
import type { Invoked } from './environments.ts';
import { readBody } from './http-server.ts';
import { PLACE, type Template } from './template.ts';

/** A route of the HTTP API and the function behind it. */
export interface Route {
  /** `GET /admin/v1/{proxy+}`, `ANY /…` or `$default`. */
  readonly key: string;
  readonly functionId: string;
  /** Whether the gateway takes requests only that are signed for AWS. */
  readonly signed?: boolean;
}

const RouteShape = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.string().optional(),
  Target: z.object({ 'Fn::Join': z.tuple([z.literal('/'), z.tuple([z.string(), z.object({ Ref: z.string() })])]) }),
});
const IntegrationShape = z.object({
  IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  PayloadFormatVersion: z.literal('2.0'),
});

/** Reads the template's routes. Throws when a route does not lead to a function with payload format 2.0. */
export function readRoutes(template: Template): Route[] {
  return template.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const route = RouteShape.parse(properties);
    const integration = template.resource(route.Target['Fn::Join'][1][1].Ref);
    const { IntegrationUri } = IntegrationShape.parse(integration?.properties);
    return {
      key: route.RouteKey,
      functionId: IntegrationUri['Fn::GetAtt'][0],
      signed: route.AuthorizationType === 'AWS_IAM',
    };
  });
}

interface Match {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The route that API Gateway would choose: the most specific path, then the method before `ANY`. */
export function chooseRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const matches = routes.flatMap((route) => {
    const [routeMethod, routePath] = route.key.split(' ');
    if (routePath === undefined) return [{ route, parameters: {}, rank: '~' }];
    if (routeMethod !== 'ANY' && routeMethod !== method) return [];
    const parameters = matchPath(routePath, path);
    return parameters ? [{ route, parameters, rank: rankOf(routePath) + (routeMethod === 'ANY' ? '1' : '0') }] : [];
  });
  return matches.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

function rankOf(routePath: string): string {
  const rank = (part: string) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0');
  return routePath.split('/').map(rank).join('');
}

function matchPath(routePath: string, path: string): Record<string, string> | undefined {
  const given = path.split('/');
  const wanted = routePath.split('/');
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    if (part.endsWith('+}')) {
      const rest = given.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [part.slice(1, -2)]: decode(rest) };
    }
    if (part.startsWith('{') && value !== '') parameters[part.slice(1, -1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return given.length === wanted.length ? parameters : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What API Gateway hands to a function as text; every other body is base64. */
const TEXT = /^(text\/.*|application\/(json|xml|javascript)|application\/.*\+(json|xml))$/;

/** Nobody has to sign here, so whoever comes is taken for one who has. */
const LOCAL_SIGNER = {
  accessKey: 'AKIALOCAL',
  accountId: PLACE.account,
  callerId: 'AIDALOCAL',
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: `arn:aws:iam::${PLACE.account}:user/local`,
  userId: 'AIDALOCAL',
};

/** The event of payload format 2.0, as API Gateway sends it. */
export function httpEvent(request: {
  method: string;
  url: string;
  headers: Readonly<Record<string, readonly string[] | undefined>>;
  body: Buffer;
  sourceIp: string;
  match: Match;
  now: number;
}): object {
  const { method, headers, body, match } = request;
  const [rawPath = '/', rawQueryString = ''] = splitOnce(request.url, '?');
  const query = new URLSearchParams(rawQueryString);
  const names = [...new Set(query.keys())];
  const joined = Object.entries(headers).flatMap(([name, values]) => {
    return values === undefined || name === 'cookie' ? [] : [[name.toLowerCase(), values.join(',')]];
  });
  const type = headers['content-type']?.[0]?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isBase64Encoded = body.length > 0 && !TEXT.test(type);
  const cookies = headers.cookie?.flatMap((line) => line.split(/;\s*/));
  const host = headers.host?.[0] ?? '';
  return {
    version: '2.0',
    routeKey: match.route.key,
    rawPath,
    rawQueryString,
    ...(cookies ? { cookies } : {}),
    headers: Object.fromEntries([
      ...joined,
      ['x-amzn-trace-id', `Root=1-${randomUUID().slice(0, 8)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`],
      ['x-forwarded-for', request.sourceIp],
      ['x-forwarded-port', '443'],
      ['x-forwarded-proto', 'https'],
    ]),
    ...(names.length > 0
      ? { queryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name).join(',')])) }
      : {}),
    requestContext: {
      accountId: PLACE.account,
      apiId: 'local',
      ...(match.route.signed && { authorizer: { iam: LOCAL_SIGNER } }),
      domainName: host,
      domainPrefix: host.split('.')[0] ?? '',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent']?.[0] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.route.key,
      stage: '$default',
      time: clfTime(request.now),
      timeEpoch: request.now,
    },
    ...(Object.keys(match.parameters).length > 0 ? { pathParameters: match.parameters } : {}),
    ...(body.length > 0 ? { body: isBase64Encoded ? body.toString('base64') : body.toString('utf8') } : {}),
    isBase64Encoded,
  };
}

/** API Gateway writes times as web servers' logs do: `12/Mar/2025:19:03:58 +0000`. */
function clfTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const Answer = z.object({
  statusCode: z.coerce.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * What API Gateway makes of an invocation's end: an answer with a status code is taken as it is, anything else is the
 * body of a 200.
 */
export function httpAnswer(result: Invoked): HttpAnswer {
  if (result.kind === 'timed out') return message(503, 'Service Unavailable');
  if (result.kind !== 'returned') return message(500, 'Internal Server Error');
  if (Object(result.value).statusCode === undefined) {
    const text = typeof result.value === 'string' ? result.value : JSON.stringify(result.value);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text ?? '') };
  }
  const parsed = Answer.safeParse(result.value);
  if (!parsed.success) return message(500, 'Internal Server Error');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const lowerCased = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(lowerCased),
      ...(cookies && cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function message(status: number, text: string): HttpAnswer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Buffer.from(JSON.stringify({ message: text })) };
}

/** The HTTP API: every request to its route's function. Routes that ask for a signature are open here. */
export function createHttpApi(options: {
  routes: readonly Route[];
  clock: Clock;
  invoke(functionId: string, event: unknown): Promise<Invoked>;
}): (request: IncomingMessage, response: ServerResponse) => void {
  async function answer(request: IncomingMessage): Promise<HttpAnswer> {
    const method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const match = chooseRoute(options.routes, method, splitOnce(url, '?')[0] ?? '/');
    const body = await readBody(request);
    if (!match) return message(404, 'Not Found');
    const event = httpEvent({
      method,
      url,
      headers: request.headersDistinct,
      body,
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      match,
      now: options.clock.now(),
    });
    return httpAnswer(await options.invoke(match.route.functionId, event));
  }

  return (request, response) => {
    answer(request).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'content-length': body.length });
        response.end(body);
      },
      () => response.destroy(),
    );
  };
}
