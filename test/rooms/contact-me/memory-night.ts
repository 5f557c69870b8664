import { customerDesk } from '../../../lib/contact-me/customer-desk.ts';
import { nightStore } from '../../../lib/contact-me/night-store.ts';
import { reconcileContacts } from '../../../lib/contact-me/reconcile-contacts.ts';
import { reconcileStep } from '../../../lib/contact-me/reconcile-step.ts';
import { type Instant, SECOND } from '../../../lib/platform/clock.ts';
import type { ContactWake, ReconcileWake } from '../../../lib/platform/wakes.ts';
import { contactWaysShape } from '../../../lib/store/tables.ts';
import type { FoundRelation, ReadWay } from '../../../lib/wecom/contact-api.ts';
import type { MemberStatus } from '../../../lib/wecom/contact-events.ts';
import { AnyContactWake } from '../../../lib/wecom/contact-events.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { memoryWays } from './memory-ways.ts';
import { SHANGHAI } from './rotation-facts.ts';

/** WeCom's relations come in pages of so many. */
const PAGE = 3;

/** The contact-me room in the night: what WeCom knows is set by a test, and all messages are handled one after the other. */
export function memoryNight() {
  const world = memoryWays();
  const { clock } = world;
  const relations: FoundRelation[] = [];
  const statuses = new Map<string, MemberStatus>();
  const codes = new Map<string, { state: string; madeAt: Instant }>();
  const calls: string[] = [];
  const deleted: string[] = [];
  /** Thrown by the next calls of this name. */
  const fails = new Map<string, unknown[]>();
  let serving: readonly string[] = ['amy', 'ben', 'cat'];
  const called = (name: string) => {
    calls.push(name);
    const error = fails.get(name)?.shift();
    if (error !== undefined) throw error;
  };

  const contact = {
    async followUsers() {
      called('followUsers');
      return [...serving];
    },
    async memberStatus(agentId: string) {
      called('memberStatus');
      return statuses.get(agentId) ?? ('absent' as const);
    },
    async relationsOf(agentIds: readonly string[], cursor?: string) {
      called('relationsOf');
      const theirs = relations.filter(({ agentId }) => agentIds.includes(agentId));
      const from = Number(cursor ?? 0);
      const page = theirs.slice(from, from + PAGE);
      return from + PAGE < theirs.length ? { relations: page, next: String(from + PAGE) } : { relations: page };
    },
    async listWays(_since?: Instant, until = clock()) {
      called('listWays');
      const own = [...world.wecom.codes.keys()];
      return [...own, ...[...codes].filter(([, { madeAt }]) => madeAt <= until).map(([configId]) => configId)];
    },
    async readWay(configId: string): Promise<ReadWay | undefined> {
      called('readWay');
      const code = codes.get(configId);
      const way = {
        users: ['amy'],
        remark: '',
        skipVerify: true,
        scene: 'code',
        several: true,
        departments: [],
      } as const;
      return code && { ...way, configId, state: code.state };
    },
    async deleteWay(configId: string) {
      called('deleteWay');
      deleted.push(configId);
      codes.delete(configId);
    },
  };

  const waiting: { wake: ContactWake; dueAt: Instant }[] = [];
  const put = async (wake: ContactWake, dueAt = 0) => {
    // As through the queue.
    waiting.push({ wake: AnyContactWake.parse(JSON.parse(JSON.stringify(wake))), dueAt });
  };
  const { tellWay } = world;
  const nights = nightStore(memoryTable(contactWaysShape('nights')));
  const desk = customerDesk({
    store: world.relations,
    tellWay,
    publish: world.publish,
    armLabelTimer: async () => undefined,
  });
  const step = reconcileStep(
    {
      clock,
      random: () => 0,
      stage: 'test',
      zone: SHANGHAI,
      store: world.relations,
      nights,
      ways: world.store,
      contactFor: () => contact,
      sendNews: (news) => put(news),
      send: (wake) => put(wake),
      later: (wake, dueAt) => put(wake, dueAt),
    },
    desk,
  );
  const begin = reconcileContacts({
    clock,
    zone: SHANGHAI,
    hour: 3,
    nights,
    ways: world.store,
    contactFor: () => contact,
    tellWay,
    send: (wake: ReconcileWake) => put(wake),
  });

  async function handle(wake: ContactWake): Promise<void> {
    if (!('kind' in wake)) return world.greet(wake);
    if (wake.kind === 'forget') return world.forget(wake);
    return wake.kind === 'label' ? world.label(wake) : step(wake);
  }

  return {
    ...world,
    atWeCom: { relations, statuses, codes, deleted, calls, fails },
    nights,
    waiting,
    begin,
    handle,
    serve: (...agentIds: string[]) => {
      serving = agentIds;
    },
    /** To 03:30 of the next day. */
    toTheNight() {
      const day = 24 * 3600 * SECOND;
      const at = clock() + 8 * 3600 * SECOND;
      world.skip(day - (at % day) + 3.5 * 3600 * SECOND);
    },
    /** Begins, and handles messages until none is left; those put off come when their time is there. */
    async night() {
      await begin();
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (next.dueAt > clock()) world.skip(next.dueAt - clock());
        await handle(next.wake);
      }
    },
    /** What lies in a way's inbox. */
    async entries(wayId: string) {
      return (await world.store.inbox.unread(wayId, 100)).entries.map(({ body }) => body);
    },
    /** WeCom lists this relation, made so long ago. */
    related(agentId: string, customerId: string, agoMs: number, state = 'cc:test:fair') {
      const addedAt = Math.floor((clock() - agoMs) / SECOND) * SECOND;
      relations.push({ agentId, customerId, addedAt, state });
    },
  };
}
