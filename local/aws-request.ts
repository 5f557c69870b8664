import type { IncomingMessage } from 'node:http';

/** Who calls which service of AWS for what, read from a signed request. */
export interface AwsRequest {
  /** The access key id. Each environment has one of its own. */
  readonly caller: string;
  /** As the credential's scope names it: `dynamodb`, `sqs`, `events`, `ssm`, `secretsmanager`. */
  readonly service: string;
  /** `PutItem`, from `X-Amz-Target` or the `Action` of a form; of S3, where neither is, from the method. */
  readonly action: string;
  /** What it is about, where the path says it: of S3 the bucket and the object, of Lambda the function. */
  readonly about?: Readonly<Record<string, string>>;
}

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/;
const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
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
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
    const [Bucket = '', ...key] = pathname.slice(1).split('/');
    const Key = key.map(decodeURIComponent).join('/');
    const isList = Key === '' && request.method === 'GET';
    const action = isList ? 'ListBucket' : OBJECT_ACTIONS[request.method ?? ''];
    const prefix = isList ? { Prefix: searchParams.get('prefix') ?? '' } : {};
    return { caller, service, action: action ?? 'Unknown', about: { Bucket, Key, ...prefix } };
  }
  const [, FunctionName] = INVOCATION.exec(request.url ?? '') ?? [];
  if (service === 'lambda' && FunctionName !== undefined) {
    return { caller, service, action: 'InvokeFunction', about: { FunctionName: decodeURIComponent(FunctionName) } };
  }
  const target = request.headers['x-amz-target'];
  const action = typeof target === 'string' ? target.split('.').at(-1) : new URLSearchParams(body).get('Action');
  return { caller, service, action: action || `${request.method} ${request.url}` };
}
