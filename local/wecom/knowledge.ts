import type { World } from './world.ts';

/** The knowledge base (知识库) of customer service: groups of questions with an answer each. */
export interface Intent {
  readonly id: string;
  readonly groupId: string;
  question: string;
  similar: readonly string[];
  answers: readonly { readonly text: string; readonly attachments: readonly { readonly msgtype: string }[] }[];
}

interface Group {
  readonly id: string;
  name: string;
  readonly isDefault: boolean;
}

interface Knowledge {
  readonly groups: Map<string, Group>;
  readonly intents: Map<string, Intent>;
}

const bases = new WeakMap<World, Knowledge>();

/** There is always a default group. */
export function knowledgeOf(world: World): Knowledge {
  const known = bases.get(world);
  if (known !== undefined) return known;
  const id = `G${world.random.text(12)}`;
  const made: Knowledge = { groups: new Map([[id, { id, name: '默认分组', isDefault: true }]]), intents: new Map() };
  bases.set(world, made);
  return made;
}
