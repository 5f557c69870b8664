import { catalogue } from '../../../events/catalogue.ts';
import { contactWayStore } from '../../../lib/contact-me/contact-way-store.ts';
import { greetContact } from '../../../lib/contact-me/greet-contact.ts';
import { type LinkStore, linkStore, type Taken } from '../../../lib/contact-me/link-store.ts';
import { openingStore } from '../../../lib/contact-me/opening-store.ts';
import type { OpeningView } from '../../../lib/contact-me/opening-view.ts';
import { relationStore } from '../../../lib/contact-me/relation-store.ts';
import { rotateContactWays } from '../../../lib/contact-me/rotate-contact-ways.ts';
import type { ContactWay } from '../../../lib/contact-me/way.ts';
import type { WayEntry } from '../../../lib/contact-me/way-entries.ts';
import { wayPost } from '../../../lib/contact-me/way-post.ts';
import type { WayRecord } from '../../../lib/contact-me/way-record.ts';
import { type Fact, publisher } from '../../../lib/events/publish.ts';
import { DAY, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { armTimer, fireTimers } from '../../../lib/platform/fire-timers.ts';
import type { Queue } from '../../../lib/platform/queues.ts';
import { sweep } from '../../../lib/platform/sweep.ts';
import type { ContactNews, LabelWake, Timer, WayWake } from '../../../lib/platform/wakes.ts';
import { type Inbox, inbox, needingAttention } from '../../../lib/store/inbox.ts';
import type { Table } from '../../../lib/store/table.ts';
import { contactWaysShape, customersShape, wecomShape } from '../../../lib/store/tables.ts';
import { contactApi } from '../../../lib/wecom/contact-api.ts';
import { weComGates } from '../../../lib/wecom/gates.ts';
import { weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../memory-table.ts';
import type { CompanyWeCom } from './company-wecom.ts';
import { distantTable, type TableCalls } from './distant-table.ts';
import { oneOf, type Random, whole } from './plan-company.ts';
import { virtualQueue } from './virtual-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

export const STAGE = 'day';
export const ZONE = 'Asia/Shanghai';
/** As config/default.yml has it. */
const ROTATIONS_PER_MINUTE = 600;
/** Functions that answer openings, each with a memory of its own. */
const OPENERS = 3;

/** What is seen of the way's writer at work. */
export interface Watch {
  /** These entries of its inbox are in the way's record now. */
  takenIn(wayId: string, entries: readonly string[]): void;
  saved(record: WayRecord): void;
  /** One wake was answered. */
  rotated(wayId: string): void;
  /** The sweep found a way that nobody had woken in time. */
  swept(): void;
}

export type FunctionName = 'greet-contact' | 'rotate-contact-ways' | 'open-contact-way' | 'sweep' | 'admin-api';

export type Opened =
  | { readonly turn: number; readonly agentId: string; readonly configId: string; readonly view: OpeningView }
  | 'nobody';

/**
 * The functions of team codes as they are wired, over tables in memory and with queues, timers and the sweep on virtual time. What the
 * wiring adds (doors, callbacks, pages) is left out.
 */
export function companySystem(room: {
  readonly time: VirtualTime;
  readonly wecom: CompanyWeCom;
  readonly random: Random;
  readonly watch: Watch;
}) {
  const { time, wecom, random, watch } = room;
  const clock = time.now;
  const ways = memoryTable(contactWaysShape('ways'));
  const customers = memoryTable(customersShape('customers'));
  const rations = memoryTable(wecomShape('wecom'));
  const tableCalls: Record<FunctionName, TableCalls> = {
    'greet-contact': { reads: 0, writes: 0 },
    'rotate-contact-ways': { reads: 0, writes: 0 },
    'open-contact-way': { reads: 0, writes: 0 },
    sweep: { reads: 0, writes: 0 },
    'admin-api': { reads: 0, writes: 0 },
  };
  const seenFrom = (name: FunctionName, table: Table): Table =>
    distantTable(table, { time, tableMs: () => whole(random, 3, 8), calls: tableCalls[name] });
  const storeFor = (table: Table) =>
    contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  const contactFrom = (name: FunctionName) => {
    const store = weComStore(seenFrom(name, rations));
    return { store, contact: contactApi(wecom.through(weComGates({ store, clock, random })), 'main') };
  };
  const published = publisher({ put: async () => undefined }, catalogue, STAGE);
  const publish = (subject: string, events: readonly Omit<Fact, 'subject'>[]) =>
    published(events.map((event) => ({ ...event, subject })));

  const rotations = virtualQueue<WayWake>({
    time,
    handOverMs: () => whole(random, 20, 50),
    atOnce: 4,
    alike: true,
    handle: async ({ wayId }) => {
      await rotate(wayId);
      watch.rotated(wayId);
    },
  });
  const contacts = virtualQueue<ContactNews | LabelWake>({
    time,
    handOverMs: () => whole(random, 20, 50),
    atOnce: 10,
    alike: false,
    handle: (wake) => ('kind' in wake ? label(wake) : greet(wake)),
  });
  const wakes: Queue<WayWake> = {
    send: async (message) => rotations.send(message, message.wayId),
    sendMany: async (messages) => {
      for (const { message } of messages) rotations.send(message, message.wayId);
    },
  };
  const wakeWay = (wayId: string) => wakes.send({ v: 1, wayId });
  const timers: Queue<Timer> = {
    send: async (timer, { delaySeconds = 0 } = {}) =>
      time.at(clock() + delaySeconds * SECOND + whole(random, 20, 50), () => fire(timer)),
    sendMany: async (messages) => {
      for (const { message, ...options } of messages) await timers.send(message, options);
    },
  };
  const noOwner = async () => undefined;
  const fire = fireTimers({
    clock,
    timers,
    wakeWay,
    wakeConversation: noOwner,
    wakeTeam: noOwner,
    goOn: noOwner,
    pull: noOwner,
    async wakeContact(wake) {
      if (wake.kind === 'label') contacts.send(wake, wake.customerId);
    },
  });

  const greeting = contactFrom('greet-contact');
  const greetingWays = storeFor(seenFrom('greet-contact', ways));
  const { greet, label } = greetContact({
    observes: async () => false,
    store: relationStore(seenFrom('greet-contact', customers), 30 * DAY),
    clock,
    stage: STAGE,
    zone: ZONE,
    wayOf: greetingWays.way,
    agentLeft: async () => undefined,
    ways: greetingWays.ways,
    recordOf: (wayId) => greetingWays.read(wayId, ZONE, clock()),
    armLabelTimer: (app, customerId, dueAt) =>
      armTimer(timers, { v: 1, dueAt, do: { what: 'label-contact', customerId, app } }, clock()),
    settings: greetingWays.settings,
    contactFor: () => greeting.contact,
    pause: time.sleep,
    tellWay: wayPost({ inbox: greetingWays.inbox, wakes, clock }).tell,
    publish,
  });

  const rotating = contactFrom('rotate-contact-ways');
  const waysOfRotation = seenFrom('rotate-contact-ways', ways);
  const turns = linkStore(waysOfRotation, waysOfRotation, time.sleep);
  const rotate = rotateContactWays({
    observes: async () => false,
    store: watched(waysOfRotation),
    clock,
    random,
    stage: STAGE,
    zone: ZONE,
    openings: openingStore(waysOfRotation),
    contactFor: () => rotating.contact,
    async takeCall(app, again) {
      const most = again ? Math.ceil(ROTATIONS_PER_MINUTE / 2) : ROTATIONS_PER_MINUTE;
      const ration = await rotating.store.takeCall(`contact-ways#${app}`, most, clock());
      return ration.granted ? undefined : ration.retryAt;
    },
    linkTurns: async (wayId) => (await turns.given(wayId)).ever,
    kfLink: async () => {
      throw new Error('No way of this company names a kf account');
    },
    imageOf: async (url) => url,
    publish,
    armTimer: (wayId, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'wake-way', wayId } }, clock()),
    wakeWay,
    setAside: async ({ entry }) => {
      throw new Error(`The entry ${entry} was set aside`);
    },
  });

  function watched(table: Table): ReturnType<typeof contactWayStore> {
    const store = storeFor(table);
    const watchedInbox: Inbox = {
      ...store.inbox,
      async settle(owner, entries, at) {
        await store.inbox.settle(owner, entries, at);
        watch.takenIn(owner, entries);
      },
    };
    return {
      ...store,
      inbox: watchedInbox,
      async save(record, now) {
        const saved = await store.save(record, now);
        if (saved) watch.saved(saved);
        return saved;
      },
    };
  }

  const lookForUndone = sweep({
    clock,
    overdueConversations: async () => [],
    overdueTeams: async () => [],
    overdueAccounts: async () => [],
    overdueWays: (at, limit) => needingAttention(seenFrom('sweep', ways), at, limit),
    wakeConversation: noOwner,
    wakeTeam: noOwner,
    overdueDesks: async () => [],
    wakeDesk: noOwner,
    overdueMedia: async () => [],
    wakeMedia: async () => undefined,
    wakeWay: (wayId) => {
      watch.swept();
      return wakeWay(wayId);
    },
    pull: noOwner,
  });
  const sweepEveryMinute = (): void =>
    time.at(clock() + MINUTE, async () => {
      sweepEveryMinute();
      await lookForUndone();
    });

  const opening = seenFrom('open-contact-way', ways);
  const views = openingStore(opening);
  const openers: readonly LinkStore[] = Array.from({ length: OPENERS }, () => linkStore(opening, opening, time.sleep));

  /** One opening of a link: the turn that it took, of a member who can be shown. */
  async function open(wayId: string): Promise<Opened> {
    const view = await views.view(wayId);
    if (!view) return 'nobody';
    const store = oneOf(random, openers);
    let taken: Taken = await store.take(wayId, view, clock());
    while (taken !== 'nobody') {
      const configId = view.members[taken.agentId]?.image;
      if (configId !== undefined) return { ...taken, configId, view };
      taken = await store.takeInstead(wayId, taken.turn, view, clock());
    }
    return 'nobody';
  }

  const administration = storeFor(seenFrom('admin-api', ways));
  return {
    /** The tables as they are, asked without waiting. */
    eyes: storeFor(ways),
    table: ways,
    tableCalls,
    configure: (way: ContactWay) => administration.saveWay(way, clock()),
    wakeWay,
    tell: (wayId: string, entry: WayEntry) =>
      wayPost({ inbox: administration.inbox, wakes, clock }).tell(wayId, [entry]),
    hear: (news: ContactNews) => contacts.send(news, news.ids.ExternalUserID ?? news.ids.UserID ?? ''),
    open,
    sweepEveryMinute,
    isQuiet: () => rotations.size() === 0 && contacts.size() === 0,
  };
}
export type CompanySystem = ReturnType<typeof companySystem>;
