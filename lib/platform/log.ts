import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * One JSON line per log entry. Only the fields named here can be written: ids, states, counts and reasons of our own.
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
  process.stdout.write(`${JSON.stringify({ level, message, service, ...recordScope.getStore(), ...fields })}\n`);
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

/** The innermost places of a stack. It begins with the message, which may have many lines, and lines that look like places. */
function placesOf({ stack, message }: Error): string | undefined {
  const places = stack
    ?.replace(message, () => '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return places?.slice(0, 3).join(' ').replace(/\s+/g, ' ').slice(0, 300);
}
