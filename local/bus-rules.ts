import type { BusEvent } from './event-bus.ts';
import { matchesPattern } from './event-pattern.ts';
import { RuleTargets } from './schedules.ts';
import type { Resolver, Template } from './template.ts';

/** A rule that hands events of a bus to functions and queues. */
export interface BusRule {
  readonly bus: string;
  readonly pattern: unknown;
  /** Logical ids of functions and queues. */
  readonly targets: readonly string[];
}

/** Reads the template's rules with an event pattern. */
export function readBusRules(template: Template, resolver: Resolver): BusRule[] {
  return template.ofType('AWS::Events::Rule').flatMap(({ logicalId, properties }) => {
    if (properties.EventPattern === undefined || properties.State === 'DISABLED') return [];
    const bus = String(resolver.resolve(properties.EventBusName ?? 'default', `${logicalId}.EventBusName`));
    const pattern = resolver.resolve(properties.EventPattern, `${logicalId}.EventPattern`);
    const targets = RuleTargets.parse(properties.Targets).map((target) => target.Arn['Fn::GetAtt'][0]);
    return [{ bus: bus.split('/').at(-1) ?? bus, pattern, targets }];
  });
}

/** The targets of an event, each rule's own. */
export function targetsOf(rules: readonly BusRule[], bus: string, event: BusEvent): string[] {
  return rules
    .filter((rule) => rule.bus === bus && matchesPattern(rule.pattern, event))
    .flatMap((rule) => rule.targets);
}
