import type { Relation, Stage, Welcome } from './contact-book.ts';
import type { World } from './world.ts';

export interface WayView {
  configId: string;
  app: string;
  state: string;
  remark: string;
  skipVerify: boolean;
  users: readonly string[];
  parties: readonly number[];
  /** Friendships that began here, by lower-cased userid. */
  adds: Readonly<Record<string, number>>;
}

export interface RelationView {
  customer: string;
  member: string;
  stage: Stage;
  state: string;
  remark: string;
  tags: readonly string[];
  customerLeft: boolean;
}

/** WeCom's truth about contacts, for assertions. */
export interface ContactViews {
  ways(): WayView[];
  /** All friendships that are or were. */
  relations(): RelationView[];
  welcomes(): Welcome[];
}

export function contactViewsOf(world: World): ContactViews {
  const { ways, relations, welcomes } = world.contacts;
  return {
    ways: () =>
      [...ways.values()].map(({ configId, app, state, remark, skipVerify, users, parties, adds }) => ({
        configId,
        app,
        state,
        remark,
        skipVerify,
        users,
        parties,
        adds: Object.fromEntries(adds),
      })),
    relations: () => [...relations.values()].map(viewOf),
    welcomes: () => [...welcomes],
  };
}

function viewOf({ customer, member, stage, state, remark, tags, customerLeft }: Relation): RelationView {
  return { customer, member, stage, state, remark, tags: [...tags], customerLeft };
}
