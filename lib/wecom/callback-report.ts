import { AwsCallFailed } from '../platform/aws-json.ts';
import { errorFields, type LogFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { CallbackReport } from './callback.ts';

/** One log line per callback, and one count: of what was accepted by source, kind and credential, of the rest by reason. */
export function logCallback({ error, ...fields }: CallbackReport): void {
  const { outcome, app = 'unknown', kind = 'none', credential = 'unknown', reason } = fields;
  if (outcome === 'refused') {
    log.warn('callback refused', fields);
    count('CallbacksRefused', { reason: reason ?? 'unknown' }, 1, [['reason'], []]);
    return;
  }
  if (outcome === 'not-queued') {
    log.error('callback not queued, WeCom is asked to send it again', { ...fields, ...troubleOf(error) });
    count('CallbacksNotQueued', { app }, 1, [['app'], []]);
    return;
  }
  log.info('callback taken', fields);
  const byKind = ['app', 'kind', 'credential'];
  // The proof of an address is made with every pair, whatever WeCom uses, so it is in no sum of what a pair brought.
  const sets = outcome === 'echoed' ? [byKind] : [byKind, ['app', 'credential']];
  count(outcome === 'ignored' ? 'CallbacksIgnored' : 'CallbacksAccepted', { app, kind, credential }, 1, sets);
}

/** AWS's name for the trouble is ours to log; of any other error only its kind. */
function troubleOf(error: unknown): LogFields {
  return error instanceof AwsCallFailed ? { error: error.message } : errorFields(error);
}
