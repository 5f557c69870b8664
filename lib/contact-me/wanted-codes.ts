import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import { cutCharacters, WAY_REMARK_CHARACTERS } from '../wecom/contact-limits.ts';
import { wayState } from '../wecom/way-state.ts';
import { factsOf, type House } from './fold-way.ts';
import type { ContactWay } from './way.ts';
import type { CodeContent, MemberCode, Push, WayRecord } from './way-record.ts';

/** Something that WeCom should have: a code with its list, or a member's acquisition link. */
export type Wanted = Omit<Push, 'since'>;

/**
 * What WeCom should have and has not, the most urgent first: the printed code, which lists these users; then for a `link` way a code of every
 * member's own, then the links, without which the codes are shown. Members without a number get one: it tells their codes apart.
 */
export function wantedCodes(
  record: WayRecord,
  way: ContactWay,
  users: readonly string[],
  house: House,
  now: Instant,
): { readonly record: WayRecord; readonly wanted: readonly Wanted[] } {
  const own = codeOf(way, users, wayState(house.stage, way.wayId));
  const ofWay: Wanted[] = users.length > 0 && own.hash !== record.given?.hash ? [own] : [];
  if (way.mode !== 'link') return { record, wanted: ofWay };
  const facts = factsOf(record, way, house, now);
  const shown = [...new Set([...facts.way.members.map(({ agentId }) => agentId), ...way.backups])].filter(
    (agentId) => !Object.hasOwn(facts.setAside, agentId),
  );
  const numbered = withNumbers(record, shown);
  const linked = way.memberContact === 'acquisition-link' && (record.linksRefused?.retryAt ?? 0) <= now;
  const ofMembers = shown.flatMap((agentId) => {
    const member = numbered.members?.[agentId];
    if (!member) return [];
    const code = codeOf(way, [agentId], wayState(house.stage, way.wayId, String(member.number)), agentId);
    return [{ member, code }];
  });
  const codes = ofMembers.flatMap(({ member, code }) => (code.hash === member.hash ? [] : [code]));
  const links = ofMembers.flatMap(({ member, code }): Wanted[] =>
    linked && !member.link ? [{ ...code, link: true }] : [],
  );
  return { record: numbered, wanted: [...ofWay, ...codes, ...links] };
}

/** Two lists are the same when WeCom would do the same with them: it knows no order. */
export function hashOf({ users, remark, state, skipVerify }: CodeContent): string {
  const content = JSON.stringify([[...users].sort(), remark, state, skipVerify]);
  return createHash('sha256').update(content).digest('base64url');
}

function codeOf(way: ContactWay, users: readonly string[], state: string, whose?: string): Wanted {
  const content = { users, remark: cutCharacters(way.name, WAY_REMARK_CHARACTERS), state, skipVerify: way.skipVerify };
  return { content, hash: hashOf(content), ...(whose !== undefined && { whose }) };
}

function withNumbers(record: WayRecord, agentIds: readonly string[]): WayRecord {
  const members: Record<string, MemberCode> = { ...record.members };
  for (const agentId of agentIds) {
    if (!Object.hasOwn(members, agentId)) members[agentId] = { number: Object.keys(members).length + 1 };
  }
  return Object.keys(members).length === Object.keys(record.members ?? {}).length ? record : { ...record, members };
}
