import { AsyncLocalStorage } from 'node:async_hooks';
import { linesOf } from './log-line.ts';

/**
 * One JSON line per log entry, of at most 300 bytes; what has no room goes on in a second one (log-line.ts). Only the fields named here can be written: ids, states, counts and reasons of our own.
 * There is no field for names, message text, tokens or whole requests, so none can slip in.
 */
export interface LogFields {
  readonly app?: string | undefined;
  readonly openKfId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly teamId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly wayId?: string | undefined;
  readonly entry?: string | undefined;
  readonly effectId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly api?: string | undefined;
  readonly errcode?: number | undefined;
  /** WeCom's own `hint: […]` and `from ip:`, which its support and the trusted-address list ask for. */
  readonly hint?: string | undefined;
  readonly fromIp?: string | undefined;
  readonly error?: string | undefined;
  readonly stack?: string | undefined;
  readonly count?: number | undefined;
  readonly tries?: number | undefined;
  readonly ms?: number | undefined;
  /** The fingerprint of a callback's key. */
  readonly credential?: string | undefined;
  /** What leads from a callback to all that came of it (trace.ts). */
  readonly trace?: string | undefined;
}

/**
 * All of them, those first that find what happened and say what it was: they get the room of the first line. Whatever else is handed
 * over, by a spread for example, is not written.
 */
const IN_ORDER: { readonly [Field in keyof LogFields]-?: true } = {
  trace: true,
  errcode: true,
  error: true,
  app: true,
  api: true,
  reason: true,
  kind: true,
  outcome: true,
  fromIp: true,
  hint: true,
  conversationId: true,
  openKfId: true,
  customerId: true,
  wayId: true,
  teamId: true,
  agentId: true,
  effectId: true,
  entry: true,
  state: true,
  count: true,
  tries: true,
  ms: true,
  credential: true,
  messageId: true,
  stack: true,
};

export type Level = 'debug' | 'info' | 'warn' | 'error';
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** Fields that ride along with everything logged while one record is handled, also when records run side by side. */
export const recordScope = new AsyncLocalStorage<LogFields>();

let threshold = LEVELS.indexOf('info');
let service = 'unknown';

/** Called once by the door. */
export function configureLog(settings: { level?: string | undefined; service: string }): void {
  service = settings.service;
  const wanted = LEVELS.indexOf(settings.level as Level);
  threshold = wanted === -1 ? LEVELS.indexOf('info') : wanted;
}

function write(level: Level, message: string, fields: LogFields): void {
  if (LEVELS.indexOf(level) < threshold) return;
  // A write each, since what reads the stream may take one for one entry.
  for (const line of linesFor({ level, message, service }, { ...recordScope.getStore(), ...fields }))
    process.stdout.write(`${line}\n`);
}

/** What is written of this: fields that nobody allowed are not in it, wherever they came from. Pure. */
export function linesFor(
  what: { readonly level: Level; readonly message: string; readonly service: string },
  fields: LogFields,
): string[] {
  const { trace, errcode, error, ...rest } = fields;
  const allowed = new Map<string, string | number | undefined>(Object.entries(rest));
  const inOrder = Object.keys(IN_ORDER).flatMap((name) => {
    const value = allowed.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return linesOf({ ...what, ...(trace !== undefined && { trace }) }, { errcode, error }, inOrder);
}

export const log = {
  debug: (message: string, fields: LogFields = {}): void => write('debug', message, fields),
  info: (message: string, fields: LogFields = {}): void => write('info', message, fields),
  warn: (message: string, fields: LogFields = {}): void => write('warn', message, fields),
  error: (message: string, fields: LogFields = {}): void => write('error', message, fields),
};

/** What of an unknown error may be logged: its kind and where it came from, never its message, which may quote a customer. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  return { error: error.name, stack: placesOf(error) };
}

/**
 * The innermost places of a stack, without their folders: a function is one file. It begins with the message, which may have many
 * lines, and lines that look like places.
 */
function placesOf({ stack, message }: Error): string | undefined {
  const places = stack
    ?.replace(message, () => '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  const short = places?.slice(0, 3).map((line) => line.trim().replace(/[^\s()]*\/([^\s()]*\)?)$/, '$1'));
  return short?.join(' ').replace(/\s+/g, ' ');
}
