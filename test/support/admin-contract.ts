import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';

/** An answer of the admin API, and what was asked. */
export interface Exchange {
  readonly method: string;
  /** Below `/admin/v1/`, as it stands in the address. */
  readonly path: string;
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The text, or the bytes in Base64. */
  readonly body: string;
}

interface Promised {
  /** By media type; `undefined`: anything of it. Empty: no body. */
  readonly content: ReadonlyMap<string, z.ZodType | undefined>;
  readonly headers: ReadonlyMap<string, { readonly required: boolean }>;
}

interface Operation {
  /** As `lib/admin/operations.ts` writes it: `GET /teams`. */
  readonly pattern: string;
  readonly steps: readonly string[];
  readonly answers: ReadonlyMap<number, Promised>;
}

const Media = z.record(z.string(), z.looseObject({ schema: z.record(z.string(), z.unknown()).optional() }));
const Header = z.looseObject({ required: z.boolean().optional() });
const Answer = z.looseObject({
  content: Media.optional(),
  headers: z.record(z.string(), Header).optional(),
});
const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.looseObject({})) })),
  ),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), z.looseObject({})),
  }),
});

const PUBLISHED = new URL('../../docs/admin-api.json', import.meta.url);
const document = Document.parse(JSON.parse(readFileSync(PUBLISHED, 'utf8')));
const operations = readOperations();

/** What the published document says that our function may answer, by operation. Its `default` is the gateway's. */
export const publishedStatuses: ReadonlyMap<string, readonly number[]> = new Map(
  operations.map(({ pattern, answers }) => [pattern, [...answers.keys()]]),
);

/** The addresses of the login, which are no part of the contract: browsers are sent there. */
const LOGIN = /^(login|login\/callback|logout)$/;
/** What leaves every refusal of the kind, beside what the document says of the answer. */
const ALWAYS: Readonly<Record<number, string>> = { 401: 'www-authenticate', 405: 'allow', 429: 'retry-after' };
const PROBLEM = 'application/problem+json';
export const SECURITY_HEADERS = {
  'strict-transport-security': /^max-age=\d{8}/,
  'x-content-type-options': /^nosniff$/,
  'content-security-policy': /^default-src 'none'.*frame-ancestors 'none'/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'cache-control': /^no-store$/,
} as const;

/** The operation at an address, the more literal one first, as the router has it. */
export function operationAt(method: string, path: string): string | undefined {
  return find(method, path)?.pattern;
}

/** What an answer breaks of docs/admin-api.json; nothing of what was said in it is repeated. */
export function breachesOf(exchange: Exchange): string[] {
  const { method, path, status } = exchange;
  const operation = find(method, path);
  const promised = operation?.answers.get(status);
  if (operation && !promised) return [`the contract of ${operation.pattern} has no ${status}`];
  if (!operation && status < 400 && !LOGIN.test(path)) return ['the contract does not know this address'];
  const broken = promised ? [...headerBreaches(exchange, promised), ...bodyBreaches(exchange, promised)] : [];
  return status >= 400 ? [...broken, ...problemBreaches(exchange)] : broken;
}

/** Every answer has what browsers want to know. */
export function missingSecurity({ headers }: Pick<Exchange, 'headers'>): string[] {
  return Object.entries(SECURITY_HEADERS).flatMap(([name, wanted]) =>
    wanted.test(String(headers[name])) ? [] : [`no ${name} as it should be`],
  );
}

type Door = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** The door of the admin API, or of some of its routes: an answer that breaks the contract is thrown, so that the test ends there. */
export function heldToContract(door: Door, { behindGuard = false } = {}): Door {
  return async (event) => {
    const answer = await door(event);
    const { method } = event.requestContext.http;
    const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
    const exchange: Exchange = {
      method,
      path: event.pathParameters?.proxy ?? '',
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(headers),
      body: answer.body ?? '',
    };
    hold(exchange, behindGuard);
    return answer;
  };
}

/** As `fetch`, for an address of the admin API in a whole stack. */
export async function fetchHeld(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const [, path] = /\/(?:admin|console)\/v1\/(.*)$/.exec(new URL(url).pathname) ?? [];
  if (path === undefined) return response;
  const headers = Object.fromEntries(response.headers);
  const body = await response.clone().text();
  hold({ method: init.method ?? 'GET', path, status: response.status, headers, body }, true);
  return response;
}

