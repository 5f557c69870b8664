import { type Clock, HOUR, SECOND } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import type { ReconcileWake } from '../platform/wakes.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { parseState, trialState } from '../wecom/way-state.ts';
import { codesOf } from './compare-night.ts';
import type { ContactWayStore } from './contact-way-store.ts';
import type { CustomerDesk } from './customer-desk.ts';
import { CORP } from './customer-record.ts';
import type { NightStore, StrangeCode } from './night-store.ts';

export type CodesStep = Extract<ReconcileWake, { step: 'codes' }>;

/** What is younger may be under way: made, and its handle not saved yet. */
const SETTLED_AFTER = HOUR;
/** Codes that one message reads at most, and how long it goes on reading. */
const READS_PER_STEP = 40;
const READS_FOR = 8 * SECOND;
/** How many are remembered; more are only counted. */
const REMEMBERED = 1000;
const SIDE_BY_SIDE = 20;

export interface AuditCodes {
  readonly clock: Clock;
  readonly stage: string;
  readonly zone: string;
  readonly nights: NightStore;
  readonly ways: Pick<ContactWayStore, 'ways' | 'read'>;
  contactFor(app: string): Pick<ContactApi, 'listWays' | 'readWay' | 'deleteWay'>;
  send(wake: ReconcileWake): Promise<void>;
}

/**
 * Finds the codes of an app that are not ours: other stages' and older systems' (foreign), and those that bear our name while no way
 * has them (orphaned). They are reported, and never changed or deleted; each is read once. Only scratch codes that a crash left behind are
 * deleted: nobody ever saw them. WeCom: externalcontact/list_contact_way, get_contact_way.
 */
export function auditCodes(room: AuditCodes, desk: Pick<CustomerDesk, 'tellOnce'>) {
  return async function audit(step: CodesStep): Promise<void> {
    const { app, night } = step;
    const now = room.clock();
    const contact = room.contactFor(app);
    const listed = new Set(await contact.listWays(undefined, now - SETTLED_AFTER));
    const own = await ownCodes();
    const isStrange = (configId: string) => listed.has(configId) && !own.has(configId);
    const all = await room.nights.strangeCodes();
    const codes = all.filter((one) => one.app !== app || isStrange(one.configId));
    const known = new Set(codes.map(({ configId }) => configId));
    const unread = [...listed].filter((configId) => isStrange(configId) && !known.has(configId));
    const some = unread.slice(0, Math.min(READS_PER_STEP, step.reads, REMEMBERED - codes.length));
    let read = 0;
    for (const configId of some) {
      const found = await look(contact, app, configId);
      if (found) codes.push(found);
      read += 1;
      if (room.clock() - now > READS_FOR) break;
    }
    await room.nights.saveStrangeCodes(codes, now);
    const left = unread.length - read;
    const goesOn = left > 0 && read > 0 && step.reads > read && codes.length < REMEMBERED;
    if (goesOn) return room.send({ ...step, reads: step.reads - read, tries: 0 });
    const here = codes.filter((one) => one.app === app);
    const orphaned = here.filter((one) => one.orphaned).length;
    const data = { app, foreign: here.length - orphaned, orphaned, unread: left };
    await desk.tellOnce(CORP, `${night}#${app}`, { type: 'ways.audited.v1', at: now, data });
  };

  /** Undefined when there is nothing to report any more. */
  async function look(
    contact: ReturnType<AuditCodes['contactFor']>,
    app: string,
    configId: string,
  ): Promise<StrangeCode | undefined> {
    const code = await contact.readWay(configId);
    if (!code) return undefined;
    const { state } = code;
    if (state === trialState(room.stage)) {
      await contact.deleteWay(configId);
      count('ScratchCodesDeleted');
      return undefined;
    }
    const orphaned = 'wayId' in parseState(room.stage, state);
    if (orphaned) log.warn('a code of ours that no way has', { app, state });
    return { app, configId, orphaned, ...(state !== '' && { state }) };
  }

  /** The handles of all codes that configured ways have. */
  async function ownCodes(): Promise<ReadonlySet<string>> {
    const own = new Set<string>();
    for (const some of inChunks(await room.ways.ways(), SIDE_BY_SIDE)) {
      const records = await Promise.all(some.map(({ wayId }) => room.ways.read(wayId, room.zone, room.clock())));
      for (const record of records) for (const configId of codesOf(record)) own.add(configId);
    }
    return own;
  }
}
