import { spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Stack } from '../../local/stack.ts';

/** `npm run ops` against a running stack, without a terminal. `killAtCall`: it is killed when it makes its n-th call to AWS. */
export async function runOps(
  { aws, names }: Pick<Stack, 'aws' | 'names'>,
  args: readonly string[],
  { killAtCall, env = {} }: { killAtCall?: number; env?: Readonly<Record<string, string>> } = {},
): Promise<{ code: number; out: string; err: string }> {
  let calls = 0;
  let kill = (): void => undefined;
  const way = await wayTo(aws.endpoint, () => {
    calls += 1;
    if (calls === killAtCall) kill();
    return killAtCall === undefined || calls < killAtCall;
  });
  const child = spawn(process.execPath, ['commands/ops.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: way.url,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      MEDIA_BUCKET: names.bucket('MediaBucket'),
      ...env,
    },
  });
  kill = () => child.kill('SIGKILL');
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  await way.stop();
  return { code, out, err };
}

/** Passes calls on to AWS's emulator while `passes` says so; the others get no answer. */
async function wayTo(endpoint: string, passes: () => boolean): Promise<{ url: string; stop(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    if (!passes()) return void request.socket.destroy();
    const { method, headers } = request;
    const onwards = http.request(new URL(request.url ?? '/', endpoint), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.destroy());
    request.pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
