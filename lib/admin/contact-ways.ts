import * as z from 'zod';
import type { Finding } from '../configuration/business.ts';
import { impossibleChanges } from '../configuration/impossible-changes.ts';
import { readWay } from '../configuration/read-way.ts';
import { writtenWay } from '../configuration/written-way.ts';
import { cappedAcrossWays, factsOf, foldWay, type House } from '../contact-me/fold-way.ts';
import type { ContactWay } from '../contact-me/way.ts';
import { wayAddress } from '../contact-me/way-address.ts';
import type { WayEntry } from '../contact-me/way-entries.ts';
import type { WayRecord } from '../contact-me/way-record.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import type { Calendar } from '../platform/shifts.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import { revisionOf } from '../store/revision.ts';
import type { Download } from '../wecom/code-image.ts';
import { type CodeSource, codePng, codeSvg, originalCode } from './contact-way-code.ts';
import { type OpenedTurns, type WayFacts, waySummary, wayView } from './contact-way-view.ts';
import { pageOf } from './paging.ts';
import { etagOf, forbidden, overtaken, withEtag } from './preconditions.ts';
import { readJson } from './read-json.ts';
import { wrongBody } from './wrong-body.ts';

/** What the admin API needs of the contact-me room. */
export interface AdminWays {
  readonly stage: string;
  readonly zone: string;
  readonly store: {
    ways(): Promise<ContactWay[]>;
    way(wayId: string): Promise<ContactWay | undefined>;
    read(wayId: string, zone: string, now: Instant): Promise<WayRecord>;
    settings(): Promise<{ readonly calendar: Calendar }>;
    countsElsewhere(agentId: string, wayId: string, day: Day): Promise<{ today: number; total: number }>;
    /** Saves or (`way` undefined) removes it, but only over what was `seen`; false: it is not that any more. */
    replaceWay(wayId: string, seen: ContactWay | undefined, way: ContactWay | undefined, at: Instant): Promise<boolean>;
  };
  readonly post: {
    wake(wayId: string): Promise<void>;
    tell(wayId: string, entries: readonly WayEntry[]): Promise<void>;
  };
  /** What the nightly comparison with WeCom found. */
  readonly nights: {
    lastNight(): Promise<{ readonly day: Day; readonly startedAt: Instant } | undefined>;
    strangeCodes(): Promise<readonly object[]>;
  };
  /** The turns that the openings of a `link` way took. */
  opened(wayId: string): Promise<OpenedTurns>;
  readonly download: Download;
  /** Another one for every change. */
  newId(): string;
  /** Where `link` ways are opened, without a slash at the end; absent: where this API is called. */
  readonly contactAddress?: string | undefined;
}

/** How many ways are read side by side. */
const READ_AT_ONCE = 20;

