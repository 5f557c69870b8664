import type { Fields } from './fields.ts';

/** A message of an app, as the member's WeCom shows it. */
export interface AppMessage {
  readonly msgid: string;
  readonly at: number;
  readonly app: string;
  readonly msgtype: string;
  readonly body: Fields;
  /** What a `text` or `markdown` says. */
  readonly text?: string;
}

/** What members received from apps, and what WeCom dropped on the way. */
export interface AppMessages {
  /** What a member received, oldest first. */
  receivedBy(userid: string): readonly AppMessage[];
  /** Shows it to the member, unless he had too many: the excess goes without a word to the sender. */
  show(userid: string, message: AppMessage): void;
  /** Whether the app sent the same to the same within so many milliseconds; notes it as sent, if not. */
  isRepeat(sent: { app: string; what: string; at: number }, withinMs: number): boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// WeCom: limits of message/send for one member of one app.
const PER_MINUTE = 30;
const PER_HOUR = 1000;

export function appMessages(): AppMessages {
  const received = new Map<string, AppMessage[]>();
  const sentAt = new Map<string, number>();
  return {
    receivedBy: (userid) => received.get(userid.toLowerCase()) ?? [],
    show(userid, message) {
      const shown = received.get(userid.toLowerCase()) ?? [];
      const within = (ms: number) => shown.filter(({ app, at }) => app === message.app && message.at - at < ms).length;
      if (within(MINUTE) >= PER_MINUTE || within(HOUR) >= PER_HOUR) return;
      received.set(userid.toLowerCase(), [...shown, message]);
    },
    isRepeat({ app, what, at }, withinMs) {
      const key = `${app} ${what}`;
      const before = sentAt.get(key);
      if (before !== undefined && at - before < withinMs) return true;
      sentAt.set(key, at);
      return false;
    },
  };
}
