import type { APIGatewayProxyEventV2 } from 'aws-lambda';

interface Shape {
  readonly method?: string;
  readonly app?: string;
  /** As it stands in the address. */
  readonly query?: string;
  readonly body?: string;
  readonly base64?: boolean;
}

/** What an HTTP API hands to a function (payload format 2.0), field for field. */
export function anHttpEvent({
  method = 'GET',
  app = 'main',
  query = '',
  body,
  base64 = false,
}: Shape): APIGatewayProxyEventV2 {
  const path = `/wecom/callbacks/${app}`;
  return {
    version: '2.0',
    routeKey: 'ANY /wecom/callbacks/{app}',
    rawPath: path,
    rawQueryString: query,
    headers: { Host: 'example.org', 'content-type': 'text/xml' },
    // The gateway decodes these in its own way; nothing of ours may depend on them.
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    pathParameters: { app },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'example.org',
      domainPrefix: 'example',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'Mozilla/4.0' },
      requestId: 'request',
      routeKey: 'ANY /wecom/callbacks/{app}',
      stage: '$default',
      time: '09/Oct/2025:08:53:20 +0000',
      timeEpoch: 1_760_000_000_000,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: base64,
  };
}
