import type { Finding, Words } from './finding.ts';
import { stepOf } from './steps.ts';

/** The step of the set-up path that a refusal of WeCom's points to; undefined for what is about no step. */
export function stepOfRefusal(errcode: number, about: 'app' | 'kf' | 'contacts' | 'links'): number | undefined {
  switch (errcode) {
    case 40013:
      return 1;
    case 40001:
    case 40091:
    case 40056:
    case 301002:
      return 4;
    case 60020:
      return 6;
    case 50001:
      return 7;
    case 95011:
    case 95012:
      return 9;
    case 48002:
      return about === 'kf' ? 9 : about === 'links' ? 16 : about === 'contacts' ? 13 : 3;
    case 48007:
      return 10;
    case 60011:
    case 60111:
      return 3;
    case 95014:
    case 95019:
      return 12;
    case 84074:
    case 40098:
    case 41054:
      return 13;
    case 95027:
      return 0;
    default:
      return undefined;
  }
}

export const ok = (check: string, step: number, what: Words, about?: string): Finding => ({
  check,
  step,
  outcome: 'ok',
  what,
  ...(about !== undefined && { about }),
});

/** With the mend of its step, unless another one is given. */
export function notOk(
  check: string,
  step: number,
  outcome: 'failed' | 'unknown' | 'skipped',
  what: Words,
  { about, mend = stepOf(step).mend }: { about?: string | undefined; mend?: Words } = {},
): Finding {
  return { check, step, outcome, what, mend, ...(about !== undefined && { about }) };
}

export const failed = (check: string, step: number, what: Words, about?: string): Finding =>
  notOk(check, step, 'failed', what, { about });

/** Up to five ids, and how many more. */
export function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).join(', ');
  return ids.length > 5 ? `${shown} … (${ids.length})` : shown;
}
