import * as z from 'zod';
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { absent, any, below, equals, type Table } from '../store/table.ts';
import { type Desk, emptyDesk } from './desk.ts';
import { NO_NOTICES, type NoticeSettings, NoticeTerms, type Supervisor } from './supervisor.ts';

/**
 * What supervisors are told, in WeCom's table: `notices` (who is told, and how), `notices#<userid>` (a desk), `noticed#<event>`. Everything
 * is read by its key and changed by updates, so the function needs no more than GetItem and UpdateItem; the sweep queries the index `attention`.
 */
export interface NoticesStore {
  /** Consistently read; nobody, where nothing was ever saved. */
  settings(): Promise<NoticeSettings>;
  saveSettings(settings: NoticeSettings): Promise<void>;
  read(supervisorId: string): Promise<Desk>;
  /**
   * Saves on top of the version that was read. The saved desk, or undefined when somebody else saved first.
   *
   * @param lookAt when the sweep should wake this desk; undefined while there is nothing to do
   */
  save(desk: Desk, lookAt: Instant | undefined): Promise<Desk | undefined>;
  /** Saves another desk in place of what lies there, and leaves when it is looked at. Done also where there is none. */
  rewrite(supervisorId: string, how: (desk: Desk) => Desk): Promise<void>;
  /** Whether everybody heard of this event. */
  wasHeard(eventId: string): Promise<boolean>;
  noteHeard(eventId: string, now: Instant): Promise<void>;
  /** One more message to this agent in this minute; false when he had as many as `most`. */
  takeTurn(agentId: string, now: Instant, most: number): Promise<boolean>;
  /** Supervisors whose desks should have been looked at by `now`, longest due first. From an index: it may lag behind. */
  overdue(now: Instant, limit: number): Promise<{ owner: string; attentionAt: Instant }[]>;
}

const ATTENTION = 'notices';
const SETTINGS = { id: 'notices' };
const DESK = 'notices#';
/** Longer than an event can come again: four days in the queue, fourteen among its dead letters. */
const HEARD_FOR = 20 * DAY;

const Stored = z.object({ id: z.string(), attentionAt: z.number() });

export function noticesStore(table: Table): NoticesStore {
  const deskKey = (supervisorId: string) => ({ id: `${DESK}${supervisorId}` });
  const heardKey = (eventId: string) => ({ id: `noticed#${eventId}` });

  return {
    async settings() {
      const item = await table.get(SETTINGS, { consistent: true });
      // Parsed when they were saved; shifts are not what they were written as.
      return item
        ? { supervisors: item.supervisors as Supervisor[], terms: NoticeTerms.parse(item.terms) }
        : NO_NOTICES;
    },

    async saveSettings({ supervisors, terms }) {
      await table.put({ ...SETTINGS, supervisors: [...supervisors], terms });
    },

    async read(supervisorId) {
      const item = await table.get(deskKey(supervisorId), { consistent: true });
      // Written by `save` alone, so what lies there is a desk.
      return item ? (item.desk as Desk) : emptyDesk(supervisorId);
    },

    async save(desk, lookAt) {
      const saved: Desk = { ...desk, version: desk.version + 1 };
      const change = {
        set: {
          desk: saved,
          version: saved.version,
          ...(lookAt !== undefined && { attention: ATTENTION, attentionAt: lookAt }),
        },
        ...(lookAt === undefined && { remove: ['attention', 'attentionAt'] }),
      };
      const condition = desk.version === 0 ? absent('version') : equals('version', desk.version);
      return (await table.update(deskKey(desk.supervisorId), change, { condition })) && saved;
    },

    async rewrite(supervisorId, how) {
      for (;;) {
        const item = await table.get(deskKey(supervisorId), { consistent: true });
        if (!item) return;
        const before = item.desk as Desk;
        const desk: Desk = { ...how(before), version: before.version + 1 };
        const condition = equals('version', before.version);
        const set = { desk, version: desk.version };
        if (await table.update(deskKey(supervisorId), { set }, { condition })) return;
      }
    },

    async wasHeard(eventId) {
      return (await table.get(heardKey(eventId), { consistent: true })) !== undefined;
    },

    async noteHeard(eventId, now) {
      await table.update(heardKey(eventId), { set: { expiresAt: Math.ceil((now + HEARD_FOR) / SECOND) } });
    },

    async takeTurn(agentId, now, most) {
      const minute = Math.floor(now / MINUTE);
      const change = { add: { told: 1 }, set: { expiresAt: Math.ceil((now + HOUR) / SECOND) } };
      const condition = any(absent('told'), below('told', most));
      return (await table.update({ id: `briefs#${agentId}#${minute}` }, change, { condition })) !== undefined;
    },

    async overdue(now, limit) {
      const { items } = await table.query({ index: 'attention', partition: ATTENTION, sort: { atMost: now }, limit });
      return items.map((item) => {
        const { id, attentionAt } = Stored.parse(item);
        return { owner: id.slice(DESK.length), attentionAt };
      });
    },
  };
}
