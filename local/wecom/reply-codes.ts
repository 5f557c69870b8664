import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import { HOUR, type State } from './sessions.ts';
import type { Switches } from './switches.ts';

export type Occasion = 'welcome' | 'pool' | 'person' | 'end';

interface OccasionRule {
  livesMs: number;
  msgtypes: readonly string[];
  /** The state that the session must still be in. */
  state: State | undefined;
}

// WeCom: kf/send_msg_on_event, the table of situations.
const OCCASIONS: Readonly<Record<Occasion, OccasionRule>> = {
  welcome: { livesMs: 20_000, msgtypes: ['text', 'msgmenu'], state: undefined },
  pool: { livesMs: 48 * HOUR, msgtypes: ['text'], state: 2 },
  person: { livesMs: 48 * HOUR, msgtypes: ['text'], state: 3 },
  end: { livesMs: 20_000, msgtypes: ['text', 'msgmenu'], state: 4 },
};

export interface IssuedCode {
  readonly occasion: Occasion;
  readonly openKfId: string;
  readonly customer: string;
  readonly at: number;
  used: boolean;
}

export interface ReplyCodes {
  issue(occasion: Occasion, openKfId: string, customer: string, now: number): string;
  /** @throws Refusal for an unknown, used or late code */
  find(code: string, now: number): IssuedCode;
}

export function replyCodes(random: Random, switches: Switches): ReplyCodes {
  const issued = new Map<string, IssuedCode>();
  return {
    issue(occasion, openKfId, customer, now) {
      const code = random.text(43);
      issued.set(code, { occasion, openKfId, customer, at: now, used: false });
      return code;
    },
    find(code, now) {
      const found = issued.get(code);
      if (found === undefined || found.used || now - found.at > OCCASIONS[found.occasion].livesMs) {
        throw new Refusal(switches.badCodeCode);
      }
      return found;
    },
  };
}

export function msgtypesFor(occasion: Occasion): readonly string[] {
  return OCCASIONS[occasion].msgtypes;
}

export function stateFor(occasion: Occasion): State | undefined {
  return OCCASIONS[occasion].state;
}