/** Contact ways, as supervisors see and change them; nobody's change undoes another's unseen. */
export function contactWayRoutes(room: AdminWays, clock: Clock): Readonly<Record<string, Route>> {
  const { store, post, stage, zone } = room;

  /** Everything that a way is shown by; `way` as it is configured now. */
  async function look(way: ContactWay, calendar: Calendar, at: Instant): Promise<WayFacts> {
    const { wayId } = way;
    const [found, opened] = await Promise.all([
      store.read(wayId, zone, at),
      way.mode === 'link' ? room.opened(wayId) : undefined,
    ]);
    const alone: House = { stage, zone, calendar, addsElsewhere: {} };
    const record = foldWay(found, [], way, alone, at);
    const day = dayOf(zone, at);
    const elsewhere = cappedAcrossWays(record, way, alone, at).map(
      async (agentId) => [agentId, await store.countsElsewhere(agentId, wayId, day)] as const,
    );
    const addsElsewhere = Object.fromEntries(await Promise.all(elsewhere));
    return { way, record, house: { ...alone, addsElsewhere }, opened, at };
  }

  /** What was saved is in the way's inbox, so the sweep finds it within a minute when nobody can be woken. */
  async function wake(wayId: string): Promise<void> {
    try {
      await post.wake(wayId);
    } catch (error) {
      log.warn('contact way not woken', { wayId, ...errorFields(error) });
    }
  }

  async function change(request: HttpRequest, id: string, how: (way: ContactWay) => ContactWay): Promise<HttpAnswer> {
    for (;;) {
      const way = await store.way(id);
      if (!way) return NO_WAY;
      // Nothing is made here, so that only the condition on what is there counts.
      const refused = request.headers['if-match'] === undefined ? undefined : forbidden(request, etagOf(way));
      if (refused) return refused;
      const changed = how(way);
      // Whoever was quicker changed something else of it, so it is read again.
      if (!(await store.replaceWay(id, way, changed, clock()))) continue;
      await wake(id);
      return withEtag(jsonAnswer({ id, paused: changed.paused }), etagOf(changed));
    }
  }

  async function conflict(id: string): Promise<HttpAnswer> {
    const way = await store.way(id);
    return overtaken(way && etagOf(way));
  }

  /** A member or backup of a way and his switch, or why there is none. */
  async function findDuty(id: string, named: string) {
    const way = await store.way(id);
    if (!way) return NO_WAY;
    const agentId = named.trim().toLowerCase();
    const at = clock();
    const { record, house } = await look(way, (await store.settings()).calendar, at);
    const { members } = factsOf(record, way, house, at).way;
    if (![...members.map((one) => one.agentId), ...way.backups].includes(agentId)) return NO_MEMBER;
    const kept = record.duty ?? {};
    const duty: 'on' | 'off' = (Object.hasOwn(kept, agentId) ? kept[agentId] : undefined) ?? 'on';
    return { agentId, duty, at };
  }

  const code =
    (draw: (source: CodeSource) => Promise<HttpAnswer>): Route =>
    async ({ domain }, { id = '' }) => {
      const way = await store.way(id);
      if (!way) return NO_WAY;
      const record = await store.read(id, zone, clock());
      const address = wayAddress(id, room.contactAddress, domain);
      return draw({ way, qrCodeUrl: record.code?.qrCodeUrl, address, download: room.download });
    };

  return {
    'GET /contact-ways': async (request) => {
      const at = clock();
      const [ways, { calendar }] = await Promise.all([store.ways(), store.settings()]);
      const page = pageOf(request, ways, ({ wayId }) => wayId);
      if ('status' in page) return page;
      const shown: object[] = [];
      for (const some of inChunks(page.items, READ_AT_ONCE)) {
        const facts = await Promise.all(some.map((way) => look(way, calendar, at)));
        shown.push(...facts.map(waySummary));
      }
      return jsonAnswer({ contactWays: shown, ...(page.next !== undefined && { next: page.next }) });
    },

    /** Before the address of a way: no way may have this id (`checkWay`). */
    'GET /contact-ways/strange-codes': async (request) => {
      const [night, strangeCodes] = await Promise.all([room.nights.lastNight(), room.nights.strangeCodes()]);
      const lastNight = night && { day: night.day, startedAt: new Date(night.startedAt).toISOString() };
      const page = pageOf(request, strangeCodes, revisionOf);
      if ('status' in page) return page;
      return jsonAnswer({
        ...(lastNight && { lastNight }),
        strangeCodes: page.items,
        ...(page.next && { next: page.next }),
      });
    },

    'GET /contact-ways/{id}': async (_, { id = '' }) => {
      const [way, { calendar }] = await Promise.all([store.way(id), store.settings()]);
      return way ? withEtag(jsonAnswer(wayView(await look(way, calendar, clock()))), etagOf(way)) : NO_WAY;
    },

    'PUT /contact-ways/{id}': async (request, { id = '' }) => {
      const written = readJson(request.body);
      if (written === undefined) return NO_JSON;
      const read = readWay(withId(written, id), stage);
      if (!read.ok) return notSaved(read.problems);
      if (read.way.wayId !== id) return ANOTHER_ID;
      const known = await store.way(id);
      const refused = forbidden(request, known && etagOf(known));
      if (refused) return refused;
      const impossible = known ? impossibleChanges(known, read.way) : [];
      if (impossible.length > 0) return notSaved(impossible);
      if (!(await store.replaceWay(id, known, read.way, clock()))) return conflict(id);
      await wake(id);
      const saved = jsonAnswer({ configuration: writtenWay(read.way), warnings: read.warnings }, known ? 200 : 201);
      return withEtag(saved, etagOf(read.way));
    },

    'DELETE /contact-ways/{id}': async (request, { id = '' }) => {
      const known = await store.way(id);
      if (!known) return NO_WAY;
      const refused = forbidden(request, etagOf(known));
      if (refused) return refused;
      if (!(await store.replaceWay(id, known, undefined, clock()))) return conflict(id);
      await wake(id);
      return { status: 204 };
    },

    'POST /contact-ways/{id}/pause': (request, { id = '' }) => change(request, id, (way) => ({ ...way, paused: true })),
    'POST /contact-ways/{id}/resume': (request, { id = '' }) =>
      change(request, id, (way) => ({ ...way, paused: false })),

    /** Our own switch. It is the way's writer who turns it, as soon as it has read of it. */
    'PUT /contact-ways/{id}/members/{agentId}/duty': async (request, { id = '', agentId: named = '' }) => {
      const wanted = Duty.safeParse(readJson(request.body));
      if (!wanted.success) return wrongBody(wanted.error, '{"duty":"on"} or {"duty":"off"}');
      const found = await findDuty(id, named);
      if ('status' in found) return found;
      const { agentId, at } = found;
      const refused = forbidden(request, etagOf({ id: agentId, duty: found.duty }));
      if (refused) return refused;
      const { duty } = wanted.data;
      await post.tell(id, [{ kind: 'duty', id: room.newId(), agentId, duty, at }]);
      return jsonAnswer({ id: agentId, duty }, 202);
    },

    'GET /contact-ways/{id}/members/{agentId}/duty': async (_, { id = '', agentId: named = '' }) => {
      const found = await findDuty(id, named);
      if ('status' in found) return found;
      const shown = { id: found.agentId, duty: found.duty };
      return withEtag(jsonAnswer(shown), etagOf(shown));
    },

    'GET /contact-ways/{id}/code': code(originalCode),
    'GET /contact-ways/{id}/code.svg': code(codeSvg),
    'GET /contact-ways/{id}/code.png': code(codePng),
  };
}

export const Duty = z.strictObject({ duty: z.enum(['on', 'off']) });

const NO_WAY = problem(404, 'There is no such contact way. PUT makes one.');
const NO_MEMBER = problem(
  404,
  'The contact way has no such member or backup. Who is in a department is known a minute after the way was saved.',
);
const NO_JSON = problem(400, 'The body has to be JSON in UTF-8.');
const ANOTHER_ID = notSaved([
  { path: 'id', problem: 'is not the id of this address', mend: 'leave it out, or write the same id' },
]);

function notSaved(errors: readonly Finding[]): HttpAnswer {
  return problem(422, 'The contact way cannot be saved; nothing was changed.', { errors });
}

/** The address says which way it is; the body may leave it out. */
function withId(written: unknown, id: string): unknown {
  const isObject = typeof written === 'object' && written !== null && !Array.isArray(written);
  return isObject ? { id, ...written } : written;
}
