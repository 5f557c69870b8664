import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';

/** What supervisors are told of, the most urgent first. */
export const KINDS = [
  'closing',
  'waiting',
  'off-duty',
  'way',
  'offer-expired',
  'refused',
  'member-refused',
  'agent-left',
] as const;
export type NoticeKind = (typeof KINDS)[number];

/** Something that happened and that a supervisor should know: ids and numbers, never names or text. */
export interface Notice {
  /** The event that tells it: a repeat has the same. */
  readonly eventId: string;
  readonly kind: NoticeKind;
  /** Notices with the same key become one: those of a kind in one team, or on one contact way. */
  readonly key: string;
  readonly teamId?: string;
  readonly wayId?: string;
  /** What is counted: a conversation, or a member. */
  readonly about: string;
  readonly agentId?: string;
  readonly reason?: string;
  /** When WeCom's window closes. */
  readonly closesAt?: Instant;
  readonly at: Instant;
}

/** An event as the bus hands it over: a CloudEvent in `detail`. */
export const BusNews = z.object({
  detail: z.object({
    id: z.string().min(1),
    type: z.string(),
    subject: z.string(),
    time: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
  }),
});
export type BusNews = z.infer<typeof BusNews>;

/**
 * Ids, reasons and states alone: whatever else a field might carry one day does not get onto a telephone. Customers are counted, never
 * named, so their ids are not read here.
 */
const Word = z.string().regex(/^[\p{L}\p{N}_.@-]{1,64}$/u);
const Data = z.object({
  teamId: Word.optional().catch(undefined),
  wayId: Word.optional().catch(undefined),
  agentId: Word.optional().catch(undefined),
  reason: Word.optional().catch(undefined),
  errcode: z.int().optional().catch(undefined),
  closesAt: z.iso.datetime().optional().catch(undefined),
});
type Data = z.infer<typeof Data>;

interface Reading {
  readonly kind: NoticeKind;
  readonly place: 'teamId' | 'wayId';
  /** What is counted; the event's subject, unless said otherwise. */
  readonly about?: 'agentId';
}

const READINGS: Readonly<Record<string, Reading>> = {
  'conversation.waiting.v1': { kind: 'waiting', place: 'teamId' },
  'conversation.closing.v1': { kind: 'closing', place: 'teamId' },
  'offer.expired.v1': { kind: 'offer-expired', place: 'teamId' },
  'assignment.refused.v1': { kind: 'refused', place: 'teamId' },
  'agent.off-duty.v1': { kind: 'off-duty', place: 'teamId', about: 'agentId' },
  'way.alarmed.v1': { kind: 'way', place: 'wayId' },
  'agent.left.v1': { kind: 'agent-left', place: 'teamId', about: 'agentId' },
  'member.refused.v1': { kind: 'member-refused', place: 'wayId', about: 'agentId' },
};

/** The `detail-type`s that supervisors hear of; the rule in serverless.yml has to let these through. */
export const NOTICED_TYPES: readonly string[] = Object.keys(READINGS);

/** What an event means for supervisors; undefined when it is none of theirs. Pure. */
export function noticeOf({ detail: { id, type, subject, time, data } }: BusNews): Notice | undefined {
  const reading = Object.hasOwn(READINGS, type) ? READINGS[type] : undefined;
  if (!reading) return undefined;
  const read = Data.parse(data);
  const { kind, place, about } = reading;
  const { teamId, wayId, agentId } = read;
  const reason = reasonOf(read);
  return {
    eventId: id,
    kind,
    key: `${kind}#${read[place] ?? ''}`,
    about: (about && read[about]) ?? subject,
    at: Date.parse(time),
    ...(place === 'teamId' && teamId !== undefined && { teamId }),
    ...(place === 'wayId' && wayId !== undefined && { wayId }),
    ...(agentId !== undefined && { agentId }),
    ...(reason !== undefined && { reason }),
    ...(read.closesAt !== undefined && { closesAt: Date.parse(read.closesAt) }),
  };
}

function reasonOf({ reason, errcode }: Data): string | undefined {
  return errcode === undefined ? reason : String(errcode);
}
