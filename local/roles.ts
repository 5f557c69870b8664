import * as z from 'zod';
import type { Resolver, Template } from './template.ts';

/** What a function may do: a role of the template, with everything resolved. */
export interface Role {
  readonly name: string;
  readonly policies: readonly Policy[];
}

export interface Policy {
  readonly name: string;
  readonly document: { readonly Version: string; readonly Statement: readonly Statement[] };
}

/** As IAM reads it; only that lists are lists also where they have one element. */
export type Statement = z.infer<typeof StatementShape>;

/** An action on a resource that a statement allows, as it is written there: both may hold `*` and `?`. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
}

const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const StatementShape = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const RoleShape = z.object({
  // Nobody on this machine knows what these say.
  ManagedPolicyArns: z.array(z.never()).default([]),
  PermissionsBoundary: z.undefined().optional(),
  Policies: z
    .array(
      z.object({
        PolicyName: z.string(),
        PolicyDocument: z.object({ Version: z.string().default('2008-10-17'), Statement: z.array(StatementShape) }),
      }),
    )
    .default([]),
});
const Reference = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

/**
 * Reads the role that a function's `Role` names.
 *
 * @throws with the place when it has parts that mean nothing on this machine
 */
export function readRole(template: Template, resolver: Resolver, reference: unknown, place: string): Role {
  const [roleId] = Reference.parse(reference)['Fn::GetAtt'];
  const properties = resolver.resolve(template.resource(roleId)?.properties ?? {}, place);
  const { data, error } = RoleShape.safeParse(properties);
  if (!data) throw new Error(`${place}: ${roleId} has no local meaning: ${z.prettifyError(error)}`);
  const policies = data.Policies.map(({ PolicyName, PolicyDocument }) => ({
    name: PolicyName,
    document: PolicyDocument,
  }));
  return { name: resolver.nameOf(roleId), policies };
}

/** Everything that a role allows, action by action and resource by resource; what is said in the negative is one grant. */
export function grantsOf(role: Role): Grant[] {
  return statementsOf(role)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, NotAction = [], Resource, NotResource = [] }) =>
      (Action ?? [`not ${NotAction.join()}`]).flatMap((action) =>
        (Resource ?? [`not ${NotResource.join()}`]).map((resource) => ({ action, resource })),
      ),
    );
}

/** The keys on which a role's conditions look, in small letters: IAM does not tell them apart by case. */
export function conditionKeysOf(role: Role): string[] {
  return statementsOf(role)
    .flatMap(({ Condition = {} }) => Object.values(Condition).flatMap((tests) => Object.keys(tests)))
    .map((key) => key.toLowerCase());
}

const statementsOf = ({ policies }: Role): Statement[] => policies.flatMap(({ document }) => document.Statement);