function hold(exchange: Exchange, behindGuard: boolean): void {
  const broken = [...breachesOf(exchange), ...(behindGuard ? missingSecurity(exchange) : [])];
  if (broken.length === 0) return;
  throw new Error(`${exchange.method} /${exchange.path} answered ${exchange.status}: ${broken.join('; ')}`);
}

function headerBreaches({ status, headers }: Exchange, promised: Promised): string[] {
  const missing = [...promised.headers].flatMap(([name, { required }]) =>
    required && headers[name.toLowerCase()] === undefined ? [`no header ${name}`] : [],
  );
  const isTagged = headers.etag !== undefined;
  const untold = isTagged && !promised.headers.has('ETag') ? ['an ETag that the contract does not promise'] : [];
  const always = ALWAYS[status];
  return [...missing, ...untold, ...(always && headers[always] === undefined ? [`no header ${always}`] : [])];
}

function bodyBreaches({ status, headers, body }: Exchange, { content }: Promised): string[] {
  if (content.size === 0) return body === '' ? [] : ['a body where none is promised'];
  const type = String(headers['content-type']);
  const promised = [...content].find(([known]) => known === type || (known === 'image/*' && type.startsWith('image/')));
  if (!promised) return [`content of type ${type}`];
  const [, schema] = promised;
  if (!schema) return body === '' ? ['nothing of what is promised'] : [];
  const read = schema.safeParse(parsed(body));
  const where = read.error?.issues.map(({ path, code, message }) => `${path.join('.') || 'body'} ${code} (${message})`);
  return where?.map((one) => `${status} ${one}`) ?? [];
}

/** RFC 9457, also where the contract knows no such address. */
function problemBreaches({ status, headers, body }: Exchange): string[] {
  const read = z.looseObject({ status: z.literal(status), title: z.string(), detail: z.string().min(1) });
  return [
    ...(headers['content-type'] === PROBLEM ? [] : [`a refusal of type ${headers['content-type']}`]),
    ...(read.safeParse(parsed(body)).success ? [] : ['no problem document']),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stepsOf(path: string): string[] {
  return path.split('/').filter((step) => step !== '');
}

function isVariable(step: string): boolean {
  return step.startsWith('{');
}

function find(method: string, path: string): Operation | undefined {
  const given = stepsOf(path);
  return operations.find(
    ({ pattern, steps }) =>
      pattern.startsWith(`${method} `) &&
      steps.length === given.length &&
      steps.every((step, index) => isVariable(step) || step === given[index]),
  );
}

function readOperations(): Operation[] {
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      pattern: `${method.toUpperCase()} ${path}`,
      steps: stepsOf(path),
      answers: new Map(
        Object.entries(responses)
          .filter(([status]) => status !== 'default')
          .map(([status, response]) => [Number(status), promisedOf(response)]),
      ),
    })),
  );
  const variables = ({ steps }: Operation): number => steps.filter(isVariable).length;
  return found.sort((a, b) => variables(a) - variables(b));
}

function promisedOf(response: Readonly<Record<string, unknown>>): Promised {
  const name = typeof response.$ref === 'string' ? response.$ref.split('/').at(-1) : undefined;
  const { content = {}, headers = {} } = Answer.parse(
    name === undefined ? response : document.components.responses[name],
  );
  const read = Object.entries(content).map(([type, { schema }]) => [type, schema && readSchema(schema)] as const);
  return {
    content: new Map(read),
    headers: new Map(Object.entries(headers).map(([one, { required = false }]) => [one, { required }])),
  };
}

/** With every shared shape in its place: zod reads no reference at the top. None of ours refers to itself. */
function readSchema(schema: unknown): z.ZodType {
  return z.fromJSONSchema(z.record(z.string(), z.json()).parse(resolved(schema)));
}

function resolved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(resolved);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part);
  const [, reference] = entries.find(([name]) => name === '$ref') ?? [];
  if (typeof reference === 'string') return resolved(document.components.schemas[reference.split('/').at(-1) ?? '']);
  return Object.fromEntries(entries.map(([name, value]) => [name, resolved(value)]));
}
