import { AwsClient } from 'aws4fetch';
import { readConfig } from './config.ts';

/** Who we are for AWS, and where it is. Lambda changes credentials only together with the environment, so once is enough. */
export interface AwsAccess {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
  /** Where a service is reached when it is not AWS's own address (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>`). */
  readonly endpointOf: (service: AwsService) => string | undefined;
}

export type AwsService = 'sqs' | 'ssm' | 'secretsmanager' | 's3' | 'sts';

const ENDPOINT_NAMES = { sqs: 'SQS', ssm: 'SSM', secretsmanager: 'SECRETS_MANAGER', s3: 'S3', sts: 'STS' } as const;

/** Reads the variables that Lambda sets. Throws `MissingSetting`. */
export function readAwsAccess(env: Readonly<Record<string, string | undefined>>): AwsAccess {
  const config = readConfig(env, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']);
  return {
    accessKeyId: config.AWS_ACCESS_KEY_ID,
    secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
    region: config.AWS_REGION,
    endpointOf: (service) => env[`AWS_ENDPOINT_URL_${ENDPOINT_NAMES[service]}`] || env.AWS_ENDPOINT_URL || undefined,
  };
}

export interface AwsCall {
  readonly service: AwsService;
  /** The address when no other is configured. */
  readonly url: string;
  /** E.g. `AmazonSQS.SendMessage`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly body: object;
}

/** AWS did not do what it was asked. The message has the call and AWS's name for the trouble, nothing of the content. */
export class AwsCallFailed extends Error {
  /** AWS's name for the trouble, e.g. `AccessDeniedException`, or `HTTP 503`, or the connection's error. */
  readonly trouble: string;
  readonly retryable: boolean;
  constructor(target: string, trouble: string, retryable: boolean) {
    super(`${target}: ${trouble}`);
    this.name = 'AwsCallFailed';
    this.trouble = trouble;
    this.retryable = retryable;
  }
}

export interface Patience {
  /** Milliseconds for each of the two tries. */
  readonly tryMs: number;
  /** Milliseconds between them. */
  readonly pauseMs: number;
}

/** Two tries and the pause end 1.5 s before the five seconds after which WeCom gives up on a callback. */
const PATIENCE: Patience = { tryMs: 1700, pauseMs: 50 };

/**
 * Makes one call of AWS's JSON protocol, signed, and answers what AWS answered. It is tried a second time after a broken
 * connection, a time-out, a 5xx or throttling, with the same content. Throws `AwsCallFailed`.
 *
 * This stands in for the AWS SDK where a function has to start fast.
 */
export async function callAws(access: AwsAccess, call: AwsCall, patience = PATIENCE): Promise<unknown> {
  try {
    return await callOnce(access, call, patience.tryMs);
  } catch (error) {
    if (!(error instanceof AwsCallFailed) || !error.retryable) throw error;
    await new Promise((resolve) => setTimeout(resolve, patience.pauseMs));
    return await callOnce(access, call, patience.tryMs);
  }
}

async function callOnce(access: AwsAccess, call: AwsCall, tryMs: number): Promise<unknown> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = access;
  const client = new AwsClient({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  const request = await client.sign(access.endpointOf(call.service) ?? call.url, {
    method: 'POST',
    headers: { 'content-type': `application/x-amz-json-${call.version}`, 'x-amz-target': call.target },
    body: JSON.stringify(call.body),
    aws: { service: call.service, region },
  });
  const { status, text } = await exchange(request, call.target, tryMs);
  const answer = parseJson(text);
  if (status === 200 && answer !== undefined) return answer;
  const trouble = nameOfTrouble(answer) ?? `HTTP ${status}`;
  throw new AwsCallFailed(call.target, trouble, status >= 500 || status === 429 || /throttl/i.test(trouble));
}

async function exchange(request: Request, target: string, tryMs: number): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(tryMs);
  try {
    const response = await fetch(request, { signal });
    return { status: response.status, text: await response.text() };
  } catch {
    throw new AwsCallFailed(target, signal.aborted ? 'no answer in time' : 'no connection', true);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** AWS writes `"__type": "com.amazonaws.sqs#QueueDoesNotExist"`. */
function nameOfTrouble(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('__type' in answer)) return undefined;
  return /(\w+)$/.exec(String(answer.__type))?.[1];
}
