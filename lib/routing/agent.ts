import type { Instant } from '../platform/clock.ts';

/** A WeCom member who serves customers. `agentId` is the userid, lower-cased at the border. */
export interface Agent {
  readonly agentId: string;
  /** How many conversations at once. */
  readonly capacity: number;
  /** Our own switch; it can only narrow what WeCom says about reception. */
  readonly duty: 'on' | 'off';
  readonly teams: readonly string[];
  /** The places taken: one element for each conversation (`conversation#request`). */
  readonly serving: ReadonlySet<string>;
  /** When work last came or went; absent, never. */
  readonly lastWorkAt?: Instant;
  /** WeCom's reception status, by kf account. Absent: not told yet, so trying is the way to find out. */
  readonly presence: Readonly<Record<string, Presence>>;
}

export interface Presence {
  readonly status: 'receiving' | 'stopped' | 'suspended' | 'unknown';
  readonly at: Instant;
}

/** A team serves kf accounts with its agents. */
export interface Team {
  readonly teamId: string;
  readonly agents: readonly string[];
  /** The customer's silence after the agent's last answer that ends a session, in seconds. */
  readonly endAfterSilenceSeconds: number;
}

/** A conversation that wants an agent, as it stands in the team's line. */
export interface WaitingRequest {
  readonly r: string;
  readonly conversationId: string;
  readonly openKfId: string;
  readonly askedAt: Instant;
  /** The agent who served this customer last, first choice while he has room. */
  readonly prefer?: string;
  /** Agents whom WeCom refused for this conversation, until when they are passed over. */
  readonly excluded: Readonly<Record<string, Instant>>;
  /** The conversation was told that it waits. */
  readonly told?: true;
}
