import { AwsClient } from 'aws4fetch';
import * as z from 'zod';
import { dynamoClient } from '../lib/store/dynamo-table.ts';
import { Refusal } from './refusal.ts';

/** The stage's admin API, as commands call it: WeCom takes calls from the functions' fixed address only, so that they have to do them. */
export interface AdminClient {
  /** The answer's body. Throws `AdminProblem` for every answer but 2xx, and where nobody answers. */
  ask<T>(method: 'GET' | 'POST', path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
}

/** The admin API was not reached, or would not do it. The message says why, for a person. */
export class AdminProblem extends Error {
  override readonly name = 'AdminProblem';
}

export const ADMIN_HELP = `  --admin-url URL  管理接口地址，默认取 CONCIERGE_ADMIN_URL，否则查询该环境的 CloudFormation 输出
                   The admin API's address; CONCIERGE_ADMIN_URL unless given, otherwise the stage's stack says it
`;

const TIME_LIMIT_MS = 30_000;

/** Throws `AdminProblem` where nobody says where the admin API is. `pause` between two tries of a call. */
export async function adminClient(stage: string, given?: string): Promise<AdminClient> {
  const address = given ?? process.env.CONCIERGE_ADMIN_URL;
  if (address) return clientAt(readAddress(address), await signerFor(address));
  if (process.env.AWS_ENDPOINT_URL) {
    throw new AdminProblem('the address of the admin API is not known: give --admin-url or set CONCIERGE_ADMIN_URL');
  }
  return clientAt(await addressOfStack(stage), await signer('execute-api'));
}

function readAddress(text: string): string {
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Refusal(
      'The address of the admin API has to be like https://….execute-api.REGION.amazonaws.com/admin/v1',
    );
  }
  return text.replace(/\/+$/, '');
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** In the cloud every request is signed; on this machine nobody asks for it. */
const signerFor = (address: string): Promise<Fetch> =>
  address.startsWith('https:') ? signer('execute-api') : Promise.resolve(fetch);

/** As whom the tables' client speaks: environment, profile, or single sign-on. */
async function signer(service: string): Promise<Fetch> {
  const client = dynamoClient();
  try {
    const [{ accessKeyId, secretAccessKey, sessionToken }, region] = await Promise.all([
      client.config.credentials(),
      client.config.region(),
    ]);
    const aws = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken && { sessionToken }),
      region,
      service,
      retries: 0,
    });
    return (url, init) => aws.fetch(url, init);
  } finally {
    client.destroy();
  }
}

/** CloudFormation's `AdminUrl` output of the stage's stack. */
async function addressOfStack(stage: string): Promise<string> {
  const client = dynamoClient();
  const region = await client.config.region();
  client.destroy();
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const query = `Action=DescribeStacks&Version=2010-05-15&StackName=wecom-concierge-${stage}`;
  const asked = await signer('cloudformation');
  const init = { method: 'GET', signal: AbortSignal.timeout(TIME_LIMIT_MS) };
  const answer = await asked(`https://cloudformation.${region}.${domain}/?${query}`, init);
  const found = answer.ok ? outputOf(await answer.text(), 'AdminUrl') : undefined;
  if (found === undefined) {
    throw new AdminProblem(
      `stack wecom-concierge-${stage} does not say where the admin API is (HTTP ${answer.status}): give --admin-url`,
    );
  }
  return found;
}

/** An output in CloudFormation's answer, whose keys and values are plain text without entities. */
export function outputOf(xml: string, name: string): string | undefined {
  for (const [, member = ''] of xml.matchAll(/<member>([\s\S]*?)<\/member>/g)) {
    const key = /<OutputKey>([^<]*)<\/OutputKey>/.exec(member)?.[1];
    if (key === name) return /<OutputValue>([^<]*)<\/OutputValue>/.exec(member)?.[1];
  }
  return undefined;
}

const Problem = z.object({ detail: z.string(), reason: z.object({ zh: z.string() }).optional() });

/** It becomes part of sentences, so it ends without a point. */
function wordsOf({ detail, reason }: z.infer<typeof Problem>): string {
  return `${detail.replace(/\.$/, '')}${reason === undefined ? '' : `. ${reason.zh}`}`;
}

function clientAt(address: string, send: Fetch): AdminClient {
  return {
    async ask(method, path, schema, body) {
      let answer: Response;
      try {
        answer = await send(`${address}${path}`, {
          method,
          signal: AbortSignal.timeout(TIME_LIMIT_MS),
          ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        });
      } catch {
        throw new AdminProblem(`the admin API at ${address} does not answer`);
      }
      const content: unknown = await answer.json().catch(() => undefined);
      if (!answer.ok) {
        const problem = Problem.safeParse(content);
        const detail = problem.success ? wordsOf(problem.data) : `HTTP ${answer.status}`;
        throw new AdminProblem(answer.status === 403 ? `the admin API refuses these credentials (${detail})` : detail);
      }
      const read = schema.safeParse(content);
      if (!read.success) throw new AdminProblem('the admin API answered in a form that this version does not know');
      return read.data;
    },
  };
}
