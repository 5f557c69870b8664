import { WeComError, WeComUnreachable } from '../../lib/wecom/errors.ts';

/** What befalls a call to WeCom: an errcode, or no answer, since it never left, was never heard, or was lost after WeCom acted. */
export type Mishap = number | 'not-connected' | 'lost-before' | 'lost-after';

/** Makes a call, and lets what befalls it happen around it. */
export function befallen<T>(mishap: Mishap | undefined, api: string, act: () => T): T {
  if (typeof mishap === 'number') throw new WeComError({ api, errcode: mishap });
  if (mishap === 'not-connected') throw new WeComUnreachable({ api, reason: 'connection', mayHaveActed: false });
  if (mishap === 'lost-before') throw new WeComUnreachable({ api, reason: 'time-out', mayHaveActed: true });
  const answer = act();
  if (mishap === 'lost-after') throw new WeComUnreachable({ api, reason: 'time-out', mayHaveActed: true });
  return answer;
}
