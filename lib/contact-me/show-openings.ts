import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import { factsOf, type House } from './fold-way.ts';
import type { MemberContact, OpeningView } from './opening-view.ts';
import type { ContactWay } from './way.ts';
import type { MemberCode, WayRecord, WeComCode } from './way-record.ts';

/** The view that openings should have of a `link` way, as its record is. */
export function viewOf(record: WayRecord, way: ContactWay, house: House, now: Instant): OpeningView {
  const { turns: _, pending: __, at: ___, ...facts } = factsOf(record, way, house, now);
  const members = Object.fromEntries(
    Object.entries(record.members ?? {}).map(([agentId, member]) => [agentId, contactOf(member, way)]),
  );
  const unshown = [...facts.way.members.map(({ agentId }) => agentId), ...way.backups].filter((agentId) => {
    const contact = Object.hasOwn(members, agentId) ? members[agentId] : undefined;
    return contact?.image === undefined && contact?.link === undefined;
  });
  const image = record.code?.configId;
  const kfLink = record.kfLink?.account === way.kfAccount ? record.kfLink?.url : undefined;
  return {
    ...facts,
    // Openings greet and label nobody.
    way: { ...facts.way, welcome: { variants: [] }, tags: [] },
    wayId: record.wayId,
    version: record.version,
    day: record.day,
    revision: record.opening?.revision ?? 0,
    members,
    // Whoever cannot be shown takes no turn.
    setAside: { ...Object.fromEntries(unshown.map((agentId) => [agentId, NO_CODE])), ...facts.setAside },
    ...(image !== undefined && { nativeImage: image }),
    ...(kfLink !== undefined && { kfLink }),
  };
}

/** Has openings see the record when what they see is not what it says; a way that cannot be opened (any more) is hidden. */
export function showing(record: WayRecord, way: ContactWay | undefined, house: House, now: Instant): WayRecord {
  if (way?.mode !== 'link') {
    if (!record.opening) return record;
    const { opening: _, ...hidden } = record;
    return { ...hidden, pending: [...withoutShow(record), { kind: 'show' }] };
  }
  const kept = withImages(record);
  const {
    version: _,
    revision: __,
    day,
    adds,
    addsAcrossWays,
    members,
    nativeImage,
    kfLink,
    lastGood,
    ...facts
  } = viewOf(kept, way, house, now);
  const known = kept.opening;
  const opening = {
    facts: digest(facts),
    shown: digest([facts, day, adds, addsAcrossWays, members, nativeImage, kfLink, lastGood]),
  };
  if (known?.shown === opening.shown) return kept;
  const revision = known?.facts === opening.facts ? known.revision : grown(known?.revision ?? 0, now);
  return { ...kept, opening: { ...opening, revision }, pending: [...withoutShow(kept), { kind: 'show' }] };
}

/** Has WeCom's pictures of new codes kept, so that our page loads nothing from elsewhere. */
function withImages(record: WayRecord): WayRecord {
  const pending = [...record.pending];
  const keep = (code: WeComCode): WeComCode => {
    if (code.imageKept || code.qrCodeUrl === undefined) return code;
    pending.push({ kind: 'keep-image', name: code.configId, url: code.qrCodeUrl });
    return { ...code, imageKept: true };
  };
  const code = record.code && keep(record.code);
  const members = Object.fromEntries(
    Object.entries(record.members ?? {}).map(([agentId, member]) => [
      agentId,
      member.code ? { ...member, code: keep(member.code) } : member,
    ]),
  );
  if (pending.length === record.pending.length) return record;
  return { ...record, ...(code && { code }), members, pending };
}

const NO_CODE = { reason: 'no-code', since: 0 };

const withoutShow = ({ pending }: WayRecord) => pending.filter(({ kind }) => kind !== 'show');

/** Also above what a way of this id had before it was removed and made again. */
const grown = (revision: number, now: Instant): number => Math.max(revision + 1, now);

function contactOf({ code, link }: MemberCode, way: ContactWay): MemberContact {
  return {
    ...(code && { image: code.configId }),
    ...(link && way.memberContact === 'acquisition-link' && { link: link.url }),
  };
}

/** The table keeps no order of fields. */
const digest = (value: unknown): string =>
  createHash('sha256')
    .update(
      JSON.stringify(value, (_, one) => (isRecord(one) ? Object.fromEntries(Object.entries(one).sort(byName)) : one)),
    )
    .digest('base64url')
    .slice(0, 22);

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
