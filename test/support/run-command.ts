import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { listen } from '../../local/http-server.ts';
import type { Stack } from '../../local/stack.ts';

/** How a command ended, and what it printed. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type Environment = Readonly<Record<string, string>>;

/** Starts a script of this project as an operator does, without a terminal. Nothing of this process's own settings reaches it. */
export function startScript(script: string, args: readonly string[], env: Environment, input = '') {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // What Node makes of the sources is the same for all of them.
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(process.cwd(), '.local', 'compiled'), ...env },
  });
  // Who does not read what it is given may end first.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

export async function untilEnded(child: ReturnType<typeof startScript>): Promise<Ran> {
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), codeOf(child)]);
  return { code, out, err };
}

const codeOf = (child: ChildProcess) =>
  new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));

/** What a command needs to know of AWS. */
export const awsOf = ({ aws }: Pick<Stack, 'aws'>, endpoint = aws.endpoint) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: aws.region,
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
});

const addressesOf = (stack: Stack) => ({
  ...awsOf(stack),
  CONCIERGE_ADMIN_URL: `${stack.url}/admin/v1`,
  ASSIGNMENTS_QUEUE_URL: stack.names.queueUrl('AssignmentsQueue'),
});

/** `npm run config` against a running stack. */
export const runConfig = (stack: Stack, ...args: string[]): Promise<Ran> =>
  untilEnded(startScript('commands/config.ts', args, addressesOf(stack)));

/** `npm run ops` against a running stack. */
export const runOps = (stack: Stack, ...args: string[]): Promise<Ran> => runOpsWith(stack, {}, ...args);

/** The same with a line on its standard input, and with other variables. */
export const runOpsWith = (
  stack: Stack,
  { input, env }: { input?: string; env?: Environment },
  ...args: string[]
): Promise<Ran> => untilEnded(startScript('commands/ops.ts', args, { ...addressesOf(stack), ...env }, input));

/** The same, killed as soon as it says what it has begun. */
export async function killOps(stack: Stack, ...args: string[]): Promise<void> {
  const child = startScript('commands/ops.ts', args, addressesOf(stack));
  child.stderr.once('data', () => child.kill('SIGKILL'));
  await codeOf(child);
}

/** `npm run ops` that knows AWS alone. `killAtCall`: it is killed when it makes its n-th call, which is not heard any more. */
export async function runOpsOnAws(
  stack: Pick<Stack, 'aws' | 'names'>,
  args: readonly string[],
  { killAtCall, env = {} }: { killAtCall?: number; env?: Environment } = {},
): Promise<Ran> {
  let calls = 0;
  let kill = (): void => undefined;
  const way = await listen((request, response) => {
    calls += 1;
    if (calls === killAtCall) kill();
    if (killAtCall !== undefined && calls >= killAtCall) return void request.socket.destroy();
    const { method, headers } = request;
    const onwards = http.request(new URL(request.url ?? '/', stack.aws.endpoint), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.destroy());
    request.pipe(onwards);
  });
  const bucket = { MEDIA_BUCKET: stack.names.bucket('MediaBucket') };
  const child = startScript('commands/ops.ts', args, { ...awsOf(stack, way.url), ...bucket, ...env });
  kill = () => child.kill('SIGKILL');
  const ran = await untilEnded(child);
  await way.stop();
  return ran;
}
