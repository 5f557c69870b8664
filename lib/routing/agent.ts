import type { Instant } from '../platform/clock.ts';
import type { AgentTerms, TeamTerms } from './terms.ts';

/** A WeCom member who serves customers. `agentId` is the userid, lower-cased at the border. */
export interface Agent extends AgentTerms {
  readonly agentId: string;
  /** How many conversations at once. */
  readonly capacity: number;
  /** Our own switch; it can only narrow what WeCom says about reception. */
  readonly duty: 'on' | 'off';
  readonly teams: readonly string[];
  /** Whom his teams help out (they stand in these teams' `overflow`): their lines move, too, when he has room. */
  readonly helps?: readonly string[];
  /** What the configuration says of his duty; he may have been switched since. */
  readonly dutyInFile?: 'on' | 'off';
  /** The places taken: one element for each conversation (`conversation#request`). */
  readonly serving: ReadonlySet<string>;
  /** When work last came or went; absent, never. */
  readonly lastWorkAt?: Instant;
  /** WeCom's reception status, by kf account. Absent: not told yet, so trying is the way to find out. */
  readonly presence: Readonly<Record<string, Presence>>;
  /** Not there although on duty; without `until`, until he says otherwise. */
  readonly away?: { readonly until?: Instant; readonly reason: string };
  /** He has left: he gets nothing until he receives again. Whoever he served is given to others. */
  readonly left?: Left;
}

/** That somebody has left is a fact about him, and not the end of what is known of him. */
export interface Left {
  readonly at: Instant;
  readonly reason: LeftBecause;
}

/**
 * - `deleted`: WeCom told that he left the corp, or the app's sight.
 * - `unknown-member`: WeCom knows nobody of his id, or does not let the app see him.
 * - `no-servicer`: no account on whose list he was has him any more.
 */
export type LeftBecause = 'deleted' | 'unknown-member' | 'no-servicer';

export interface Presence {
  /** `absent`: he was on WeCom's list of the account, and is not any more. */
  readonly status: 'receiving' | 'stopped' | 'suspended' | 'unknown' | 'absent';
  readonly at: Instant;
}

/** A team serves kf accounts with its agents. */
export interface Team extends TeamTerms {
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
  /** The agent who has the customer as a contact in WeCom, second choice while he has room. */
  readonly owner?: string;
  /** The level wanted of each skill, 1 to 5. */
  readonly skills?: Readonly<Record<string, number>>;
  readonly language?: string;
  /** Higher is served first; absent, 0. What a step is worth: `line-order.ts`. */
  readonly priority?: number;
  /** Who alone is wanted, until then; afterwards, and when WeCom refuses him, anybody. */
  readonly only?: { readonly agentId: string; readonly until: Instant };
  /** Agents whom WeCom refused for this conversation, until when they are passed over. */
  readonly excluded: Readonly<Record<string, Instant>>;
  /** Whom of them WeCom itself refused, and when: who receives again since then may be asked at once. */
  readonly refusedAt?: Readonly<Record<string, Instant>>;
  /** The conversation was told that it waits. */
  readonly told?: true;
  /** What the customer writes, where no language is wanted: see `seen-language.ts`. */
  readonly seenLanguage?: string;
  /** Which question of the conversation for its place is answered next. */
  readonly asked?: number;
}
