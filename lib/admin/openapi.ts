import * as z from 'zod';
import { CONSOLE } from '../access/login.ts';
import { GatewayMessage, type Operation, Problem, refusalsOf } from './operation.ts';

type Json = Readonly<Record<string, unknown>>;

/** The refusals that any address may have, and what they say. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The query, the body or the name of something is not what this address takes.',
  401: 'Nobody knows who asks.',
  403: 'The caller’s role or teams do not allow it.',
  404: 'There is no such thing.',
  406: 'It cannot be shown in this form.',
  409: 'Not possible as things are.',
  410: 'It is not kept any more.',
  412: 'It is not as the caller saw it; `current` and the header ETag say what it is now.',
  422: 'It cannot be done as it is written; `errors` says where and what to do.',
  428: 'The change names no ETag.',
  429: 'Too many requests of one caller; Retry-After says how long to wait.',
  500: 'Something went wrong here.',
  503: 'WeCom or a table does not answer now.',
};
/** What API Gateway may answer in the function's place, at any address. */
const OF_THE_GATEWAY: readonly number[] = [403, 429, 500, 503];

const text = { type: 'string' };
const ETAG = { ETag: { description: 'Of what is configured, for If-Match.', required: true, schema: text } };
const HEADERS: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { description: 'Where to log in.', schema: text } },
  412: { ETag: { description: 'Of what it is now; absent where nothing is there (any more).', schema: text } },
  429: { 'Retry-After': { description: 'In seconds; the gateway says none.', schema: text } },
};

const GATEWAY = `API Gateway answers in its own words, {"message": "…"} as application/json and without our security headers, where our function is not asked: 403 (Forbidden: not signed, wrongly signed, or IAM does not allow it), 404 (Not Found: no such route), 413 (the body is larger than 10 MB), 429 (Too Many Requests: more than the stage takes from all callers together), 500 and 503 (the function failed as a whole, or did not answer in time). An HTTP API has no setting for these answers, so that a client looks at Content-Type: application/problem+json is ours, application/json of 400 and more is the gateway’s.`;

/** The contract as an OpenAPI 3.1 document. */
export function openApiOf(operations: Readonly<Record<string, Operation>>): Json {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    const id = z.globalRegistry.get(schema)?.id;
    // Zod itself puts what has an id among the shared shapes, and points there.
    Object.assign(components, moved({ ...$defs, ...(id !== undefined && !('$ref' in rest) && { [id]: rest }) }));
    return id === undefined ? withoutDefs(rest) : { $ref: `#/components/schemas/${id}` };
  };
  const problem = { 'application/problem+json': { schema: schemaOf(Problem, 'output') } };
  const gateways = { 'application/json': { schema: schemaOf(GatewayMessage, 'output') } };

  for (const [pattern, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = pattern.split(' ');
    const answers = Object.entries(operation.answers).map(([status, answer]) => [
      status,
      {
        description: answer === null ? 'Done.' : 'As asked.',
        ...(operation.tagged && { headers: ETAG }),
        ...(answer !== null && { content: contentOf(answer) }),
      },
    ]);
    const parameters = [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...Object.entries(operation.query ?? {}).map(([name, schema]) => ({
        name,
        in: 'query',
        required: false,
        ...(schema.description !== undefined && { description: schema.description }),
        schema: schemaOf(schema, 'output'),
      })),
      ...(operation.matched ? conditionParameters(method, operation.matched) : []),
    ];
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        operationId: nameOf(method, path),
        summary: operation.says,
        'x-role': operation.role,
        'x-scope': operation.scope,
        ...(parameters.length > 0 && { parameters }),
        ...(operation.body && {
          requestBody: {
            required: operation.mayBeEmpty !== true,
            content: { 'application/json': { schema: schemaOf(operation.body, 'input') } },
          },
        }),
        responses: Object.fromEntries([
          ...answers,
          ...refusalsOf(pattern, operation).map((status) => [
            String(status),
            { $ref: `#/components/responses/${status}` },
          ]),
          ['default', { $ref: '#/components/responses/gateway' }],
        ]),
      },
    };
  }

  return {
    openapi: '3.1.0',
    info: {
      title: 'WeCom Concierge: admin API',
      version: '1',
      description: `Teams, conversations, contact ways and replies, for supervisors and operators. The same addresses are at /admin/v1 for requests that are signed for AWS (Signature Version 4, service execute-api), and at ${CONSOLE} for members who logged in with WeCom (${CONSOLE}/login). x-role is the least role, x-scope whose teams decide. ${GATEWAY}`,
    },
    servers: [{ url: '/admin/v1' }, { url: CONSOLE }],
    security: [{ iam: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: {
        ...Object.fromEntries(
          Object.entries(REFUSALS).map(([status, description]) => [status, refusal(Number(status), description)]),
        ),
        gateway: { description: 'What API Gateway answers in place of our function.', content: gateways },
      },
      securitySchemes: {
        iam: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'AWS Signature Version 4.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-concierge',
          description:
            'Eight hours, by the login with WeCom. A change also needs the Origin header of our own address.',
        },
      },
    },
  };

  function refusal(status: number, description: string): Json {
    const headers = HEADERS[status];
    const content = OF_THE_GATEWAY.includes(status) ? { ...problem, ...gateways } : problem;
    return { description, ...(headers && { headers }), content };
  }

  function contentOf(answer: z.ZodType | string): Json {
    if (typeof answer === 'string') return { [answer]: {} };
    return { 'application/json': { schema: schemaOf(answer, 'output') } };
  }
}

function conditionParameters(method: string, matched: true | 'if-given'): readonly Json[] {
  const schema = text;
  const isOnlyWay = matched === true && method === 'DELETE';
  const match = { name: 'If-Match', in: 'header', required: isOnlyWay, schema };
  const make = {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    schema,
    description: '`*`: only if there is none yet.',
  };
  return method === 'PUT' ? [match, make] : [match];
}

/** `PUT /contact-ways/{id}/code.svg` becomes `putContactWaysCodeSvg`. */
function nameOf(method: string, path: string): string {
  const words = path.split(/[/.-]/).filter((word) => word !== '' && !word.startsWith('{'));
  const ids = [...path.matchAll(/\{(\w+)\}$/g)].map(([, name = '']) => `By${capital(name)}`);
  return method.toLowerCase() + [...words.map(capital), ...ids].join('');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Shared shapes lie in `components`, and are pointed at there. */
const withoutDefs = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/$defs/', '#/components/schemas/'));

function moved(defs: Json): Json {
  return Object.fromEntries(
    Object.entries(defs).map(([name, schema]) => {
      const { id: _, ...rest } = Object(withoutDefs(Object(schema)));
      return [name, rest];
    }),
  );
}
