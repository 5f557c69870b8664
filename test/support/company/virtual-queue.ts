import type { VirtualTime } from './virtual-time.ts';

export interface VirtualQueue<Message> {
  send(message: Message, group: string): void;
  /** Messages that wait or are being handled. */
  size(): number;
}

/**
 * A FIFO queue with the function behind it: a message takes a while to be handed over; of one group they are handled one after the
 * other; so many groups are handled at once. `alike`: messages of one group that wait are one.
 */
export function virtualQueue<Message>(room: {
  readonly time: VirtualTime;
  readonly handOverMs: () => number;
  readonly atOnce: number;
  readonly alike: boolean;
  readonly handle: (message: Message) => Promise<void>;
}): VirtualQueue<Message> {
  const { time } = room;
  const waiting = new Map<string, Message[]>();
  const busy = new Set<string>();
  let travelling = 0;

  function arrive(message: Message, group: string): void {
    travelling -= 1;
    const before = waiting.get(group) ?? [];
    waiting.set(group, room.alike ? [message] : [...before, message]);
    startSome();
  }

  function startSome(): void {
    for (const [group, [message, ...rest]] of waiting) {
      if (busy.size >= room.atOnce) return;
      if (busy.has(group) || message === undefined) continue;
      if (rest.length > 0) waiting.set(group, rest);
      else waiting.delete(group);
      busy.add(group);
      time.at(time.now(), async () => {
        await room.handle(message);
        busy.delete(group);
        startSome();
      });
    }
  }

  return {
    send(message, group) {
      travelling += 1;
      time.at(time.now() + room.handOverMs(), () => arrive(message, group));
    },
    size: () => travelling + busy.size + [...waiting.values()].reduce((all, some) => all + some.length, 0),
  };
}
