import type { Agent, LeftBecause } from './agent.ts';

/** WeCom: nobody has this userid, or the app does not see him. */
const UNKNOWN_MEMBER = 60111;
/** WeCom: he is no servicer of the account (kf/service_state/trans). 95014 is also answered for who never logged in. */
const NO_SERVICER: ReadonlySet<number> = new Set([60253, 95014]);

/** What a refusal of an agent says of him; undefined: nothing that outlasts it. */
export function refusalSays(errcode: number | undefined): 'unknown-member' | 'not-on-list' | undefined {
  if (errcode === UNKNOWN_MEMBER) return 'unknown-member';
  return errcode !== undefined && NO_SERVICER.has(errcode) ? 'not-on-list' : undefined;
}

/** Whether he was on the account's list before: who was never there has not left, and may be added any time. */
export function wasListed({ presence }: Pick<Agent, 'presence'>, openKfId: string): boolean {
  const status = presence[openKfId]?.status;
  return status !== undefined && status !== 'absent';
}

/** Why he has left, once this account does not have him any more either; undefined while another one has. */
export function leftWithout({ presence }: Pick<Agent, 'presence'>, openKfId: string): LeftBecause | undefined {
  const others = Object.entries(presence).filter(([account]) => account !== openKfId);
  return others.every(([, { status }]) => status === 'absent') ? 'no-servicer' : undefined;
}

/** The conversations of which an agent has places, each once. */
export function conversationsOf({ serving }: Pick<Agent, 'serving'>): string[] {
  return [...new Set([...serving].map((element) => element.slice(0, element.lastIndexOf('#'))))].sort();
}
