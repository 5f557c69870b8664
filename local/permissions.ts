import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as z from 'zod';
import { KEYS_OF_EVERY_CALL, KNOWN_KEYS, type Need, needsOf } from './needs.ts';
import { conditionKeysOf, type Grant, type Role } from './roles.ts';
import { PLACE } from './template.ts';

/** What IAM would say. */
export interface Verdict {
  readonly allowed: boolean;
  /** What allows it, as the role's statements put it. */
  readonly by: readonly Grant[];
  /** In IAM's words, the first thing that is not allowed. */
  readonly refusal?: string;
}

/** Judges calls by roles, as IAM would. */
export interface Permissions {
  /** As `judge`, where it is known what the call needs. */
  judgeNeed(role: Role, caller: string, need: Need): Promise<Verdict>;
  /** @param caller what calls: the function's name in the cloud */
  judge(
    role: Role,
    caller: string,
    call: { readonly service: string; readonly action: string; readonly request: unknown },
  ): Promise<Verdict>;
}

/** Keys of objects are as many as messages with pictures; everything else is a few hundred. */
const REMEMBERED = 5000;

/**
 * The evaluation itself is that of `@cloud-copilot/iam-simulate`, which knows the actions, resources and condition keys of every service
 * (docs/decisions/0030-roles-are-proved-by-journeys.md). What was judged once is remembered: it takes a millisecond.
 *
 * @param onUse told of everything that allowed a call, for the first time
 * @throws when a role has a condition that means nothing on this machine
 */
export function createPermissions(
  roles: readonly Role[],
  onUse: (role: Role, grant: Grant) => void = () => undefined,
): Permissions {
  for (const role of roles) refuseUnknownKeys(role);
  const memories = new Map<Role, Memory>();

  function memoryOf(role: Role): Memory {
    const memory = memories.get(role) ?? { keys: conditionKeysOf(role), judged: new Map(), used: new Set() };
    memories.set(role, memory);
    return memory;
  }

  async function judgeNeed(role: Role, caller: string, { action, resource, keys }: Need): Promise<Verdict> {
    const memory = memoryOf(role);
    const looked = Object.fromEntries(Object.entries(keys).filter(([key]) => memory.keys.includes(key.toLowerCase())));
    const question = JSON.stringify([action, resource, looked]);
    const known = memory.judged.get(question);
    if (known) return known;
    if (memory.judged.size >= REMEMBERED) memory.judged.clear();
    const verdict = evaluate(role, caller, { action, resource, keys: looked });
    memory.judged.set(question, verdict);
    return verdict;
  }

  return {
    judgeNeed,
    async judge(role, caller, call) {
      const verdicts = await Promise.all(needsOf(call).map((need) => judgeNeed(role, caller, need)));
      const refused = verdicts.find(({ allowed }) => !allowed);
      if (refused) return refused;
      const by = verdicts.flatMap((one) => one.by);
      const { used } = memoryOf(role);
      for (const grant of by) {
        const name = `${grant.action} ${grant.resource}`;
        if (!used.has(name)) onUse(role, grant);
        used.add(name);
      }
      return { allowed: true, by };
    },
  };
}

/** What is known of a role. */
interface Memory {
  /** On which keys its conditions look. */
  readonly keys: readonly string[];
  readonly judged: Map<string, Promise<Verdict>>;
  readonly used: Set<string>;
}

/** A key alone leaves it to its account's roles, unless it says otherwise. */
const OF_THE_KEY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:${PLACE.partition}:iam::${PLACE.account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
};

function refuseUnknownKeys(role: Role): void {
  const unknown = conditionKeysOf(role).filter((key) => !KNOWN_KEYS.includes(key));
  if (unknown.length > 0) throw new Error(`${role.name}: nobody on this machine knows ${unknown.join(', ')}`);
}

async function evaluate(role: Role, caller: string, { action, resource, keys }: Need): Promise<Verdict> {
  const principal = `arn:${PLACE.partition}:sts::${PLACE.account}:assumed-role/${role.name}/${caller}`;
  const outcome = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: PLACE.account },
        contextVariables: { ...KEYS_OF_EVERY_CALL, ...keys },
      },
      identityPolicies: role.policies.map(({ name, document }) => ({ name, policy: document })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(action.startsWith('kms:') && { resourcePolicy: OF_THE_KEY }),
    },
    {},
  );
  const refused = (why: string): Verdict => ({
    allowed: false,
    by: [],
    refusal: `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  });
  if (outcome.resultType === 'error') {
    // No such action, no action on such a resource, or a policy that IAM would not take.
    const policies = Object.entries(outcome.errors.identityPolicyErrors ?? {});
    return refused(`because of ${[outcome.errors.message, ...policies.map((one) => JSON.stringify(one))].join(' ')}`);
  }
  if (outcome.overallResult === 'ExplicitlyDenied') return refused('with an explicit deny in an identity-based policy');
  if (outcome.resultType !== 'single' || outcome.overallResult !== 'Allowed') {
    return refused(`because no identity-based policy allows the ${action} action`);
  }
  const statements = outcome.result.analysis.identityAnalysis?.allowStatements ?? [];
  return { allowed: true, by: statements.flatMap(({ explain }) => grantsIn(explain)) };
}

const oneOrMore = <T extends z.ZodType>(shape: T) =>
  z.union([z.array(shape), shape.transform((one) => [one])]).default([]);
const Explained = z.object({
  actions: oneOrMore(z.object({ action: z.string(), matches: z.boolean() })),
  resources: oneOrMore(z.object({ resource: z.string(), matches: z.boolean() })),
  notActions: oneOrMore(z.object({ action: z.string() })),
  notResources: oneOrMore(z.object({ resource: z.string() })),
});

/** What of a statement that allows a call did so. */
function grantsIn(explain: unknown): Grant[] {
  const said = Explained.parse(explain);
  const actions = said.actions.filter(({ matches }) => matches).map(({ action }) => action);
  const resources = said.resources.filter(({ matches }) => matches).map(({ resource }) => resource);
  const not = (patterns: readonly string[]) => (patterns.length > 0 ? [`not ${patterns.join()}`] : []);
  return [...actions, ...not(said.notActions.map(({ action }) => action))].flatMap((action) =>
    [...resources, ...not(said.notResources.map(({ resource }) => resource))].map((resource) => ({ action, resource })),
  );
}
