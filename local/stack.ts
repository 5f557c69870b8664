import { setTimeout as sleep } from 'node:timers/promises';
import { callAws } from './aws-call.ts';
import { readBusRules, targetsOf } from './bus-rules.ts';
import { createClock, type Pace } from './clock.ts';
import { type Emulators, startEmulators } from './emulators.ts';
import { createEnvironments, type Environments, type Invoked, runtimeVariables } from './environments.ts';
import type { BusEvent, EventBus } from './event-bus.ts';
import { readMappings, startEventSource } from './event-sources.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import { createHttpApi, readRoutes } from './http-api.ts';
import { listen } from './http-server.ts';
import { lambdaDoor } from './lambda-door.ts';
import { assertLambdaMay } from './lambda-needs.ts';
import type { OutsideCall } from './outside-call.ts';
import type { PackagedStack } from './package-stack.ts';
import { createPermissions } from './permissions.ts';
import { playDoor } from './play-door.ts';
import { depthOf, isLeft, type QueueDepth } from './queue-depth.ts';
import { createResources } from './resources.ts';
import { readSchedules, startSchedules } from './schedules.ts';
import { storedSettings } from './stored-settings.ts';
import { createResolver, type FunctionDescription, PLACE, readFunctions } from './template.ts';
import { noteUse } from './used-grants.ts';

export interface StackOptions {
  readonly packaged: PackagedStack;
  /** The HTTP API's port on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
  /** Other values for variables that functions declare in serverless.yml. A variable that none declares is an error. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Values for `ssm:GetParameter` and `secretsmanager:GetSecretValue`, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Texts that functions read from a store, by the setting that says where: `WECOM_SECRETS`. Only with AWS on this machine. */
  readonly stored?: Readonly<Record<string, string>>;
  /** Where WeCom is. Without it (and without WECOM_API_URL in `environment`) calls to WeCom fail; none leaves the machine. */
  readonly wecomApiUrl?: string;
  /** Another AWS emulator to work on. Tables, queues, the bus and the bucket are created there. */
  readonly awsEndpointUrl?: string;
  /** Told why the other emulator has no bucket, so that pictures and files do not work; without it that is an error. */
  readonly withoutBucket?: (why: string) => void;
  /** Another stack on this machine, in whose AWS this one lives, too, and whose bus its rules may name. It has to be stopped later. */
  readonly beside?: Stack;
  /** 1, the default, is real time; with 0.05 visibility, delays, schedules and time-outs run twenty times faster. */
  readonly timeScale?: number;
  /**
   * The scale of the functions' own time-outs, where it should differ: work takes real time however fast the rest goes, and a
   * busy machine must not look like a function that hangs. A queue's scaled visibility still has to be as long.
   */
  readonly timeoutScale?: number;
  /** How fast the functions' clock goes. Queues, schedules and time-outs keep the machine's time, as with `travel`. */
  readonly pace?: Pace;
  /** `false`: scheduled functions run only by `invoke`. */
  readonly schedules?: boolean;
  /** How many environments a function has at most; 10 unless said. */
  readonly environmentsPerFunction?: number;
  readonly onLog?: (entry: { readonly function: string; readonly line: string }) => void;
}

/** The running stack. */
export interface Stack {
  /** The HTTP API's address. */
  readonly url: string;
  /** Where tables, queues and the bus are, for tests and commands; fault rules do not reach here. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** What resources are called, by their logical ids in serverless.yml. */
  readonly names: {
    table(logicalId: string): string;
    queueUrl(logicalId: string): string;
    bus(logicalId: string): string;
    bucket(logicalId: string): string;
  };
  /**
   * Invokes a function (by its name in serverless.yml) and waits for its answer.
   *
   * @throws FunctionFailed when the function throws, times out or is killed
   */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Every call that a function made to AWS or WeCom, in order. */
  readonly calls: readonly OutsideCall[];
  readonly faults: Faults;
  /** Everything that was put on the bus, in order. Stays empty on another emulator. */
  readonly events: readonly (BusEvent & { readonly bus: string })[];
  /** The bus itself, for a stack beside this one; undefined on another emulator. */
  readonly bus: EventBus | undefined;
  queueDepths(): Promise<Record<string, QueueDepth>>;
  /**
   * Resolves when no invocation runs and no queue with a consumer holds a message, visible or in flight; delayed messages
   * count too unless `allowDelayed`.
   *
   * @throws after `timeoutMs` (real milliseconds, 10 s unless said), naming what is left
   */
  settled(options?: { readonly timeoutMs?: number; readonly allowDelayed?: boolean }): Promise<void>;
  /** Moves the clock of every function forward by `ms`. Queues and schedules keep their own pace. */
  travel(ms: number): void;
  /** The stack's time, in milliseconds since 1970. */
  now(): number;
  stop(): Promise<void>;
}

/** An invocation that gave no answer. `reason` is the error's name, `timed out` or `killed`. */
export class FunctionFailed extends Error {
  readonly reason: string;
  constructor(functionName: string, reason: string, message: string) {
    super(`${functionName}: ${reason} ${message}`.trim());
    this.name = 'FunctionFailed';
    this.reason = reason;
  }
}

