import http from 'node:http';
import { PLACE } from './template.ts';

/** What AWS's JSON protocol calls the services that the local runtime itself talks to. */
const TARGETS = { dynamodb: 'DynamoDB_20120810', sqs: 'AmazonSQS', events: 'AWSEvents' } as const;
const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const LOCAL_KEY = 'local-runtime';

/** An AWS service refused a call that the runtime itself made. */
export class AwsRefusal extends Error {
  readonly code: string;
  constructor(action: string, code: string, message: string) {
    super(`${action} was refused: ${code} ${message}`);
    this.name = 'AwsRefusal';
    this.code = code;
  }
}

/**
 * Calls an emulator as the services of AWS do among themselves: past the gateway, so without fault rules.
 * The signature is a placeholder; emulators read who is calling, and check nothing.
 *
 * @throws AwsRefusal when the service answers with an error
 */
export function callAws(
  endpoint: string,
  service: keyof typeof TARGETS,
  action: string,
  body: object,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${TARGETS[service]}.${action}`,
      ...signedFor(service),
    };
    const request = http.request(endpoint, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          const answer: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
          if (response.statusCode === 200) resolve(answer);
          else reject(new AwsRefusal(action, errorCode(text), String(answer.message ?? '')));
        } catch {
          reject(new AwsRefusal(action, String(response.statusCode), text.slice(0, 200)));
        }
      });
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

/** Who calls, as a signature says it. */
function signedFor(service: string): Record<string, string> {
  const day = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${LOCAL_KEY}/${day.slice(0, 8)}/${PLACE.region}/${service}/aws4_request`;
  return {
    'x-amz-date': day,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
  };
}

/** Creates a bucket; one that is there already stays as it is. Throws AwsRefusal. */
export async function createBucket(endpoint: string, bucket: string): Promise<void> {
  const response = await fetch(`${endpoint}/${bucket}`, { method: 'PUT', headers: signedFor('s3') });
  const text = await response.text();
  if (response.ok || text.includes('BucketAlreadyOwnedByYou')) return;
  throw new AwsRefusal('CreateBucket', String(response.status), /<Code>(\w+)/.exec(text)?.[1] ?? '');
}

/** The short name of the error in an answer of AWS: `com.amazonaws.sqs#QueueDoesNotExist` is the last part, S3 says it in XML. */
export function errorCode(body: string): string {
  const [, name] = /"__type":\s*"(?:[^"]*#)?([^"]+)"|<Code>(\w+)<\/Code>/.exec(body)?.filter(Boolean) ?? [];
  return name ?? 'Unknown';
}
