import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { Clock } from './clock.ts';
import { type FunctionDescription, PLACE } from './template.ts';

/** How an invocation ended. */
export type Invoked =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: FunctionFailure }
  /** The function's time-out ended it, and its environment. */
  | { readonly kind: 'timed out' }
  /** A fault rule, or the end of the stack, killed the environment. */
  | { readonly kind: 'killed' };

export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/**
 * The functions' execution environments. Each is a thread of its own with its own variables; it handles one invocation
 * at a time and is used again, as in Lambda. (Unlike Lambda's it is not frozen between invocations.)
 */
export interface Environments {
  /** Invokes a function in a free environment, a new one, or the next one to become free. */
  invoke(functionName: string, event: unknown): Promise<Invoked>;
  /** Ends an environment at once, whatever it is doing. */
  kill(environment: string): void;
  /** Ends a function's environments, those that work as soon as they have done: the next invocation begins in a new one. */
  restart(functionName: string): void;
  /** The function that a living environment runs. */
  functionOf(environment: string): string | undefined;
  /** How many invocations are running or waiting, and how many there were in all. */
  load(): { readonly running: readonly string[]; readonly total: number };
  stop(): Promise<void>;
}

export interface EnvironmentsOptions {
  readonly functions: readonly FunctionDescription[];
  codeFolder(functionName: string): string;
  /** All variables of an environment; `environment` is its name, which its calls carry as the access key. */
  variables(description: FunctionDescription, environment: string): Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timeScale: number;
  /** How many environments a function has at most. */
  readonly limit: number;
  onLog(functionName: string, line: string): void;
}

interface Environment {
  readonly name: string;
  readonly worker: Worker;
  readonly ready: Promise<FunctionFailure | undefined>;
  /** Settles the invocation that is running. */
  settle: ((result: Invoked) => void) | undefined;
  alive: boolean;
  /** Its function was restarted; nothing more is begun in it. */
  outdated: boolean;
}

interface Pool {
  readonly description: FunctionDescription;
  readonly all: Map<string, Environment>;
  readonly idle: Environment[];
  readonly waiting: ((environment: Environment | undefined) => void)[];
}

/** Lambda gives the code outside the handler ten seconds; a laptop that does other things at the same time gets more. */
const INIT_TIMEOUT_MS = 30_000;
const bootstrap = new URL('./worker.js', import.meta.url);

