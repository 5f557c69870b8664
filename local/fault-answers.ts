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

/** What a service says to a caller whose role does not allow the call. */
export function accessDenied(call: OutsideCall): MadeAnswer {
  const message = `The role of ${call.function} does not allow ${call.service}:${call.action} here.`;
  return awsError(call.service === 'sqs' || call.service === 's3' ? 403 : 400, 'AccessDeniedException', {}, message);
}

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

function awsError(
  status: number,
  type: string,
  headers: Readonly<Record<string, string>> = {},
  message = 'Rate exceeded',
): MadeAnswer {
  return makeAnswer(status, { __type: type, message }, { 'content-type': 'application/x-amz-json-1.0', ...headers });
}
