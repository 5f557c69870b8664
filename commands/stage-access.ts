import { AwsClient } from 'aws4fetch';
import { dynamoClient } from '../lib/store/dynamo-table.ts';
import { outputOf } from './admin-client.ts';
import type { OpsIo } from './ops-command.ts';
import { Refusal } from './refusal.ts';

/** AWS as a command asks it about a stage: with the person's own credentials, in the region that AWS's variables name. */
export interface StageAccess {
  /** Runs a function of the stage and reads what it answers. Throws `NoSuchFunction` where it is not there, `Refusal` where it failed. */
  invoke(functionName: string, event: object): Promise<unknown>;
  /** A call of Lambda's own API, of a path from `/2015-03-31/` on. Throws `AwsRefused`. */
  lambda(method: 'GET' | 'PUT', path: string, body?: object): Promise<unknown>;
  /** A call of the store where credentials lie. Throws `AwsRefused`. */
  store(service: SecretStore, action: string, body: object): Promise<unknown>;
  /** A call of CloudWatch about metrics, which this machine has, too; in XML. Throws `AwsRefused`. */
  metrics(parameters: Record<string, string>): Promise<string>;
  /** A call of SQS's JSON protocol. Throws `AwsRefused`. */
  sqs(action: string, body: object): Promise<unknown>;
  /** A call of a service that still speaks XML; undefined on this machine, where there is none. Throws `AwsRefused`. */
  query(service: 'cloudformation' | 'monitoring', parameters: Record<string, string>): Promise<string | undefined>;
  /** Where the stage's HTTP API is reached: an output of its stack, or the local stack's. */
  output(name: 'CallbackUrl' | 'AdminUrl'): Promise<string | undefined>;
}

/** The stage is not deployed here, or is older than the function. */
export class NoSuchFunction extends Refusal {}
/** `secretStore` of the stage's settings. */
export type SecretStore = 'ssm' | 'secretsmanager';
const STORES = {
  ssm: { target: 'AmazonSSM', endpoint: 'AWS_ENDPOINT_URL_SSM' },
  secretsmanager: { target: 'secretsmanager', endpoint: 'AWS_ENDPOINT_URL_SECRETS_MANAGER' },
} as const;

/** AWS would not do it; `trouble` is AWS's name for why. */
export class AwsRefused extends Error {
  override readonly name = 'AwsRefused';
  readonly trouble: string;
  constructor(call: string, trouble: string) {
    super(`${call}: ${trouble}`);
    this.trouble = trouble;
  }
}

const TIME_LIMIT_MS = 70_000;

