import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

/**
 * AWS and WeCom at one local address, both of them empty and quick: every item is missing, every page has no messages,
 * every queue takes what it is given.
 */
export async function startEmptyWorld(): Promise<{ url: string; stop(): void }> {
  const server = createServer(async (request, response) => {
    const answer = answerTo(request, await bodyOf(request));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function answerTo(request: IncomingMessage, body: string): object {
  const path = request.url ?? '/';
  if (path.startsWith('/cgi-bin/gettoken'))
    return { errcode: 0, errmsg: 'ok', access_token: 'token', expires_in: 7200 };
  if (path.startsWith('/cgi-bin/'))
    return { errcode: 0, errmsg: 'ok', next_cursor: 'cursor', has_more: 0, msg_list: [] };
  const action = String(request.headers['x-amz-target']).split('.').at(-1);
  const asked: Readonly<Record<string, unknown>> = Object(JSON.parse(body));
  switch (action) {
    // The SDK compares the queue's checksum with its own.
    case 'SendMessage':
      return { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(String(asked.MessageBody)).digest('hex') };
    case 'Query':
      return { Items: [], Count: 0, ScannedCount: 0 };
    case 'PutEvents':
      return { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] };
    default:
      return {};
  }
}
