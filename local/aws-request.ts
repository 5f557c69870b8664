import type { IncomingMessage } from 'node:http';

/** Who calls which service of AWS for what, read from a signed request. */
export interface AwsRequest {
  /** The access key id. Each environment has one of its own. */
  readonly caller: string;
  /** As the credential's scope names it: `dynamodb`, `sqs`, `events`, `ssm`, `secretsmanager`. */
  readonly service: string;
  /** `PutItem`, from `X-Amz-Target` or the `Action` of a form; of S3, where neither is, from the method. */
  readonly action: string;
  /** Of S3: which object, as the path names it. */
  readonly object?: { readonly Bucket: string; readonly Key: string };
}

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;
/** HEAD needs the permission to read, too. */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

/** `undefined` when the request is not signed for AWS. */
export function readAwsRequest(request: IncomingMessage, body: string): AwsRequest | undefined {
  // A link is signed in its query.
  const signed = request.headers.authorization ?? decodeURIComponent(request.url ?? '');
  const [, caller, service] = CREDENTIAL.exec(signed) ?? [];
  if (caller === undefined || service === undefined) return undefined;
  if (service === 's3') {
    const [Bucket = '', ...key] = new URL(request.url ?? '/', 'http://s3').pathname.slice(1).split('/');
    const object = { Bucket, Key: key.map(decodeURIComponent).join('/') };
    return { caller, service, action: OBJECT_ACTIONS[request.method ?? ''] ?? 'Unknown', object };
  }
  const target = request.headers['x-amz-target'];
  const action = typeof target === 'string' ? target.split('.').at(-1) : new URLSearchParams(body).get('Action');
  return { caller, service, action: action || `${request.method} ${request.url}` };
}
