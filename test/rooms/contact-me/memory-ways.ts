import { catalogue } from '../../../events/catalogue.ts';
import { type ContactWayStore, contactWayStore, HouseSettings } from '../../../lib/contact-me/contact-way-store.ts';
import { type CustomerApi, greetContact } from '../../../lib/contact-me/greet-contact.ts';
import { linkStore } from '../../../lib/contact-me/link-store.ts';
import { openingStore } from '../../../lib/contact-me/opening-store.ts';
import type { CodeApi } from '../../../lib/contact-me/push-list.ts';
import { relationStore } from '../../../lib/contact-me/relation-store.ts';
import { rotateContactWays } from '../../../lib/contact-me/rotate-contact-ways.ts';
import { ContactWay } from '../../../lib/contact-me/way.ts';
import { wayDutyStore } from '../../../lib/contact-me/way-duty-store.ts';
import { wayPost } from '../../../lib/contact-me/way-post.ts';
import { type Fact, publisher } from '../../../lib/events/publish.ts';
import { DAY, type Instant, MINUTE } from '../../../lib/platform/clock.ts';
import type { ContactNews, WayWake } from '../../../lib/platform/wakes.ts';
import { inbox, needingAttention } from '../../../lib/store/inbox.ts';
import { contactWaysShape, customersShape } from '../../../lib/store/tables.ts';
import type { ContactApi, ReadWay } from '../../../lib/wecom/contact-api.ts';
import { WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryQueue } from '../../support/memory-queues.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

/** A WeCom that keeps codes, and what functions ask it by name; a test puts a failure into `fails`. */
function memoryContact(clock: () => Instant) {
  const codes = new Map<string, ReadWay>();
  const links = new Map<string, { url: string; users: readonly string[] }>();
  const calls: string[] = [];
  const welcomes: { code: string; text: string | undefined; at: Instant }[] = [];
  const labels: string[] = [];
  /** Thrown by the next calls of this name, before they act. */
  const fails = new Map<string, unknown[]>();
  /** Calls that WeCom carries out without answering, once each. */
  const losesAnswers = new Set<string>();
  const departments = new Map<number, string[]>();
  const answered = (name: string) => {
    if (!losesAnswers.delete(name)) return;
    throw new WeComUnreachable({ api: name, reason: 'time-out', mayHaveActed: true });
  };
  const failing = (name: string) => {
    const error = fails.get(name)?.shift();
    if (error !== undefined) throw error;
  };
  const called = (name: string) => {
    calls.push(name);
    failing(name);
  };
  const api: CodeApi & CustomerApi & Pick<ContactApi, 'departmentMembers' | 'deleteLink'> = {
    async createWay({ scene, ...way }) {
      called('createWay');
      const configId = `config${codes.size + 1}`;
      codes.set(configId, { ...way, configId, scene, several: true, departments: [] });
      answered('createWay');
      return scene === 'code' ? { configId, qrCodeUrl: `https://codes.example/${configId}` } : { configId };
    },
    async readWay(configId) {
      called('readWay');
      return codes.get(configId);
    },
    async listWays() {
      called('listWays');
      return [...codes.keys()];
    },
    async updateWay(configId, way) {
      called('updateWay');
      const known = codes.get(configId);
      if (known) codes.set(configId, { ...known, ...way });
    },
    async deleteWay(configId) {
      called('deleteWay');
      codes.delete(configId);
    },
    async createLink({ users }) {
      called('createLink');
      const linkId = `link${links.size + 1}`;
      const url = `https://work.weixin.qq.com/ca/${linkId}`;
      links.set(linkId, { url, users });
      return { linkId, url };
    },
    async deleteLink(linkId) {
      called('deleteLink');
      links.delete(linkId);
    },
    async followUsers() {
      return ['amy', 'ben', 'cat'];
    },
    async memberStatus() {
      return 'active';
    },
    async departmentMembers(departmentId) {
      failing('departmentMembers');
      return departments.get(departmentId) ?? ['amy', 'ben'];
    },
    async sendWelcome(code, { text }) {
      called('sendWelcome');
      welcomes.push({ code, text, at: clock() });
    },
    async readCustomer(customerId) {
      called('readCustomer');
      return { customerId, name: '小明', from: 'wechat', followers: [] };
    },
    async memberName() {
      return 'Amy';
    },
    async markTags({ agentId, customerId }, { add = [] }) {
      called('markTags');
      labels.push(`${agentId} ${customerId} ${add.join()}`);
    },
    async remark({ agentId, customerId }, { remark }) {
      called('remark');
      labels.push(`${agentId} ${customerId} "${remark}"`);
    },
  };
  return { api, codes, links, departments, losesAnswers, calls, welcomes, labels, fails };
}

