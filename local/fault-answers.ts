import type { OutsideCall } from './outside-call.ts';

/** An answer that the gateway gives in a service's name. */
export interface MadeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer with a body that is sent as it is, if it is text, or as JSON. */
export function makeAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): MadeAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** What each service says when it is asked too often; the SDK tells by the name that it may try again. */
export function throttled(service: string): MadeAnswer {
  switch (service) {
    case 'dynamodb':
      return awsError(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
    case 'sqs':
      return {
        ...awsError(403, 'com.amazonaws.sqs#RequestThrottled', { 'x-amzn-query-error': 'RequestThrottled;Sender' }),
      };
    case 's3':
      return awsError(503, 'SlowDown');
    case 'wecom':
      return makeAnswer(200, { errcode: 45009, errmsg: 'api freq out of limit' });
    default:
      return awsError(400, 'ThrottlingException');
  }
}

/**
 * What a service says to a caller whose role does not allow the call.
 *
 * @param refusal in IAM's words who may not do what
 */
export function accessDenied({ service }: Pick<OutsideCall, 'service'>, refusal: string): MadeAnswer {
  const type = service === 'dynamodb' || service === 'sqs' ? `com.amazon.coral.service#${DENIED}` : DENIED;
  const json = (status: number, headers: Readonly<Record<string, string>> = {}) =>
    makeAnswer(
      status,
      { __type: type, Message: refusal },
      { 'content-type': 'application/x-amz-json-1.1', ...headers },
    );
  switch (service) {
    case 'dynamodb':
      return json(400, { 'content-type': 'application/x-amz-json-1.0' });
    case 'sqs':
      // The SDK takes the name that the query protocol had.
      return json(403, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': 'AccessDenied;Sender' });
    case 's3':
      return makeAnswer(403, `${XML}<Error><Code>AccessDenied</Code><Message>${asXml(refusal)}</Message></Error>`, {
        'content-type': 'application/xml',
      });
    case 'lambda':
      return makeAnswer(403, { Message: refusal }, { 'x-amzn-errortype': DENIED });
    default:
      return json(400);
  }
}

const DENIED = 'AccessDeniedException';
const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
const asXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A read that sees nothing of what was written lately. */
export function staleAnswer({ action, request }: OutsideCall): MadeAnswer {
  const tables = Object.keys(Object(Object(request).RequestItems));
  if (action === 'GetItem') return aws({});
  if (action === 'BatchGetItem') {
    return aws({ Responses: Object.fromEntries(tables.map((table) => [table, []])), UnprocessedKeys: {} });
  }
  return aws({ Items: [], Count: 0, ScannedCount: 0 });
}

function aws(body: object): MadeAnswer {
  return makeAnswer(200, body, { 'content-type': 'application/x-amz-json-1.0' });
}

function awsError(status: number, type: string, headers: Readonly<Record<string, string>> = {}): MadeAnswer {
  const body = { __type: type, message: 'Rate exceeded' };
  return makeAnswer(status, body, { 'content-type': 'application/x-amz-json-1.0', ...headers });
}
