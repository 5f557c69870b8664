import type { RotationFacts } from '../../../lib/contact-me/eligibility.ts';
import { rotate } from '../../../lib/contact-me/rotate.ts';
import type { ContactWay } from '../../../lib/contact-me/way.ts';
import type { WayRecord } from '../../../lib/contact-me/way-record.ts';
import { STAGE } from './company-system.ts';
import type { CompanyWeCom } from './company-wecom.ts';

/** A way at one moment: its record, its configuration, and what its rotation would go by. */
export interface WayNow {
  readonly record: WayRecord;
  readonly way: ContactWay;
  readonly facts: RotationFacts;
}

/** The codes of a way that do not list in WeCom whom they should list at this moment, in words. */
export function wrongListsOf(wecom: Pick<CompanyWeCom, 'codeOf'>, { record, way, facts }: WayNow): string[] {
  const { listed } = rotate(facts);
  const state = `cc:${STAGE}:${way.wayId}`;
  const own = wecom.codeOf(state);
  const wrong: string[] = [];
  if (listed.length > 0 && names(own?.users) !== names(listed))
    wrong.push(`${way.wayId}: lists ${names(own?.users)}, not ${names(listed)}`);
  if (own && own.remark !== way.name) wrong.push(`${way.wayId}: is called ${own.remark}, not ${way.name}`);
  if (way.mode !== 'link') return wrong;
  const members = facts.way.members.filter(({ agentId }) => !Object.hasOwn(facts.setAside, agentId));
  const without = members.filter(({ agentId }) => {
    const code = wecom.codeOf(`${state}:${record.members?.[agentId]?.number}`);
    return names(code?.users) !== agentId || code?.remark !== way.name;
  });
  return [...wrong, ...without.map(({ agentId }) => `${way.wayId}: no code of ${agentId}`)];
}

const names = (users: readonly string[] = []): string => users.toSorted().join();
