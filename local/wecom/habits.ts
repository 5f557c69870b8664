import { clientOf } from './client.ts';
import type { Conversation, World } from './world.ts';

/** How an employee works while nobody plays him. Seconds are those of the simulator's clock. */
export type Habit =
  /** Answers each message so long after it came, or after he was given the customer; ends so long after his last answer, or forgets to. */
  | { readonly does: 'answers'; readonly afterSeconds: number; readonly endsAfterSeconds?: number }
  | { readonly does: 'ignores' }
  /** Stops receiving as soon as he is given a customer, and does not answer. */
  | { readonly does: 'refuses' }
  /** Answers like the first, and stops receiving so long after he began. */
  | { readonly does: 'goes-off-duty'; readonly afterSeconds: number; readonly answersAfterSeconds?: number };

export interface Habits {
  /** From now on; undefined: he does what he is told, and nothing else. */
  set(userid: string, habit: Habit | undefined): void;
  stop(): void;
}

const LOOKS_EVERY_MS = 20;
const ANSWER = '您好，我来帮您看一下。 Hello, let me have a look.';

interface Due {
  readonly at: number;
  readonly userid: string;
  act(): Promise<unknown>;
}

/** Looks at every happening of a conversation, and at the clock while somebody has a habit. */
export function habitBoard(world: World): Habits {
  const habits = new Map<string, Habit>();
  let due: Due[] = [];
  let timer: NodeJS.Timeout | undefined;

  const later = (userid: string, seconds: number, act: () => Promise<unknown>): void =>
    void due.push({ at: world.now() + seconds * 1000, userid, act });

  world.onHappening((conversation, line) => {
    const { session, openKfId } = conversation;
    const userid = session.servicer;
    const habit = userid === undefined ? undefined : habits.get(userid.toLowerCase());
    // What he writes himself asks nothing of him.
    if (userid === undefined || habit === undefined || line.from === 'servicer' || line.from === 'api') return;
    if (habit.does === 'refuses' && line.from === 'system') {
      later(userid, 0, () => clientOf(world, userid).setReception(openKfId, 'stopped'));
    }
    const after =
      habit.does === 'answers'
        ? habit.afterSeconds
        : habit.does === 'goes-off-duty'
          ? habit.answersAfterSeconds
          : undefined;
    if (after !== undefined) later(userid, after, () => answer(conversation, userid));
  });

  async function answer(conversation: Conversation, userid: string): Promise<void> {
    const { openKfId, customer, transcript } = conversation;
    if (!serves(conversation, userid)) return;
    // Two messages in a row get one answer.
    if (transcript.findLast(({ from }) => from !== 'system')?.from === 'servicer') return;
    await clientOf(world, userid).answer(openKfId, customer, ANSWER);
    const habit = habits.get(userid.toLowerCase());
    if (habit?.does !== 'answers' || habit.endsAfterSeconds === undefined) return;
    const answered = transcript.length;
    later(userid, habit.endsAfterSeconds, async () => {
      if (serves(conversation, userid) && transcript.length === answered)
        await clientOf(world, userid).end(openKfId, customer);
    });
  }

  function look(): void {
    const now = world.now();
    const ready = due.filter(({ at }) => at <= now);
    due = due.filter(({ at }) => at > now);
    // What his client would not let him do, he does not do.
    for (const one of ready.toSorted((a, b) => a.at - b.at)) void one.act().catch(() => undefined);
  }

  return {
    set(userid, habit) {
      const name = userid.toLowerCase();
      due = due.filter((one) => one.userid.toLowerCase() !== name);
      if (habit === undefined) habits.delete(name);
      else habits.set(name, habit);
      if (habit?.does === 'goes-off-duty') later(userid, habit.afterSeconds, () => leave(userid));
      if (habits.size > 0) timer ??= setInterval(look, LOOKS_EVERY_MS);
    },
    stop() {
      clearInterval(timer);
    },
  };

  async function leave(userid: string): Promise<void> {
    for (const { openKfId, reception } of world.corp.accounts.values()) {
      if (reception.has(userid.toLowerCase())) await clientOf(world, userid).setReception(openKfId, 'stopped');
    }
  }
}

const serves = ({ session }: Conversation, userid: string): boolean =>
  session.state === 3 && session.servicer === userid;
