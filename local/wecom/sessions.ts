import { Refusal } from './refusal.ts';
import type { Switches } from './switches.ts';

export type State = 0 | 1 | 2 | 3 | 4;

export const HOUR = 3_600_000;
export const REPLY_WINDOW = 48 * HOUR;
const REPLIES_PER_MESSAGE = 5;

/** What WeCom knows about one customer on one account. Times are milliseconds. */
export interface Session {
  state: State;
  servicer: string | undefined;
  /** Who served last, also after the end. */
  lastServicer: string | undefined;
  lastWroteAt: number | undefined;
  lastEnteredAt: number | undefined;
  lastWelcomedAt: number | undefined;
  /** Messages by API since the customer's last one. */
  repliesUsed: number;
  /** The states whose reply code was already given in this session. */
  codesGiven: Set<State>;
}

export function newSession(): Session {
  return {
    state: 4,
    servicer: undefined,
    lastServicer: undefined,
    lastWroteAt: undefined,
    lastEnteredAt: undefined,
    lastWelcomedAt: undefined,
    repliesUsed: 0,
    codesGiven: new Set(),
  };
}

/** A session is over 48 hours after the customer's last message; nobody is told (WeCom: kf/service_state). */
export function settle(session: Session, now: number): Session {
  const over = session.lastWroteAt !== undefined && now - session.lastWroteAt > REPLY_WINDOW;
  if (session.state !== 4 && over) moveTo(session, 4);
  return session;
}

export function moveTo(session: Session, state: State, servicer?: string): void {
  session.state = state;
  session.servicer = state === 3 ? servicer : undefined;
  if (servicer !== undefined) session.lastServicer = servicer;
  if (state === 4) session.codesGiven.clear();
}

/** A message in an ended session opens a new one; every message opens a new reply window. Says whether it is new. */
export function noteMessage(session: Session, now: number): boolean {
  settle(session, now);
  const isNew = session.state === 4;
  if (isNew) moveTo(session, 0);
  session.lastWroteAt = now;
  session.repliesUsed = 0;
  return isNew;
}

/**
 * Whether the API may write now. WeCom: kf/send_msg.
 *
 * @throws Refusal 95002 after 48 hours, 95018 or 95013 in a state that is not the API's, 95001 after five messages
 */
export function assertMayReply(session: Session, now: number, switches: Switches): void {
  settle(session, now);
  if (session.lastWroteAt !== undefined && now - session.lastWroteAt > REPLY_WINDOW) {
    throw new Refusal(switches.sendTooLateCode);
  }
  if (session.state === 4) throw new Refusal(switches.sendWhenEndedCode);
  if (session.state > 1) throw new Refusal(95018);
  if (session.repliesUsed >= REPLIES_PER_MESSAGE) throw new Refusal(95001);
}

/** A message by API in a new session hands it to the smart assistant. */
export function noteReply(session: Session): void {
  session.repliesUsed += 1;
  if (session.state === 0) moveTo(session, 1);
}

const ARROWS: ReadonlySet<string> = new Set(['0>2', '0>3', '1>2', '1>3', '2>3', '3>3', '3>4']);

/** @throws Refusal 95016 for a change that the page does not name */
export function assertMayMove(session: Session, to: State, switches: Switches): void {
  const arrow = `${session.state}>${to}`;
  if (ARROWS.has(arrow) || switches.extraArrows.includes(arrow)) return;
  throw new Refusal(session.state === 4 ? switches.transFromEndedCode : 95016);
}

/** Whether this change to 2 or 3 brings a reply code: only the first one does. */
export function takesReplyCode(session: Session, to: State, switches: Switches): boolean {
  const given = switches.replyCodes === 'perState' ? session.codesGiven.has(to) : session.codesGiven.size > 0;
  session.codesGiven.add(to);
  return !given;
}
