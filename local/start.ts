import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addresses } from './addresses.ts';
import { tellOffer } from './offer-story.ts';
import { packageStack } from './package-stack.ts';
import { tellScans } from './scanning-story.ts';
import { type Stack, startStack } from './stack.ts';
import { tellStory } from './story.ts';
import { OFFER_SECONDS, storyConfig } from './story-config.ts';
import { StepFailed } from './story-steps.ts';
import { startWeCom, type WeCom } from './wecom/simulator.ts';
import { watchParent } from './whose-child.ts';

const HELP = `npm start [-- OPTIONS]    在本机运行整个系统 · the whole stack on this machine

  --once          tells a short story and exits: 0, or 1 with the step that failed
  --config FILE   loads this business configuration (without it: config/sample.yml, with the simulator only)
  --verbose       shows what the functions log, too (it is in .local/functions.log in any case)
  --help          prints this

Environment:
  PORT              the HTTP port (default 3000)
  WECOM_API_URL     talks to the WeCom at this address instead of starting the simulator, and tells no story;
                    WECOM_SECRETS then has the credentials (docs/operations/settings.md shows the JSON)
  AWS_ENDPOINT_URL  works on the AWS emulator at this address: tables, queues and the bus are created there
  CALLBACK_TOLERANCE_SECONDS, ANSWER_NOTHING_OLDER_THAN_SECONDS, RECONCILE_HOUR   as in config/<stage>.yml
  MODEL_API_URL, MODEL_NAME, MODEL_SECRETS   the model behind the rules, as modelUrl, modelName and its JSON ({} without a key)
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SAMPLE = join(root, 'config', 'sample.yml');
const STAGE = 'dev';

const LOG_FILE = '.local/functions.log';

const options = readOptions();

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

function readOptions() {
  try {
    return parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        config: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : error}\nnpm start -- --help says what can be given.\n`,
    );
    return process.exit(1);
  }
}

/** The exit code, or undefined to stay up. */
async function run(): Promise<number | undefined> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const other = otherWeCom();
  const config = configFile(other);
  const port = portOf();
  const settings = otherSettings();
  say('packaging the stack that serverless.yml describes (only when something changed) …');
  const packaged = await packageStack({ stage: STAGE, root });

  const wecom = other ? undefined : await startWeCom({ seed: Date.now() });
  const secrets = other?.secrets ?? JSON.stringify(wecom?.secrets);
  // In the store, where they are in the cloud, `npm run ops -- secrets` can change them; another emulator's store is not ours to fill.
  const isStored = !process.env.AWS_ENDPOINT_URL && secrets.trimStart().startsWith('{');
  const stack = await startStack({
    packaged,
    port,
    wecomApiUrl: other?.url ?? wecom?.url ?? '',
    ...(process.env.AWS_ENDPOINT_URL && {
      awsEndpointUrl: process.env.AWS_ENDPOINT_URL,
      withoutBucket: (why) => say(`no bucket at AWS_ENDPOINT_URL, so pictures and files do not work (${why})`),
    }),
    ...(isStored && { stored: { WECOM_SECRETS: secrets } }),
    environment: { ...(!isStored && { WECOM_SECRETS: secrets }), ...settings },
    onLog: logger(),
  });
  stopOnSignals(stack, wecom);
  await tryCallbacks(stack);
  const toldBySample = wecom !== undefined && config === SAMPLE;
  // The story does not wait as long for an agent as a team would.
  if (config) await applyConfiguration(stack, toldBySample ? storyConfig(config, join(root, '.local')) : config);

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
      say('\nTwelve customers scan one team code:\n');
      await tellScans(wecom, say);
      if (toldBySample) {
        say('\nA customer asks for a person, and the first one does not look:\n');
        await tellOffer(wecom, OFFER_SECONDS, say);
      }
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
    say(wecom ? '\nThe story is told.' : 'ready, and nothing to tell without the simulator');
    return 0;
  }
  if (toldBySample) await applyConfiguration(stack, SAMPLE);
  say(
    addresses({
      root,
      stackUrl: stack.url,
      simulatorUrl: wecom?.url,
      awsEndpoint: stack.aws.endpoint,
      environment: awsEnvironment(stack),
      logFile: LOG_FILE,
      config,
    }),
  );
  return undefined;
}

interface OtherWeCom {
  readonly url: string;
  readonly secrets: string;
}

