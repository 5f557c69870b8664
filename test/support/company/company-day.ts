import { eligible, type RotationFacts } from '../../../lib/contact-me/eligibility.ts';
import { factsOf, foldWay, type House } from '../../../lib/contact-me/fold-way.ts';
import { openForMs } from '../../../lib/contact-me/link-epoch.ts';
import { rotate, sharesOf } from '../../../lib/contact-me/rotate.ts';
import { NO_TURNS } from '../../../lib/contact-me/turns.ts';
import type { ContactWay } from '../../../lib/contact-me/way.ts';
import { HOUR, type Instant, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { NO_CALENDAR } from '../../../lib/platform/shifts.ts';
import type { ContactNews } from '../../../lib/platform/wakes.ts';
import { dayOf } from '../../../lib/platform/wall-clock.ts';
import { seeded } from '../seeded.ts';
import { type CompanySystem, companySystem, STAGE, ZONE } from './company-system.ts';
import { companyWeCom, type KeptCode } from './company-wecom.ts';
import { dayLedger, type MadeAdd } from './day-ledger.ts';
import { type CompanySize, oneOf, planCompany, some, whole } from './plan-company.ts';
import { addShares, stretchLedger } from './share-ledger.ts';
import { virtualTime } from './virtual-time.ts';
import { type WayNow, wrongListsOf } from './wrong-lists.ts';

/** A Thursday and its Friday, from noon to noon, so that midnight is in the middle. */
export const BEGINS = Date.parse('2026-09-17T12:00+08:00');
export const ENDS = BEGINS + 24 * HOUR;
const SPECIAL_DAY = '2026-09-18';
/** Codes are made before the day begins. */
const SET_UP = 40 * MINUTE;
/** Nothing new begins so long before the end, so that everything can come to its end. */
const LAST_CALL = ENDS - 10 * MINUTE;
/** Out of hundred who opened a link. */
const CONVERSION = 0.4;
/** How busy each hour is, from noon on. */
const HOURS = [6, 7, 8, 8, 7, 6, 6, 7, 8, 8, 6, 4, 2, 1, 0.5, 0.3, 0.3, 0.5, 1, 3, 6, 8, 8, 7];

/** A turn that an opening of a link took. */
export interface LinkTurn {
  readonly turn: number;
  readonly agentId: string;
  readonly at: Instant;
  became: boolean;
}

/** What was seen while the day went by. */
export interface Seen {
  scans: number;
  scansOfFriends: number;
  scansBehind: Record<'pool' | 'turn', number>;
  scansByMode: Record<'pool' | 'turn', number>;
  openings: number;
  openingsOfNobody: number;
  /** Lists that named somebody who by the adds counted was full, although another could take the turn; turns of links alike. */
  offeredBeyondCap: number;
  /** Adds beyond a member's daily cap: while the list was behind, or because it is kept when nobody can take a turn. */
  addsBeyondCap: { behind: number; listKept: number; link: number };
  changesOfDuty: number;
  /** Times that a way's writer looked at its way. */
  rotations: number;
  /** Ways that the sweep woke. */
  swept: number;
  /** Changes of lists that an add led to; the others came of shifts, duty, midnight, leavers and configuration. */
  changesByAdds: number;
}

/** A company's day, as it comes by these numbers. The same seed gives the same day. */
export async function runDay(size: CompanySize, seed: number) {
  const random = seeded(seed);
  const time = virtualTime(BEGINS - SET_UP);
  const clock = time.now;
  const company = planCompany(size, SPECIAL_DAY, random);
  const ways = new Map(company.ways.map((way) => [way.wayId, way]));
  const ledger = dayLedger(ZONE);
  const stretches = stretchLedger();
  const shares = addShares();
  const linkTurns = new Map<string, readonly LinkTurn[]>();
  const seen: Seen = {
    scans: 0,
    scansOfFriends: 0,
    scansBehind: { pool: 0, turn: 0 },
    scansByMode: { pool: 0, turn: 0 },
    openings: 0,
    openingsOfNobody: 0,
    offeredBeyondCap: 0,
    addsBeyondCap: { behind: 0, listKept: 0, link: 0 },
    changesOfDuty: 0,
    rotations: 0,
    swept: 0,
    changesByAdds: 0,
  };
  const checks: Promise<void>[] = [];
  const staleLists: string[] = [];

  const wecom = companyWeCom({
    time,
    company,
    answerMs: () => whole(random, 80, 300),
    listed(code, when) {
      const [, , wayId = '', part] = code.state.split(':');
      if (part !== undefined) return;
      if (when === 'confirmed') return ledger.listConfirmed(wayId, clock());
      if (ledger.listGiven(wayId)) seen.changesByAdds += 1;
      checks.push(checkCaps(wayId, code));
    },
  });
  const system: CompanySystem = companySystem({
    time,
    wecom,
    random,
    watch: {
      takenIn: ledger.takenIn,
      saved({ wayId, turns, elsewhere }) {
        if (ways.get(wayId)?.mode !== 'link') stretches.saved(wayId, turns, elsewhere);
      },
      swept() {
        seen.swept += 1;
      },
      rotated(wayId) {
        seen.rotations += 1;
        checks.push(
          wayNow(wayId).then(({ record }) => {
            if (!record.push && record.waitingSince === undefined) ledger.listStays(wayId);
          }),
        );
      },
    },
  });

  const wayOf = (wayId: string): ContactWay => {
    const way = ways.get(wayId);
    if (!way) throw new Error(`No way ${wayId}`);
    return way;
  };

  /** What the system knows of a way at this very moment. */
  async function wayNow(wayId: string): Promise<WayNow> {
    const { eyes } = system;
    const [record, way] = [await eyes.read(wayId, ZONE, clock()), (await eyes.way(wayId)) ?? wayOf(wayId)];
    const elsewhere = (record.follows ?? []).map(
      async (agentId) => [agentId, await eyes.countsElsewhere(agentId, wayId, dayOf(ZONE, clock()))] as const,
    );
    const addsElsewhere = Object.fromEntries(await Promise.all(elsewhere));
    const house: House = { stage: STAGE, zone: ZONE, calendar: NO_CALENDAR, addsElsewhere };
    // A day that has begun since its record was saved begins with nothing.
    const today = foldWay(record, [], way, house, clock());
    return { record, way, facts: factsOf(today, way, house, clock()) };
  }

  /** No list names whom it should not, by the adds that were counted. */
  async function checkCaps(wayId: string, { users }: KeptCode): Promise<void> {
    const { facts } = await wayNow(wayId);
    if (rotate(facts).from === 'last-good') return;
    const today = dayOf(ZONE, clock());
    for (const { agentId, perDay } of facts.way.members) {
      if (perDay === undefined || !users.includes(agentId)) continue;
      if (ledger.countOn(wayId, agentId, today, true) >= perDay) seen.offeredBeyondCap += 1;
    }
  }

  const sharesNow = (facts: RotationFacts) => sharesOf(facts.way.strategy, eligible(facts).able);

  async function scan(wayId: string): Promise<void> {
    const way = wayOf(wayId);
    const code = wecom.codeOf(`cc:${STAGE}:${wayId}`);
    if (way.mode === 'link' || !code) throw new Error(`${wayId} has no code to scan`);
    const { facts } = await wayNow(wayId);
    const [agentId, customerId] = [oneOf(random, code.users), aCustomer()];
    seen.scans += 1;
    seen.scansByMode[way.mode] += 1;
    const behind = ledger.isBehind(wayId);
    if (behind) seen.scansBehind[way.mode] += 1;
    const perDay = facts.way.members.find((one) => one.agentId === agentId)?.perDay;
    const full = perDay !== undefined && ledger.countOn(wayId, agentId, dayOf(ZONE, clock())) >= perDay;
    const add = makeAdd(wayId, code.state, agentId, customerId);
    if (!add) return;
    if (full) seen.addsBeyondCap[behind ? 'behind' : 'listKept'] += 1;
    shares.add(wayId, agentId, sharesNow(facts));
  }

  async function open(wayId: string): Promise<void> {
    seen.openings += 1;
    const opened = await system.open(wayId);
    if (opened === 'nobody') {
      seen.openingsOfNobody += 1;
      return;
    }
    const { agentId, turn, configId, view } = opened;
    const at = clock();
    const taken: LinkTurn = { turn, agentId, at, became: false };
    const perDay = view.way.members.find((one) => one.agentId === agentId)?.perDay;
    const today = dayOf(ZONE, at);
    const before = linkTurns.get(wayId) ?? [];
    linkTurns.set(wayId, [...before, taken]);
    const stillOpen = [...before, taken].filter(
      (one) => one.agentId === agentId && !one.became && one.at > at - openForMs(view.way),
    );
    if (perDay !== undefined && ledger.countOn(wayId, agentId, today) + stillOpen.length > perDay)
      seen.offeredBeyondCap += 1;
    if (random() >= CONVERSION) return;
    time.at(at + whole(random, 5 * SECOND, 4 * MINUTE), () => {
      const code = wecom.codes.get(configId);
      const full = perDay !== undefined && ledger.countOn(wayId, agentId, dayOf(ZONE, clock())) >= perDay;
      const add = code && makeAdd(wayId, code.state, agentId, aCustomer(), turn);
      if (!add) return;
      taken.became = true;
      if (full) seen.addsBeyondCap.link += 1;
      shares.add(wayId, agentId, sharesNow({ ...view, turns: NO_TURNS, at }));
    });
  }

  let customers = 0;
  /** Somebody new, or now and then somebody whom the company has met. */
  function aCustomer(): string {
    const chance = ledger.adds.length > 0 ? random() : 1;
    if (chance < 0.04) return oneOf(random, ledger.adds).customerId;
    // Who has just scanned one code scans another.
    if (chance < 0.08) return oneOf(random, ledger.adds.slice(-3)).customerId;
    customers += 1;
    return `c${customers}`;
  }

  /** The customer adds the member, unless they are in contact; WeCom tells it in one event or in two, late, repeated or in another order. */
  function makeAdd(
    wayId: string,
    state: string,
    agentId: string,
    customerId: string,
    turn?: number,
  ): MadeAdd | undefined {
    if (ledger.areInContact(customerId, agentId)) {
      seen.scansOfFriends += 1;
      return undefined;
    }
    const at = clock();
    const { mode } = wayOf(wayId);
    const add = ledger.add({ wayId, mode, agentId, customerId, at, ...(turn !== undefined && { turn }) });
    const ids = { UserID: agentId, ExternalUserID: customerId, State: state };
    const kind = random();
    const half = kind < 0.3;
    const hear = (type: string, when: Instant, code: string) =>
      tell(type, when, { ...ids, WelcomeCode: code }, () => ledger.heard(add, clock()));
    if (half) hear('add_half_external_contact', at, `h${ledger.adds.length}`);
    if (!half || kind < 0.2)
      hear('add_external_contact', half ? at + whole(random, 1, 60) * SECOND : at, `f${ledger.adds.length}`);
    const removedAt = at + whole(random, 10 * MINUTE, 5 * HOUR);
    if (random() < 0.03 && removedAt < LAST_CALL) {
      time.at(removedAt, () => {
        ledger.remove(add, clock());
        tell('del_follow_user', clock(), { UserID: agentId, ExternalUserID: customerId });
      });
    }
    return add;
  }

  function tell(changeType: string, at: Instant, ids: Record<string, string>, heard: () => void = () => {}): void {
    const late = random() < size.lateEvents ? whole(random, 3 * SECOND, 90 * SECOND) : whole(random, 100, 2 * SECOND);
    const times = random() < 0.1 ? [late, late + whole(random, SECOND, 5 * SECOND)] : [late];
    for (const after of times) {
      time.at(at + after, () => {
        const createdAt = Math.floor(at / SECOND) * SECOND;
        const news: ContactNews = {
          v: 1,
          app: 'main',
          event: changeType === 'delete_user' ? 'change_contact' : 'change_external_contact',
          changeType,
          createdAt,
          receivedAt: clock(),
          ids,
        };
        heard();
        system.hear(news);
      });
    }
  }

  const waysOf = (agentId: string): string[] =>
    [...ways.values()]
      .filter(
        ({ members, backups, departments }) =>
          members.some((one) => one.agentId === agentId) ||
          backups.includes(agentId) ||
          departments.some(({ departmentId }) => company.departments.get(departmentId)?.includes(agentId)),
      )
      .map(({ wayId }) => wayId);

  async function switchDuty(agentId: string, duty: 'on' | 'off'): Promise<void> {
    const at = clock();
    seen.changesOfDuty += 1;
    const entry = { kind: 'duty' as const, id: `${agentId}#${at}`, agentId, duty, at };
    await Promise.all(waysOf(agentId).map((wayId) => system.tell(wayId, entry)));
  }

  /** WeCom's directory tells it. */
  function leave(agentId: string): void {
    wecom.leave(agentId);
    tell('delete_user', clock(), { UserID: agentId });
  }

  /** Another name, one member less, or the same members in another order, which WeCom need not be told. */
  async function change(way: ContactWay, n: number): Promise<void> {
    const { name, members } = way;
    const changes: readonly Partial<ContactWay>[] = [
      { name: `${name} (new)` },
      members.length > 1 ? { members: members.slice(1) } : { name: `${name} (small)` },
      { members: members.toReversed() },
    ];
    const next: ContactWay = { ...way, ...changes[n % changes.length] };
    ways.set(way.wayId, next);
    await system.configure(next);
    await system.wakeWay(way.wayId);
  }

  /** Looks at all lists; what is wrong may be on its way, but not a minute later. */
  async function lookAtLists(): Promise<void> {
    const wrong: string[] = [];
    for (const wayId of ways.keys()) {
      if (wrongListsOf(wecom, await wayNow(wayId)).length > 0) wrong.push(wayId);
    }
    await time.sleep(MINUTE);
    for (const wayId of wrong) {
      const still = wrongListsOf(wecom, await wayNow(wayId));
      // Another add may just have come.
      if (!ledger.isBehind(wayId)) staleLists.push(...still.map((one) => `${new Date(clock()).toISOString()} ${one}`));
    }
  }

  function planDay(): void {
    const total = HOURS.reduce((all, one) => all + one, 0);
    const moment = (): Instant => {
      let left = random() * total;
      let hour = 0;
      for (; hour < HOURS.length - 1 && left >= (HOURS[hour] ?? 0); hour += 1) left -= HOURS[hour] ?? 0;
      return Math.min(BEGINS + (hour + random()) * HOUR, LAST_CALL);
    };
    const popular = (some: readonly ContactWay[]): string => {
      // The first codes are the busiest.
      const place = Math.floor(random() ** 1.8 * some.length);
      return some[place]?.wayId ?? '';
    };
    const scanned = some(
      random,
      company.ways.filter(({ mode }) => mode !== 'link'),
      company.ways.length,
    );
    const opened = company.ways.filter(({ mode }) => mode === 'link');
    for (let n = 0; n < size.scans; n += 1) {
      const wayId = popular(scanned);
      time.at(moment(), () => scan(wayId));
    }
    for (let n = 0; n < size.openings; n += 1) {
      const wayId = popular(opened);
      time.at(moment(), () => open(wayId));
    }
    const turn = company.ways.find(({ mode, strategy }) => mode === 'turn' && strategy === 'round-robin');
    for (let n = 0; n < size.rush; n += 1) {
      if (turn) time.at(BEGINS + 3 * HOUR + random() * MINUTE, () => scan(turn.wayId));
      const link = opened[0]?.wayId;
      if (link !== undefined) time.at(BEGINS + 8 * HOUR + random() * MINUTE, () => open(link));
    }
    for (const agentId of company.members) {
      const off = BEGINS + whole(random, 5 * MINUTE, 2 * HOUR);
      time.at(off, () => switchDuty(agentId, 'off'));
      time.at(off + whole(random, 45 * MINUTE, HOUR), () => switchDuty(agentId, 'on'));
    }
    for (const [n, agentId] of some(random, company.members, size.leavers).entries()) {
      time.at(BEGINS + (4 + 6 * n) * HOUR, () => leave(agentId));
    }
    for (const [n, way] of some(random, company.ways, size.changedWays).entries()) {
      time.at(BEGINS + 5 * HOUR + n * SECOND, () => change(way, n));
    }
    for (let hour = 0; hour < 24; hour += 1) time.at(BEGINS + hour * HOUR + 10 * MINUTE, lookAtLists);
    wecom.limit(BEGINS + 6 * HOUR, BEGINS + 6 * HOUR + 2 * MINUTE);
  }

  for (const way of company.ways) {
    time.at(clock(), async () => {
      await system.configure(way);
      await system.wakeWay(way.wayId);
    });
  }
  system.sweepEveryMinute();
  await time.run(BEGINS - 1);
  const made = new Map([...wecom.calls].map(([api, { done }]) => [api, done]));
  wecom.forgetCalls();
  for (const calls of Object.values(system.tableCalls)) Object.assign(calls, { reads: 0, writes: 0 });
  Object.assign(seen, { rotations: 0, swept: 0 });
  planDay();
  await time.run(ENDS);
  const spent = structuredClone({
    calls: new Map(wecom.calls),
    updates: wecom.updates,
    tables: system.tableCalls,
  });
  for (let more = 0; !(system.isQuiet() && (await nothingLeft())) && more < 600; more += 1)
    await time.run(clock() + SECOND);
  await Promise.all(checks);

  async function nothingLeft(): Promise<boolean> {
    for (const wayId of ways.keys()) {
      const { push, pending } = await system.eyes.read(wayId, ZONE, clock());
      if (push || pending.length > 0) return false;
    }
    return true;
  }

  return {
    size,
    ways,
    system,
    wecom,
    ledger,
    staleLists,
    stretches,
    shares,
    linkTurns,
    seen,
    spent,
    made,
    wayNow,
    endedAt: clock(),
  };
}
export type Day = Awaited<ReturnType<typeof runDay>>;
