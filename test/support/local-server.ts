import { createServer } from 'node:http';

/** An HTTP server of a test's own: answers every JSON request with what `answer` makes of it. */
export interface LocalServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startLocalServer(answer: (body: unknown) => unknown): Promise<LocalServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = JSON.stringify(answer(JSON.parse(Buffer.concat(chunks).toString())));
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
