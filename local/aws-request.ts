import type { IncomingMessage } from 'node:http';

/** Who calls which service of AWS for what, read from a signed request. */
export interface AwsRequest {
  /** The access key id. Each environment has one of its own. */
  readonly caller: string;
  /** As the credential's scope names it: `dynamodb`, `sqs`, `events`, `ssm`, `secretsmanager`. */
  readonly service: string;
  /** `PutItem`, from `X-Amz-Target` or the `Action` of a form. */
  readonly action: string;
}

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;

/** `undefined` when the request is not signed for AWS. */
export function readAwsRequest(request: IncomingMessage, body: string): AwsRequest | undefined {
  const [, caller, service] = CREDENTIAL.exec(request.headers.authorization ?? '') ?? [];
  if (caller === undefined || service === undefined) return undefined;
  const target = request.headers['x-amz-target'];
  const action = typeof target === 'string' ? target.split('.').at(-1) : new URLSearchParams(body).get('Action');
  return { caller, service, action: action || `${request.method} ${request.url}` };
}