export async function stageAccess(stage: string, env: OpsIo['env']): Promise<StageAccess> {
  const client = dynamoClient();
  const [{ accessKeyId, secretAccessKey, sessionToken }, region] = await Promise.all([
    client.config.credentials(),
    client.config.region(),
  ]).finally(() => client.destroy());
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const signed = (service: string, url: string, init: RequestInit): Promise<Response> => {
    const keys = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    const aws = new AwsClient({ ...keys, region, service, retries: 0 });
    return aws.fetch(url, { ...init, signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  };
  const isLocal = Boolean(env.AWS_ENDPOINT_URL);
  const localApi = localOrigin(env);

  async function query(
    service: 'cloudformation' | 'monitoring',
    parameters: Record<string, string>,
  ): Promise<string | undefined> {
    if (isLocal) return undefined;
    const query = new URLSearchParams(parameters);
    const answer = await signed(service, `https://${service}.${region}.${domain}/?${query}`, { method: 'GET' });
    const text = await answer.text();
    if (!answer.ok) throw new AwsRefused(`${service}:${parameters.Action}`, /<Code>([^<]*)</.exec(text)?.[1] ?? '');
    return text;
  }

  function lambdaUrl(): string {
    const base = env.AWS_ENDPOINT_URL_LAMBDA ?? (isLocal ? localApi : `https://lambda.${region}.${domain}`);
    if (base === undefined) {
      throw new Refusal(
        'Where functions are invoked is not known: set CONCIERGE_ADMIN_URL as npm start prints it. 请按 npm start 的输出设置 CONCIERGE_ADMIN_URL。',
      );
    }
    return base.replace(/\/+$/, '');
  }

  return {
    async lambda(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const answer = await signed('lambda', `${lambdaUrl()}${path}`, init);
      const content: unknown = await answer.json().catch(() => undefined);
      const trouble = answer.headers.get('x-amzn-errortype')?.split(':')[0] ?? `HTTP ${answer.status}`;
      if (!answer.ok) throw new AwsRefused(`lambda:${method} ${path}`, trouble);
      return content;
    },

    async store(service, action, body) {
      const { target, endpoint } = STORES[service];
      const url = env[endpoint] ?? env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.${domain}/`;
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` };
      const answer = await signed(service, url, { method: 'POST', headers, body: JSON.stringify(body) });
      const content: unknown = await answer.json().catch(() => undefined);
      if (!answer.ok) throw new AwsRefused(`${service}:${action}`, troubleOf(content) ?? `HTTP ${answer.status}`);
      return content;
    },

    async metrics(parameters) {
      const url = env.AWS_ENDPOINT_URL_CLOUDWATCH ?? env.AWS_ENDPOINT_URL ?? `https://monitoring.${region}.${domain}/`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams({ Version: '2010-08-01', ...parameters }).toString();
      const answer = await signed('monitoring', url, { method: 'POST', headers, body });
      const text = await answer.text();
      const trouble = /<Code>([^<]*)</.exec(text)?.[1] ?? `HTTP ${answer.status}`;
      if (!answer.ok) throw new AwsRefused(`cloudwatch:${parameters.Action}`, trouble);
      return text;
    },

    async invoke(functionName, event) {
      const name = `wecom-concierge-${stage}-${functionName}`;
      const url = `${lambdaUrl()}/2015-03-31/functions/${name}/invocations`;
      const answer = await signed('lambda', url, { method: 'POST', body: JSON.stringify(event) });
      if (answer.status === 404) {
        throw new NoSuchFunction(
          `There is no function ${name}: deploy stage ${stage} first. 未找到函数，请先部署该环境。`,
        );
      }
      if (!answer.ok) throw new Refusal(`${name} could not be invoked (HTTP ${answer.status}). 无法调用函数。`);
      if (answer.headers.get('x-amz-function-error')) {
        throw new Refusal(`${name} failed; its log says why. 函数执行失败，请查看日志。`);
      }
      return answer.json();
    },

    async sqs(action, body) {
      const url = env.AWS_ENDPOINT_URL_SQS ?? env.AWS_ENDPOINT_URL ?? `https://sqs.${region}.${domain}/`;
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
      const answer = await signed('sqs', url, { method: 'POST', headers, body: JSON.stringify(body) });
      const content: unknown = await answer.json().catch(() => undefined);
      if (!answer.ok) throw new AwsRefused(`sqs:${action}`, troubleOf(content) ?? `HTTP ${answer.status}`);
      return content;
    },

    query,

    async output(name) {
      if (isLocal) {
        const path = name === 'CallbackUrl' ? '/wecom/callbacks/{app}' : '/admin/v1';
        return localApi && `${localApi}${path}`;
      }
      const StackName = `wecom-concierge-${stage}`;
      const stack = await query('cloudformation', { Action: 'DescribeStacks', Version: '2010-05-15', StackName });
      return stack && outputOf(stack, name);
    },
  };
}

/** The local stack's HTTP API also invokes functions. */
function localOrigin({ CONCIERGE_ADMIN_URL }: OpsIo['env']): string | undefined {
  const url = CONCIERGE_ADMIN_URL === undefined ? null : URL.parse(CONCIERGE_ADMIN_URL);
  return url?.origin;
}

function troubleOf(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || !('__type' in content)) return undefined;
  return /(\w+)$/.exec(String(content.__type))?.[1];
}