const DEFAULT_ENVIRONMENTS = 10;
/** A long poll at our own queues ends when they stop; at another emulator's we have to wait for it. */
const OWN_WAIT_SECONDS = 20;
const OTHER_WAIT_SECONDS = 1;

type Stop = () => void | Promise<void>;

/**
 * Starts everything that a packaged template describes, on this machine.
 *
 * @throws when the template holds something that has no local meaning; nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started: Stop[] = [];
  try {
    return await assemble(options, started);
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

/** Ends everything, the newest first. */
async function stopAll(started: Stop[]): Promise<void> {
  for (const stop of started.splice(0).reverse()) await stop();
}

/** @param started gets what ends each part as soon as the part runs */
async function assemble(options: StackOptions, started: Stop[]): Promise<Stack> {
  const { template, codeFolder } = options.packaged;
  const timeScale = options.timeScale ?? 1;
  const limit = options.environmentsPerFunction ?? DEFAULT_ENVIRONMENTS;
  const clock = createClock(options.pace);
  const elsewhere = options.beside?.aws.endpoint ?? options.awsEndpointUrl;
  const parameters = { ...options.parameters, ...storedSettings(template, options.stored ?? {}) };
  const emulators: Emulators | undefined =
    elsewhere === undefined ? await startEmulators({ clock, parameters }) : undefined;
  let polls: Promise<unknown> = Promise.resolve();
  started.push(async () => {
    // Our own queues end the pollers' waiting when they close.
    await emulators?.stop();
    await polls;
  });
  const endpoint = elsewhere ?? emulators?.url ?? '';
  const urlAt = (origin: string) => (queueName: string) => `${origin}/${PLACE.account}/${queueName}`;
  const resolver = createResolver(template, urlAt(endpoint));
  await createResources({ template, resolver, endpoint, timeScale, withoutBucket: options.withoutBucket });

  const faults = createFaults();
  const gateway: Gateway = await startGateway({
    awsEndpoint: endpoint,
    wecomApiUrl: options.wecomApiUrl ?? options.environment?.WECOM_API_URL,
    clock,
    timeScale,
    chooseFault: (call) => faults.choose(call),
    functionOf: (environment) => environments.functionOf(environment),
    kill: (environment) => environments.kill(environment),
    judge: (call) => judge(call),
  });
  started.push(() => gateway.stop());
  // The functions see the queues at the gateway: the SDK sends a call to its queue's own address.
  const functions = readFunctions(template, createResolver(template, urlAt(gateway.url)));
  refuseUndeclared(functions, options.environment ?? {});
  const permissions = createPermissions(
    functions.map(({ role }) => role),
    noteUse,
  );
  const byName = new Map(functions.map((one) => [one.name, one]));
  const judge: GatewayOptions['judge'] = async (call) => {
    const caller = byName.get(call.function);
    if (call.service === 'wecom') return { allowed: true, by: [] };
    return caller ? permissions.judge(caller.role, caller.fullName, call) : { allowed: false, by: [] };
  };
  const environments: Environments = createEnvironments({
    functions,
    codeFolder,
    clock,
    timeScale: options.timeoutScale ?? timeScale,
    limit,
    variables: (description, environment) => variablesOf(description, environment, gateway, options.environment ?? {}),
    onLog: (name, line) => {
      emulators?.metrics.note(line);
      options.onLog?.({ function: name, line });
    },
  });
  started.push(() => environments.stop());

  const nameOfFunction = (functionId: string): string => {
    const arn = resolver.arnOf(functionId);
    const found = functions.find((one) => one.arn === arn);
    if (!found) throw new Error(`The template has no function ${functionId}`);
    return found.name;
  };
  const invokeById = (functionId: string, event: unknown): Promise<Invoked> =>
    environments.invoke(nameOfFunction(functionId), event);

  const mappings = readMappings(template, resolver);
  const triggers = mappings.map(({ functionId, queueId }) => ({
    function: nameOfFunction(functionId),
    queue: resolver.nameOf(queueId),
  }));
  await assertLambdaMay(permissions, functions, triggers);
  const sources = mappings.map((mapping) =>
    startEventSource({
      mapping,
      endpoint,
      queueUrl: urlAt(endpoint)(resolver.nameOf(mapping.queueId)),
      queueArn: resolver.arnOf(mapping.queueId),
      concurrency: Math.min(mapping.maximumConcurrency ?? limit, limit),
      waitSeconds: emulators ? OWN_WAIT_SECONDS : OTHER_WAIT_SECONDS,
      clock,
      invoke: (event) => invokeById(mapping.functionId, event),
    }),
  );

  started.push(() => {
    polls = Promise.all(sources.map((source) => source.stop()));
  });

  let delivering = 0;
  const rules = readBusRules(template, resolver);
  const eventBus = emulators?.bus ?? options.beside?.bus;
  let stopped = false;
  started.push(() => {
    stopped = true;
  });
  eventBus?.subscribe((bus, event) => {
    if (stopped) return;
    for (const target of targetsOf(rules, bus, event)) void deliver(target, event);
  });
  async function deliver(target: string, event: BusEvent): Promise<void> {
    delivering++;
    try {
      if (template.resource(target)?.type !== 'AWS::SQS::Queue') await invokeById(target, event);
      else
        await callAws(endpoint, 'sqs', 'SendMessage', {
          QueueUrl: names.queueUrl(target),
          MessageBody: JSON.stringify(event),
        });
    } catch (error) {
      options.onLog?.({ function: target, line: `An event was not delivered: ${String(error)}` });
    } finally {
      delivering--;
    }
  }

  async function invoke(functionName: string, event: unknown): Promise<unknown> {
    const result = await environments.invoke(functionName, event);
    if (result.kind === 'returned') return result.value;
    if (result.kind !== 'threw') throw new FunctionFailed(functionName, result.kind, '');
    throw new FunctionFailed(functionName, result.error.errorType, result.error.errorMessage);
  }

  const api = createHttpApi({ routes: readRoutes(template), clock, invoke: invokeById });
  const play = { functions, invoke };
  const lambda = {
    functions: functions.map((one) => ({ ...one, environment: withOverrides(one, options.environment ?? {}) })),
    clock,
    restart: (name: string) => environments.restart(name),
  };
  const http = await listen(playDoor(play, lambdaDoor(lambda, api)), options.port);
  started.push(() => http.stop());
  const stopSchedules = startSchedules({
    schedules: options.schedules === false ? [] : readSchedules(template, resolver),
    clock,
    timeScale,
    invoke: (functionId, event) => void invokeById(functionId, event),
  });
  started.push(stopSchedules);

  const names = {
    table: (id: string) => resolver.nameOf(id),
    queueUrl: (id: string) => urlAt(endpoint)(resolver.nameOf(id)),
    bus: (id: string) => resolver.nameOf(id),
    bucket: (id: string) => resolver.nameOf(id),
  };
  const queueIds = template.ofType('AWS::SQS::Queue').map(({ logicalId }) => logicalId);
  const depths = async (ids: readonly string[]): Promise<Record<string, QueueDepth>> => {
    const read = ids.map(
      async (id): Promise<[string, QueueDepth]> => [id, await depthOf(endpoint, names.queueUrl(id))],
    );
    return Object.fromEntries(await Promise.all(read));
  };

  async function settled({ timeoutMs = 10_000, allowDelayed = false } = {}): Promise<void> {
    const consumed = [...new Set(mappings.map(({ queueId }) => queueId))];
    const until = performance.now() + timeoutMs;
    for (let queue: string | undefined; ; ) {
      const before = environments.load();
      // Asking the queues takes longer than most invocations, so they are not asked while something runs.
      if (before.running.length === 0 && delivering === 0) {
        queue = await firstWithMessages(queue, consumed, allowDelayed);
        const after = environments.load();
        // An invocation in between may have read a queue before the count and written to another after it.
        if (!queue && after.running.length === 0 && delivering === 0 && before.total === after.total) return;
      }
      if (performance.now() > until) {
        const all = Object.entries(await depths(consumed));
        const queues = Object.fromEntries(all.filter(([, depth]) => isLeft(depth, allowDelayed)));
        const { running } = environments.load();
        throw new Error(`The stack did not settle in ${timeoutMs} ms: ${JSON.stringify({ running, queues })}`);
      }
      await sleep(10);
    }
  }

  /** Whoever had some when it was last asked is asked first, because most often it still has. */
  async function firstWithMessages(last: string | undefined, all: readonly string[], allowDelayed: boolean) {
    const order = last === undefined ? all : [last, ...all.filter((id) => id !== last)];
    for (const id of order) if (isLeft(await depthOf(endpoint, names.queueUrl(id)), allowDelayed)) return id;
    return undefined;
  }

  return {
    url: http.url,
    aws: { endpoint, region: PLACE.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } },
    names,
    invoke,
    calls: gateway.calls,
    faults,
    events: eventBus?.events ?? [],
    bus: eventBus,
    queueDepths: () => depths(queueIds),
    settled,
    travel: (ms) => clock.travel(ms),
    now: () => clock.now(),
    stop: () => stopAll(started),
  };
}

function refuseUndeclared(
  functions: readonly FunctionDescription[],
  overrides: Readonly<Record<string, string>>,
): void {
  const unknown = Object.keys(overrides).filter((name) => !functions.some(({ environment }) => name in environment));
  if (unknown.length > 0) throw new Error(`No function declares ${unknown.join(', ')} in serverless.yml`);
}

/** What the function declares, with what the caller puts in its place. */
function withOverrides(
  { environment }: FunctionDescription,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, overrides[name] ?? value]));
}

/** A function's variables: the template's, what the caller puts in their place, and the ways out through the gateway. */
function variablesOf(
  description: FunctionDescription,
  environment: string,
  gateway: Gateway,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...withOverrides(description, overrides),
    ...('WECOM_API_URL' in description.environment ? { WECOM_API_URL: `${gateway.url}/wecom/${environment}` } : {}),
    ...runtimeVariables(description, environment),
    AWS_ENDPOINT_URL: gateway.url,
    // The SDK would otherwise read the settings of whoever started the stack.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
