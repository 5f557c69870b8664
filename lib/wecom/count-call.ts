import { count } from '../platform/metrics.ts';
import { classify } from './errors.ts';

/** What an operator would have to look at; alarms are on these, whatever the API and the code. */
export type CallOutcome =
  | 'ok'
  | 'address'
  | 'secret'
  | 'token'
  | 'limited'
  | 'configuration'
  | 'unreachable'
  | 'refused';

/** 40001 wrong secret, 40013 wrong corp id, 40091 wrong secret of the kind asked for. */
const SECRET: ReadonlySet<number> = new Set([40001, 40013, 40091]);

/** @param errcode WeCom's; undefined when there was no readable answer */
export function outcomeOfCall(errcode: number | undefined): CallOutcome {
  if (errcode === 0) return 'ok';
  if (errcode === undefined) return 'unreachable';
  if (errcode === 60020) return 'address';
  if (errcode === 45033) return 'limited';
  if (SECRET.has(errcode)) return 'secret';
  switch (classify(errcode)) {
    case 'token':
      return 'token';
    case 'frequency':
      return 'limited';
    case 'configuration':
      return 'configuration';
    case 'transient':
      return 'unreachable';
    default:
      return 'refused';
  }
}

/** Counts a call of WeCom's API, in one line: by API and code for who looks closer, by outcome and in all for alarms. */
export function countCall(api: string, errcode: number | undefined): void {
  const dimensions = { api, errcode: String(errcode ?? 'none'), outcome: outcomeOfCall(errcode) };
  count('WeComCalls', dimensions, 1, [['api', 'errcode'], ['outcome'], []]);
}