export function createEnvironments(options: EnvironmentsOptions): Environments {
  const { clock, timeScale } = options;
  const pools = new Map(
    options.functions.map((description): [string, Pool] => [
      description.name,
      { description, all: new Map(), idle: [], waiting: [] },
    ]),
  );
  const running = new Map<string, string>();
  let started = 0;
  let total = 0;
  let stopped = false;

  function start(pool: Pool): Environment {
    const { description } = pool;
    const name = `${description.name}.${++started}`;
    const worker = new Worker(bootstrap, {
      env: { ...options.variables(description, name) },
      execArgv: ['--no-warnings'],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: description.memoryMb },
      workerData: {
        clock: clock.shared,
        pace: clock.pace,
        timeScale,
        ...handlerOf(options.codeFolder(description.name), description.handler),
        context: {
          functionName: description.fullName,
          functionVersion: '$LATEST',
          invokedFunctionArn: description.arn,
          memoryLimitInMB: String(description.memoryMb),
          logGroupName: `/aws/lambda/${description.fullName}`,
          logStreamName: name,
        },
      },
    });
    const environment: Environment = {
      name,
      worker,
      ready: untilReady(worker),
      settle: undefined,
      alive: true,
      outdated: false,
    };
    for (const stream of [worker.stdout, worker.stderr]) {
      createInterface(stream).on('line', (line) => options.onLog(description.name, line));
    }
    worker.on('message', (message) => {
      const result = InvocationMessage.safeParse(message);
      if (result.success) environment.settle?.(result.data);
    });
    worker.on('error', (error: unknown) => end(pool, environment, { kind: 'threw', error: failureOf(error) }));
    worker.on('exit', (code) => {
      const error = { errorType: 'Runtime.ExitError', errorMessage: `The environment ended (${code})`, stackTrace: [] };
      end(pool, environment, { kind: 'threw', error });
    });
    pool.all.set(name, environment);
    return environment;
  }

  /** Takes an environment out of service; what it was doing ends with `result`. */
  function end(pool: Pool, environment: Environment, result: Invoked): void {
    if (!environment.alive) return;
    environment.alive = false;
    pool.all.delete(environment.name);
    const index = pool.idle.indexOf(environment);
    if (index >= 0) pool.idle.splice(index, 1);
    environment.settle?.(result);
    void environment.worker.terminate();
    const next = pool.waiting.shift();
    if (next) next(start(pool));
  }

  /** `undefined` when the stack stops first. */
  async function acquire(pool: Pool): Promise<Environment | undefined> {
    const idle = pool.idle.pop();
    if (idle) return idle;
    if (pool.all.size < options.limit) return start(pool);
    return new Promise((resolve) => pool.waiting.push(resolve));
  }

  function release(pool: Pool, environment: Environment): void {
    if (!environment.alive) return;
    if (environment.outdated) {
      end(pool, environment, { kind: 'killed' });
      return;
    }
    const next = pool.waiting.shift();
    if (next) next(environment);
    else pool.idle.push(environment);
  }

  async function run(pool: Pool, environment: Environment, event: unknown): Promise<Invoked> {
    const { description } = pool;
    // From now on a death of the environment ends the invocation, also while it is still starting.
    const ended = new Promise<Invoked>((resolve) => {
      environment.settle = resolve;
    });
    const unusable = await Promise.race([environment.ready, ended]);
    if (unusable !== undefined) {
      const result: Invoked = 'kind' in unusable ? unusable : { kind: 'threw', error: unusable };
      end(pool, environment, result);
      return result;
    }
    const timer = setTimeout(() => end(pool, environment, { kind: 'timed out' }), description.timeoutMs * timeScale);
    environment.worker.postMessage({
      event: JSON.stringify(event ?? null),
      requestId: randomUUID(),
      timeoutMs: description.timeoutMs,
    });
    const result = await ended;
    clearTimeout(timer);
    environment.settle = undefined;
    release(pool, environment);
    return result;
  }

  return {
    async invoke(functionName, event) {
      const pool = pools.get(functionName);
      if (!pool) throw new Error(`serverless.yml has no function ${functionName}`);
      if (stopped) return { kind: 'killed' };
      const invocation = `${functionName}#${++total}`;
      running.set(invocation, functionName);
      try {
        const environment = await acquire(pool);
        const result: Invoked = environment ? await run(pool, environment, event) : { kind: 'killed' };
        const trouble = troubleOf(result, pool.description);
        if (trouble !== undefined) options.onLog(functionName, trouble);
        return result;
      } finally {
        running.delete(invocation);
      }
    },
    kill(name) {
      for (const pool of pools.values()) {
        const environment = pool.all.get(name);
        if (environment) end(pool, environment, { kind: 'killed' });
      }
    },
    restart(functionName) {
      const pool = pools.get(functionName);
      if (!pool) return;
      for (const environment of pool.all.values()) environment.outdated = true;
      for (const environment of [...pool.idle]) end(pool, environment, { kind: 'killed' });
    },
    functionOf: (name) => [...pools.values()].find(({ all }) => all.has(name))?.description.name,
    load: () => ({ running: [...running.values()], total }),
    async stop() {
      stopped = true;
      const all = [...pools.values()].flatMap((pool) => [...pool.all.values()].map((one) => ({ pool, one })));
      for (const { waiting } of pools.values()) for (const giveUp of waiting.splice(0)) giveUp(undefined);
      for (const { pool, one } of all) end(pool, one, { kind: 'killed' });
      await Promise.all(all.map(({ one }) => one.worker.terminate()));
    },
  };
}

/** Lambda writes failures into the function's log; so it is here. */
function troubleOf(result: Invoked, { timeoutMs }: FunctionDescription): string | undefined {
  if (result.kind === 'timed out') return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  if (result.kind === 'threw') return `Invoke Error ${JSON.stringify(result.error)}`;
  return undefined;
}

function handlerOf(folder: string, handler: string): { file: string; exportName: string } {
  const dot = handler.lastIndexOf('.');
  const path = join(folder, handler.slice(0, dot));
  const file = ['.mjs', '.js', '.cjs'].map((ending) => path + ending).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`The package has no file for the handler ${handler}`);
  return { file, exportName: handler.slice(dot + 1) };
}

const Failure = z.object({ errorType: z.string(), errorMessage: z.string(), stackTrace: z.array(z.string()) });
const InvocationMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('threw'), error: Failure }),
  z
    .object({ kind: z.literal('returned'), value: z.string().optional() })
    .transform(({ kind, value }) => ({ kind, value: value === undefined ? null : JSON.parse(value) })),
]);
const FirstMessage = z.union([
  z.object({ kind: z.literal('ready') }).transform(() => undefined),
  z.object({ kind: z.literal('unusable'), error: Failure }).transform(({ error }) => error),
]);

function untilReady(worker: Worker): Promise<FunctionFailure | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ errorType: 'Sandbox.Timedout', errorMessage: 'The code did not load in time.', stackTrace: [] });
    }, INIT_TIMEOUT_MS);
    worker.once('exit', () => clearTimeout(timer));
    worker.once('message', (message) => {
      clearTimeout(timer);
      resolve(FirstMessage.parse(message));
    });
  });
}

function failureOf(error: unknown): FunctionFailure {
  const { name = 'Error', message = String(error), code }: Readonly<Record<string, unknown>> = Object(error);
  return { errorType: String(code ?? name), errorMessage: String(message), stackTrace: [] };
}

/** The variables that Lambda itself gives to every environment. */
export function runtimeVariables(description: FunctionDescription, environment: string): Record<string, string> {
  return {
    AWS_REGION: PLACE.region,
    AWS_DEFAULT_REGION: PLACE.region,
    AWS_ACCESS_KEY_ID: environment,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: description.fullName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(description.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${description.fullName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: environment,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    _HANDLER: description.handler,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
