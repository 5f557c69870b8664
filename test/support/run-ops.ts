import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Stack } from '../../local/stack.ts';

/** The operators' commands against a running stack, without a terminal. */
export async function runOps(stack: Stack, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return readAll(start(stack, args));
}

/** The same with a line on its standard input, and with other variables. */
export async function runOpsWith(
  stack: Stack,
  { input = '', env = {} }: { input?: string; env?: Readonly<Record<string, string>> },
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return readAll(start(stack, args, { env, input }));
}

async function readAll(child: ReturnType<typeof start>): Promise<{ code: number; out: string; err: string }> {
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

/** The same, killed as soon as it says what it has begun. */
export async function killOps(stack: Stack, ...args: string[]): Promise<void> {
  const child = start(stack, args);
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  child.stderr.once('data', () => child.kill('SIGKILL'));
  await ended;
}

function start(
  { aws, url, names }: Stack,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Readonly<Record<string, string>> } = {},
) {
  const child = spawn(process.execPath, ['commands/ops.ts', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      CONCIERGE_ADMIN_URL: `${url}/admin/v1`,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      ASSIGNMENTS_QUEUE_URL: names.queueUrl('AssignmentsQueue'),
      ...env,
    },
  });
  child.stdin.end(input);
  return child;
}
