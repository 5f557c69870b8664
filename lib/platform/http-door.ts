import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { errorFields, log, recordScope } from './log.ts';
import { newTrace, traceOfHeader } from './trace.ts';

/** Who asks, once somebody has found out (`lib/access`). */
export interface Caller {
  /** `iam`: the request was signed for AWS; `member`: somebody who logged in with WeCom. */
  readonly kind: 'iam' | 'member';
  /** The signer's ARN, or the member's userid. */
  readonly name: string;
  readonly role: 'viewer' | 'supervisor' | 'operator';
  /** `*` stands for all teams, and for what belongs to no team. */
  readonly teams: readonly string[];
}

/** An HTTP request as a use sees it. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** The name under which the gateway was reached, by its own word: the `host` header may say anything. */
  readonly domain: string;
  /** The variables of the route, e.g. `app`. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Percent-decoded exactly once; a `+` stays a `+`. The first of several equal names wins; a broken value is left out. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Names in small letters. All cookies are in `cookie`, which the gateway hands over apart from the others. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they were sent, whether or not the gateway handed them over in Base64. */
  readonly body: Buffer;
  /** The ARN of whoever signed the request, by the gateway's word; absent where the route asks for no signature. */
  readonly signedBy?: string;
  readonly sourceIp?: string;
  /** Absent until somebody has found out. */
  readonly caller?: Caller;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of `body`, what is no text: it travels in Base64. */
  readonly bytes?: Uint8Array;
  /** Each as `set-cookie` has it. */
  readonly cookies?: readonly string[];
}

/** Makes a handler for an HTTP API (payload format 2.0). It never throws: an unexpected error is logged and answered 500. */
export function httpDoor(
  use: (request: HttpRequest) => Promise<HttpAnswer>,
): (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> {
  return async (event) => {
    const trace = traceOfHeader(event.headers?.['x-amzn-trace-id']) ?? newTrace();
    return await recordScope.run({ trace }, async () => {
      try {
        const request = readRequest(event);
        const answer = await use(request);
        // A HEAD request asks for the headers of what a GET would bring (RFC 9110, 9.3.2).
        const { bytes: _, ...head } = answer;
        return toResult(request.method === 'HEAD' ? { ...head, body: '' } : answer);
      } catch (error) {
        log.error('request failed', errorFields(error));
        return toResult({ status: 500 });
      }
    });
  };
}

function readRequest(event: APIGatewayProxyEventV2): HttpRequest {
  const signedBy = signerOf(event.requestContext);
  return {
    method: event.requestContext.http.method.toUpperCase(),
    path: event.rawPath,
    domain: event.requestContext.domainName,
    params: withoutPrototype(Object.entries(event.pathParameters ?? {})),
    query: readQuery(event.rawQueryString),
    headers: withoutPrototype([
      ...Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
      ...(event.cookies ? [['cookie', event.cookies.join('; ')] as const] : []),
    ]),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    sourceIp: event.requestContext.http.sourceIp,
    ...(signedBy !== undefined && { signedBy }),
  };
}

/** The gateway puts `authorizer.iam` there itself, on routes with that authorizer only. */
function signerOf(context: APIGatewayProxyEventV2['requestContext']): string | undefined {
  const { iam } = 'authorizer' in context ? Object(context.authorizer) : {};
  const arn: unknown = Object(iam).userArn;
  return typeof arn === 'string' && arn !== '' ? arn : undefined;
}

/**
 * The gateway's own `queryStringParameters` has turned `+` into spaces and joined repeated names with commas, which breaks
 * signatures over the values; so the raw text is read.
 */
function readQuery(raw: string): Record<string, string | undefined> {
  const pairs: [string, string][] = [];
  for (const pair of raw.split('&')) {
    const [name = '', ...value] = pair.split('=');
    try {
      pairs.unshift([decodeURIComponent(name), decodeURIComponent(value.join('='))]);
    } catch {
      // A broken escape: whoever needs this parameter finds it missing.
    }
  }
  return withoutPrototype(pairs);
}

/** Names come from outside; without a prototype, `__proto__` and `constructor` are names like any other. */
function withoutPrototype<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value | undefined> {
  const record: Record<string, Value | undefined> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return record;
}

function toResult({ status, headers = {}, body = '', bytes, cookies }: HttpAnswer): APIGatewayProxyStructuredResultV2 {
  const result = {
    statusCode: status,
    headers: { 'content-type': 'text/plain', ...headers },
    ...(cookies && cookies.length > 0 && { cookies: [...cookies] }),
  };
  if (bytes === undefined) return { ...result, body };
  return { ...result, body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true };
}
