import { createHash } from 'node:crypto';
import {
  DescribeReplayCommand,
  type EventBridgeClient,
  ResourceAlreadyExistsException,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import type { Instant } from '../platform/clock.ts';

/** What of the archive is to come again. Whole seconds count; `to` is not included. */
export interface ReplayWish {
  /** The bus whose archive has the same name, and to which it comes. */
  readonly bus: string;
  readonly account: string;
  readonly partition: string;
  readonly region: string;
  readonly from: Instant;
  readonly to: Instant;
  /** The rules that are to see it; none named, all of them do. Names of rules of this bus. */
  readonly rules: readonly string[];
  /** Tells this replay from an earlier one of the same time. */
  readonly again?: string | undefined;
}

export interface ReplayState {
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
  /** Of when the last event was that came again. */
  readonly reached?: Instant;
}

/**
 * The same wish has the same name, so that whoever asks again after a broken connection asks for the same replay; another wish has another one,
 * or it would be taken for done. Rules are in it as a hash: names of rules are as long as a replay's own may be.
 */
export function nameOf({ from, to, rules, again }: ReplayWish): string {
  const stamp = (at: Instant): string => new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const named = createHash('sha256').update([...new Set(rules)].sort().join('\n'));
  const which = rules.length === 0 ? '' : `-${named.digest('hex').slice(0, 10)}`;
  return `ops-${stamp(from)}-${stamp(to)}${again === undefined ? '' : `-${again}`}${which}`;
}

/** Begins a replay; 'known' where it was begun before. Events keep their ids, and name the replay (EventBridge: StartReplay). */
export async function startReplay(client: EventBridgeClient, wish: ReplayWish): Promise<'begun' | 'known'> {
  const { bus, account, partition, region, from, to, rules } = wish;
  const arn = (rest: string) => `arn:${partition}:events:${region}:${account}:${rest}`;
  const FilterArns = rules.map((rule) => arn(`rule/${bus}/${rule}`));
  try {
    await client.send(
      new StartReplayCommand({
        ReplayName: nameOf(wish),
        EventSourceArn: arn(`archive/${bus}`),
        EventStartTime: new Date(from),
        EventEndTime: new Date(to),
        Destination: { Arn: arn(`event-bus/${bus}`), ...(FilterArns.length > 0 && { FilterArns }) },
      }),
    );
    return 'begun';
  } catch (error) {
    if (error instanceof ResourceAlreadyExistsException) return 'known';
    throw error;
  }
}

export async function readReplay(client: EventBridgeClient, wish: ReplayWish): Promise<ReplayState> {
  const name = nameOf(wish);
  const { State, StateReason, EventLastReplayedTime } = await client.send(
    new DescribeReplayCommand({ ReplayName: name }),
  );
  return {
    name,
    state: State ?? 'UNKNOWN',
    ...(StateReason !== undefined && { reason: StateReason }),
    ...(EventLastReplayedTime && { reached: EventLastReplayedTime.getTime() }),
  };
}
