import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the endpoint was asked. */
export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly model: string; readonly messages: readonly { role: string; content: string }[] };
}

/** How it answers: with a completion of this text, with anything else, or never. */
export type Says =
  | { readonly completion: string; readonly finish?: string; readonly refusal?: string }
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | 'nothing';

/** A small model of an operator's, on this machine: an OpenAI-compatible chat completion that says what it is told to. */
export async function startModel(says: (heard: Heard) => Says) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one: Heard = { headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
    heard.push(one);
    const said = says(one);
    if (said === 'nothing') return;
    if ('status' in said) {
      response.writeHead(said.status, said.headers).end(said.body ?? '');
      return;
    }
    const { completion: content, finish: finish_reason = 'stop', refusal = null } = said;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ finish_reason, message: { role: 'assistant', content, refusal } }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: Partial<AddressInfo> = Object(server.address());
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    heard,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
