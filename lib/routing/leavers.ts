import type { Agent, LeftBecause } from './agent.ts';

/** WeCom: nobody has this userid, or the app does not see him. */
const UNKNOWN_MEMBER = 60111;
/**
 * Whether a refusal says that he is gone. That he is no servicer (60253, 95014) does not: WeCom answers it also for who never logged in, so
 * the account's own list, read every hour, decides that.
 */
export const saysUnknown = (errcode: number | undefined): boolean => errcode === UNKNOWN_MEMBER;

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