/** The WeCom that stands in for the simulator, when one is named. */
function otherWeCom(): OtherWeCom | undefined {
  const { WECOM_API_URL: url, WECOM_SECRETS: secrets } = process.env;
  if (!url && !secrets) return undefined;
  if (!url) {
    throw new Error(
      'WECOM_SECRETS is set and WECOM_API_URL is not, but the simulator brings its own secrets. ' +
        'Unset WECOM_SECRETS, or set WECOM_API_URL to the WeCom that they are for.',
    );
  }
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error('WECOM_API_URL has to be an http or https address, such as http://127.0.0.1:9000.');
  }
  if (!secrets) {
    throw new Error('WECOM_API_URL is set, so WECOM_SECRETS has to be set too (docs/operations/settings.md).');
  }
  return { url, secrets };
}

/**
 * A function whose settings are unusable fails at its first start, which is a callback's: WeCom would hear 500 and nobody why.
 * So it is started once before anything is called ready.
 */
async function tryCallbacks(stack: Stack): Promise<void> {
  // No app can have a point in its name, so what is well answers 404.
  const { status } = await fetch(`${stack.url}/wecom/callbacks/no.app`);
  if (status === 404) return;
  const reason = await stack.invoke('receive-callback', {}).then(
    () => `it answers ${status}; ${LOG_FILE} has the reason`,
    (error: Error) => error.message,
  );
  throw new Error(`callbacks cannot be taken with this WECOM_SECRETS and CALLBACK_TOLERANCE_SECONDS.\n${reason}`);
}

/** Without a story to tell and without --config there is nothing to load: the built-in rules answer. */
function configFile(other: OtherWeCom | undefined): string | undefined {
  if (options.config !== undefined) {
    const file = resolve(options.config);
    if (!existsSync(file)) throw new Error(`--config: there is no file ${file}`);
    return file;
  }
  return other ? undefined : SAMPLE;
}

function portOf(): number {
  const wanted = process.env.PORT;
  // A story that only runs once needs no particular port, and should not fail because another one is up.
  if (!wanted) return options.once ? 0 : 3000;
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('PORT has to be a number from 0 to 65535.');
  return port;
}

/** The settings that the functions get from whoever starts them. */
function otherSettings(): Record<string, string> {
  const names = ['CALLBACK_TOLERANCE_SECONDS', 'ANSWER_NOTHING_OLDER_THAN_SECONDS', 'LOG_LEVEL', 'RECONCILE_HOUR'];
  // The parameter store of this machine keeps no secret of a model, so it comes from here, too.
  names.push('MODEL_API_URL', 'MODEL_NAME', 'MODEL_SECRETS');
  const given = names.flatMap((name): [string, string][] => {
    const value = process.env[name];
    if (!value) return [];
    if (name.endsWith('_SECONDS') && !/^\d+$/.test(value)) {
      throw new Error(`${name} has to be a whole number of seconds.`);
    }
    if (name === 'RECONCILE_HOUR' && !/^(1?\d|2[0-3])$/.test(value)) {
      throw new Error('RECONCILE_HOUR has to be an hour from 0 to 23.');
    }
    return [[name, value]];
  });
  return Object.fromEntries(given);
}

function logger(): (entry: { function: string; line: string }) => void {
  mkdirSync(dirname(join(root, LOG_FILE)), { recursive: true });
  const file = createWriteStream(join(root, LOG_FILE));
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
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        ...awsEnvironment(stack),
        ASSIGNMENTS_QUEUE_URL: stack.names.queueUrl('AssignmentsQueue'),
        ROTATIONS_QUEUE_URL: stack.names.queueUrl('RotationsQueue'),
      },
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  // What is to be said of the sample is said in the sample.
  if (options.config !== undefined) child.stderr.pipe(process.stderr);
  const code = await new Promise((done) => child.on('close', done));
  // 3: applied, though WeCom did not take every servicer, which need not keep anybody from trying things out.
  if (code !== 0 && code !== 3) throw new Error(`the business configuration ${file} was not applied\n${said}`);
}

/** How a command finds the stack's tables, and its admin API. */
function awsEnvironment({ aws, url }: Stack): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    CONCIERGE_ADMIN_URL: `${url}/admin/v1`,
    // Whether there is a model here, of which commands would warn otherwise.
    ...(process.env.MODEL_API_URL && { MODEL_API_URL: process.env.MODEL_API_URL }),
  };
}

function stopOnSignals(stack: Stack, wecom: WeCom | undefined): void {
  const stop = async () => {
    await stack.stop();
    await wecom?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  if (process.env.npm_lifecycle_event === 'start') watchParent(() => process.ppid, stop);
}
