import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AwsAccess, Patience } from '../../../lib/platform/aws-json.ts';

export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** How the double treats one request: an answer, a broken connection, or silence. */
export type Treatment = { status: number; body: string } | 'breaks' | 'is silent';

export const took: Treatment = { status: 200, body: '{"MessageId":"1"}' };
/** Waits long enough for a busy machine. */
export const PATIENT: Patience = { tryMs: 10_000, pauseMs: 1 };
/** For what never answers. */
export const SHORT: Patience = { tryMs: 500, pauseMs: 1 };

/** An HTTP server in the place of AWS, which treats each request as it is told and writes it down. Stop it after use. */
export async function anAws(...planned: Treatment[]) {
  const treatments = [...planned];
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const treatment = treatments.shift() ?? took;
    seen.push({ method: request.method, path: request.url, headers: request.headers, body: JSON.parse(text) });
    if (treatment === 'breaks') request.socket.destroy();
    else if (treatment !== 'is silent') response.writeHead(treatment.status).end(treatment.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}/`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const treat = (...next: Treatment[]) => treatments.push(...next);
  const forget = () => {
    seen.length = 0;
    treatments.length = 0;
  };
  return { url, seen, treat, forget, access: anAccess(url), [Symbol.asyncDispose]: stop };
}

export function anAccess(endpoint?: string): AwsAccess {
  return {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'PRIVATE',
    sessionToken: 'session',
    region: 'cn-north-1',
    endpointOf: () => endpoint,
  };
}