/** The contact-me room over tables and queues in memory. */
export function memoryWays() {
  let now = NOON;
  const clock = () => now;
  const wecom = memoryContact(clock);
  const table = memoryTable(contactWaysShape('ways'));
  const entries = inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY });
  let beforeUnread = async (): Promise<void> => undefined;
  let beforeWay = async (): Promise<void> => undefined;
  const kept = contactWayStore(table, {
    ...entries,
    async unread(owner, limit) {
      await beforeUnread();
      return entries.unread(owner, limit);
    },
  });
  const store: ContactWayStore = {
    ...kept,
    async way(wayId) {
      await beforeWay();
      return kept.way(wayId);
    },
  };
  const openings = openingStore(table);
  /** When the next calls may be made; empty, at once. */
  const rations: (Instant | undefined)[] = [];
  const customers = memoryTable(customersShape('customers'));
  const relations = relationStore(customers, 30 * DAY);
  const wakes = memoryQueue<WayWake>({ clock });
  /** What was told, without the lists: every way has a first one. */
  const facts: Fact[] = [];
  const lists: Fact[] = [];
  const timers: { wayId: string; dueAt: Instant }[] = [];
  const labelTimers: { app: string; customerId: string; dueAt: Instant }[] = [];
  const woken: string[] = [];
  /** The apps in whose names the ways' writer called WeCom. */
  const calledApps: string[] = [];
  let turnReadings = 0;
  const published = publisher({ put: async () => undefined }, catalogue, 'test');
  const publish = async (subject: string, events: readonly Omit<Fact, 'subject'>[]) => {
    const told = events.map((event) => ({ ...event, subject }));
    // As the bus would: what does not match its definition throws.
    await published(told);
    for (const fact of told) (fact.type === 'rotation.changed.v1' ? lists : facts).push(fact);
  };
  const tellWay = wayPost({ inbox: store.inbox, wakes, clock }).tell;
  const duties = wayDutyStore(table);
  const { greet, label, forget } = greetContact({
    observes: duties.observes,
    store: relations,
    clock,
    ways: store.ways,
    recordOf: (wayId) => store.read(wayId, SHANGHAI, now),
    armLabelTimer: async (app, customerId, dueAt) => {
      labelTimers.push({ app, customerId, dueAt });
    },
    stage: 'test',
    zone: SHANGHAI,
    wayOf: store.way,
    agentLeft: async () => undefined,
    settings: store.settings,
    contactFor: () => wecom.api,
    pause: async (milliseconds) => {
      now += milliseconds;
    },
    tellWay,
    publish,
  });
  const rotate = rotateContactWays({
    observes: duties.observes,
    store,
    clock,
    random: () => 0,
    stage: 'test',
    zone: SHANGHAI,
    contactFor: (app) => {
      calledApps.push(app);
      return wecom.api;
    },
    openings,
    takeCall: async () => rations.shift(),
    linkTurns: async (wayId) => {
      turnReadings += 1;
      return (await linkStore(table, table).given(wayId)).ever;
    },
    kfLink: async (openKfId) => `https://work.weixin.qq.com/kf/${openKfId}`,
    imageOf: async (url) => `data:image/png;base64,${Buffer.from(url).toString('base64')}`,
    publish,
    armTimer: async (wayId, dueAt) => {
      timers.push({ wayId, dueAt });
    },
    wakeWay: async (wayId) => {
      woken.push(wayId);
    },
    setAside: async () => undefined,
  });

  async function save(way: Record<string, unknown>): Promise<ContactWay> {
    const parsed = ContactWay.parse({ name: 'Team', mode: 'turn', ...way });
    await store.saveWay(parsed, now);
    return parsed;
  }

  return {
    wecom,
    duties,
    customers,
    store,
    openings,
    rations,
    relations,
    timers,
    woken,
    calledApps,
    /** How often the ways' writer read which turns openings were given. */
    turnReadings: () => turnReadings,
    labelTimers,
    greet,
    label,
    forget,
    rotate,
    facts,
    lists,
    publish,
    tellWay,
    clock,
    skip: (milliseconds: number) => {
      now += milliseconds;
    },
    /** Does something whenever an inbox is about to be read. */
    beforeUnread(act: () => Promise<void>) {
      beforeUnread = act;
    },
    /** Does something whenever a way's configuration is about to be read. */
    beforeWay(act: () => Promise<void>) {
      beforeWay = act;
    },
    save,
    async configure(way: Record<string, unknown>) {
      await rotate((await save(way)).wayId);
    },
    saveSettings: (settings: Record<string, unknown>) => store.saveSettings(HouseSettings.parse(settings), now),
    record: (wayId: string) => store.read(wayId, SHANGHAI, now),
    /** The turns of link ways, as openings take them. */
    turns: () => linkStore(table, table),
    /** Whom the sweep would wake now. */
    overdue: async () => (await needingAttention(table, now, 10)).map(({ owner }) => owner),
    /** The members that WeCom's code of this way lists. */
    async listed(wayId: string) {
      const { code } = await store.read(wayId, SHANGHAI, now);
      return wecom.codes.get(code?.configId ?? '')?.users;
    },
    /** What WeCom tells of an add, made now. */
    added(wayId: string, agentId: string, customerId: string, more: Record<string, string> = {}): ContactNews {
      const ids = { UserID: agentId, ExternalUserID: customerId, State: `cc:test:${wayId}`, ...more };
      return news('add_half_external_contact', ids);
    },
    news,
    types: () => facts.map(({ type }) => type),
  };

  function news(changeType: string, ids: Record<string, string>): ContactNews {
    const createdAt = Math.floor(now / 1000) * 1000;
    return { v: 1, app: 'main', event: 'change_external_contact', changeType, createdAt, receivedAt: now, ids };
  }
}
