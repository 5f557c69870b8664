import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageStack } from './package-stack.ts';
import { type Stack, startStack } from './stack.ts';
import { StepFailed, tellStory } from './story.ts';
import { startWeCom, type WeCom } from './wecom/simulator.ts';

const HELP = `npm start [-- OPTIONS]    在本机运行整个系统 · the whole stack on this machine

  --once          tells a short story and exits: 0, or 1 with the step that failed
  --config FILE   loads this business configuration (without it: config/sample.yml, with the simulator only)
  --verbose       shows what the functions log, too (it is in .local/functions.log in any case)
  --help          prints this

Environment:
  PORT              the HTTP port (default 3000)
  WECOM_API_URL     talks to the WeCom at this address instead of starting the simulator; WECOM_SECRETS then has
                    the credentials (docs/operations/settings.md shows the JSON)
  AWS_ENDPOINT_URL  works on the AWS emulator at this address: tables, queues and the bus are created there
  CALLBACK_TOLERANCE_SECONDS, ANSWER_NOTHING_OLDER_THAN_SECONDS   as in config/<stage>.yml
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const STAGE = 'dev';

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    config: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await run();
  } catch (error) {
    process.stderr.write(`\nnpm start failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  if (process.exitCode !== undefined) process.exit(process.exitCode);
}

/** The exit code, or undefined to stay up. */
async function run(): Promise<number | undefined> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const config = configFile();
  say('packaging the stack that serverless.yml describes (only when something changed) …');
  const packaged = await packageStack({ stage: STAGE, root });

  const elsewhere = process.env.WECOM_API_URL;
  if (elsewhere && !process.env.WECOM_SECRETS)
    throw new Error('WECOM_API_URL is set, so WECOM_SECRETS has to be set too (docs/operations/settings.md).');
  const wecom = elsewhere ? undefined : await startWeCom({ seed: Date.now() });
  const stack = await startStack({
    packaged,
    port: portOf(),
    wecomApiUrl: elsewhere ?? wecom?.url ?? '',
    ...(process.env.AWS_ENDPOINT_URL && { awsEndpointUrl: process.env.AWS_ENDPOINT_URL }),
    environment: {
      WECOM_SECRETS: process.env.WECOM_SECRETS ?? JSON.stringify(wecom?.secrets),
      ...passedOn('CALLBACK_TOLERANCE_SECONDS', 'ANSWER_NOTHING_OLDER_THAN_SECONDS', 'LOG_LEVEL'),
    },
    onLog: logger(),
  });
  stopOnSignals(stack, wecom);
  if (config) await applyConfiguration(stack, config);

  if (wecom) {
    const callback = `${stack.url}/wecom/callbacks/main`;
    const verified = await wecom.setCallbackUrl('main', callback);
    if (!verified.ok) throw new Error(`WeCom could not verify ${callback}: ${verified.reason}`);
    say(`callback address verified by WeCom in ${verified.ms} ms`);
  }
  say(`ready ${stack.url}`);
  if (wecom) {
    say('\nThree customers write at once:\n');
    try {
      await tellStory(wecom, say);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      say(`\nfailed: ${error.message}`);
      if (options.once) return 1;
    }
  }
  if (options.once) {
    // The last words of the story are still being handled.
    await stack.settled({ allowDelayed: true });
    await stack.stop();
    await wecom?.stop();
    say('\nThe story is told.');
    return 0;
  }
  say(addresses(stack, wecom));
  return undefined;
}

/** Without a story to tell and without --config there is nothing to load: the built-in rules answer. */
function configFile(): string | undefined {
  if (options.config !== undefined) {
    const file = resolve(options.config);
    if (!existsSync(file)) throw new Error(`--config: there is no file ${file}`);
    return file;
  }
  return process.env.WECOM_API_URL ? undefined : join(root, 'config', 'sample.yml');
}

function portOf(): number {
  const wanted = process.env.PORT;
  // A story that only runs once needs no particular port, and should not fail because another one is up.
  if (!wanted) return options.once ? 0 : 3000;
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('PORT has to be a number from 0 to 65535.');
  return port;
}

function passedOn(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function logger(): (entry: { function: string; line: string }) => void {
  mkdirSync(join(root, '.local'), { recursive: true });
  const file = createWriteStream(join(root, '.local', 'functions.log'));
  return (entry) => {
    file.write(`${entry.function}: ${entry.line}\n`);
    if (options.verbose) process.stdout.write(`${entry.function}: ${entry.line}\n`);
  };
}

/** The operators' own command, as they would run it. */
async function applyConfiguration(stack: Stack, file: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(root, 'commands', 'config.ts'), 'apply', file, '--stage', STAGE, '--yes'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: stack.aws.endpoint,
        AWS_REGION: stack.aws.region,
        AWS_ACCESS_KEY_ID: stack.aws.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: stack.aws.credentials.secretAccessKey,
      },
    },
  );
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`the business configuration ${file} was not applied\n${said}`);
}

function addresses(stack: Stack, wecom: WeCom | undefined): string {
  const lines = [
    '',
    `callback   ${stack.url}/wecom/callbacks/{app}`,
    `admin      ${stack.url}/admin/v1/teams`,
    ...(wecom ? [`simulator  ${wecom.url}   (curl ${wecom.url}/_/ says how to play)`] : []),
    `aws        ${stack.aws.endpoint}`,
    '',
    'Ctrl-C stops everything.',
  ];
  return lines.join('\n');
}

function stopOnSignals(stack: Stack, wecom: WeCom | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await stack.stop();
      await wecom?.stop();
      process.exit(0);
    });
  }
}
