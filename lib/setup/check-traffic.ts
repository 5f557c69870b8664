import { type Clock, DAY, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import type { AccountDuty } from '../wecom/account-duty.ts';
import type { ContactApi, FoundRelation } from '../wecom/contact-api.ts';
import { WeComError, WeComUnreachable } from '../wecom/errors.ts';
import type { KfApi } from '../wecom/kf-api.ts';
import { type KfItem, parseItem } from '../wecom/kf-messages.ts';
import type { Finding } from './finding.ts';
import { failed, listed, notOk, ok } from './judge.ts';
import { judgeDuty } from './judge-duty.ts';

/**
 * Steps that WeCom never refuses, but answers with silence: whether it calls us, and for what. They show only by what happened, so what
 * WeCom has is laid beside what we have heard.
 */
export interface CheckTraffic {
  readonly clock: Clock;
  kfFor(app: string): Pick<KfApi, 'syncMessages' | 'readSession'>;
  contactFor(app: string): Pick<ContactApi, 'relationsOf'>;
  /** Whether we serve the account, or only look on. */
  dutyOf(openKfId: string): Promise<AccountDuty>;
  /** When a callback last told us of the account; undefined, never. */
  heardAt(openKfId: string): Promise<Instant | undefined>;
  /** WeCom allows few pulls in a minute, and the functions need them, too. */
  takePull(): Promise<boolean>;
  /** The state in which we believe the customer's session to be, WeCom's word for it; undefined for a customer we do not know. */
  sessionOf(openKfId: string, customerId: string): Promise<string | undefined>;
  /** Those of these customers of whom a contact event came: the members who added them, with the contact way. */
  heardContacts(customerIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string | undefined>>>;
  /** Whether who comes by this way, or by none, is to be welcomed. */
  welcomes(wayId: string | undefined): boolean;
  /** Whether a welcome code ever came for this customer, who was to be welcomed. */
  hadWelcomeCode(customerId: string): Promise<boolean>;
}

/** What is younger may still be under way to us. */
export const UNDER_WAY = 30 * SECOND;
/** WeCom: kf/sync_msg goes back three days. */
const REACH = 3 * DAY;
/** Sessions that are asked for one by one. */
const SESSIONS_AT_MOST = 20;
const MEMBERS_PER_CALL = 100;
const PAGES_AT_MOST = 5;
const WELCOMES_AT_MOST = 20;

/** One account: do we serve it, do its news reach us, and do we know who holds its customers? `since`: what is older does not count (a live probe). */
export async function checkAccountTraffic(
  room: CheckTraffic,
  app: string,
  openKfId: string,
  since = 0,
): Promise<Finding[]> {
  const duty = await room.dutyOf(openKfId);
  const news = await checkAccountNews(room, app, openKfId, since, duty.mode === 'serves');
  return [judgeDuty(openKfId, duty, room.clock()), ...news];
}

/** `served`: whoever only looks on, or has let go, need not know who holds the customers. */
async function checkAccountNews(
  room: CheckTraffic,
  app: string,
  openKfId: string,
  since: Instant,
  served: boolean,
): Promise<Finding[]> {
  const { clock } = room;
  if (!(await room.takePull())) {
    return [
      notOk(
        'kf-news',
        11,
        'unknown',
        { zh: '本分钟的拉取次数已用完，请稍后再试', en: 'no pull is left in this minute; ask again later' },
        { about: openKfId },
      ),
    ];
  }
  let items: KfItem[];
  try {
    const { items: raw } = await room.kfFor(app).syncMessages({ openKfId });
    items = raw.map((one) => parseItem(one, openKfId, clock()));
  } catch (error) {
    if (!(error instanceof WeComError || error instanceof WeComUnreachable)) throw error;
    const code = error instanceof WeComError ? error.errcode : error.reason;
    return [
      notOk(
        'kf-news',
        11,
        'unknown',
        { zh: `无法拉取消息（${code}）`, en: `messages cannot be pulled (${code})` },
        { about: openKfId },
      ),
    ];
  }
  const said = items.filter((one) => one.kind === 'message' && one.sentAt >= Math.max(since, clock() - REACH));
  const newest = Math.max(0, ...said.map(({ sentAt }) => sentAt));
  const heardAt = await room.heardAt(openKfId);
  const findings = [judgeKfNews(openKfId, newest, heardAt, Math.max(since, clock() - REACH), clock())];
  const customers = [...new Set(said.flatMap((one) => (one.kind === 'message' ? [one.customerId] : [])))];
  if (served) findings.push(await checkHolders(room, app, openKfId, customers));
  return findings;
}

function judgeKfNews(
  openKfId: string,
  newest: Instant,
  heardAt: Instant | undefined,
  since: Instant,
  now: Instant,
): Finding {
  // WeCom's times are whole seconds.
  const heard = heardAt !== undefined && heardAt + SECOND >= newest;
  if (newest === 0) {
    return heardAt !== undefined && heardAt >= since
      ? ok('kf-news', 11, { zh: '企业微信会通知此账号的消息', en: 'WeCom tells us of this account’s news' }, openKfId)
      : notOk(
          'kf-news',
          11,
          'unknown',
          {
            zh: '三天内没有客户消息，无法判断：用微信写一条，或运行 doctor --probe',
            en: 'no customer wrote in three days, so it cannot be told: write one message, or doctor --probe',
          },
          { about: openKfId },
        );
  }
  if (heard)
    return ok(
      'kf-news',
      11,
      { zh: '客户消息已由回调通知', en: 'callbacks told us of the customers’ messages' },
      openKfId,
    );
  if (now - newest < UNDER_WAY) {
    return notOk(
      'kf-news',
      11,
      'unknown',
      { zh: '最新的消息可能还在路上', en: 'the newest message may still be under way' },
      { about: openKfId },
    );
  }
  return failed(
    'kf-news',
    11,
    { zh: '企业微信有客户消息，但没有回调通知我们', en: 'WeCom has messages of customers, and no callback told us' },
    openKfId,
  );
}

/** A customer whom a person serves in WeCom, and of whom we do not know it, would be answered by the bot or given away. */
async function checkHolders(
  room: CheckTraffic,
  app: string,
  openKfId: string,
  customers: readonly string[],
): Promise<Finding> {
  const strangers: string[] = [];
  for (const customerId of customers.slice(-SESSIONS_AT_MOST)) {
    const ours = await room.sessionOf(openKfId, customerId);
    if (ours === 'person' || ours === 'pool') continue;
    try {
      const { state } = await room.kfFor(app).readSession(openKfId, customerId);
      if (state === 'person') strangers.push(customerId);
    } catch (error) {
      if (!(error instanceof WeComError || error instanceof WeComUnreachable)) throw error;
    }
  }
  if (strangers.length === 0)
    return ok(
      'open-sessions',
      19,
      { zh: '没有我们不知道的人工会话', en: 'no person serves a customer without our knowing' },
      openKfId,
    );
  return failed(
    'open-sessions',
    19,
    {
      zh: `有 ${strangers.length} 位客户正由人工接待，而系统不知道`,
      en: `${strangers.length} customers are served by a person, and we do not know of it`,
    },
    openKfId,
  );
}

/** Do contact events reach us, and do they bring welcome codes? Half adds cannot be seen here: WeCom lists full relations only. */
export async function checkContactTraffic(
  room: CheckTraffic,
  app: string,
  members: readonly string[],
  since = 0,
): Promise<Finding[]> {
  const found = await recentRelations(room, app, members, Math.max(since, room.clock() - REACH));
  if (found === undefined)
    return [
      notOk(
        'contact-events',
        5,
        'unknown',
        { zh: '无法读取客户列表', en: 'the members’ customers cannot be read' },
        { about: app },
      ),
    ];
  const heard = await room.heardContacts([...new Set(found.map(({ customerId }) => customerId))]);
  const knows = ({ customerId, agentId }: FoundRelation): boolean => heard.get(customerId)?.has(agentId) === true;
  const missed = found.filter((one) => !knows(one) && room.clock() - one.addedAt >= UNDER_WAY);
  const known = found.filter(knows);
  if (missed.length > 0) {
    const who = listed([...new Set(missed.map(({ agentId }) => agentId))]);
    return [
      failed(
        'contact-events',
        5,
        {
          zh: `${missed.length} 次添加客户没有收到回调（成员：${who}）：未勾选“外部联系人变更回调”`,
          en: `no callback told us of ${missed.length} added customers (members: ${who}): the box 外部联系人变更回调 is not ticked`,
        },
        app,
      ),
    ];
  }
  if (known.length === 0) {
    return [
      notOk(
        'contact-events',
        5,
        'unknown',
        {
          zh: '三天内没有新增客户，无法判断：用微信扫一次码，或运行 doctor --probe',
          en: 'no customer was added in three days, so it cannot be told: scan a code, or doctor --probe',
        },
        { about: app },
      ),
    ];
  }
  const events = ok(
    'contact-events',
    5,
    { zh: '客户联系事件由回调通知', en: 'callbacks tell us of added customers' },
    app,
  );
  const welcomed = known.filter(({ customerId, agentId }) => room.welcomes(heard.get(customerId)?.get(agentId)));
  return [events, await checkWelcomes(room, app, welcomed.slice(-WELCOMES_AT_MOST))];
}

async function checkWelcomes(room: CheckTraffic, app: string, added: readonly FoundRelation[]): Promise<Finding> {
  if (added.length === 0) {
    const what = {
      zh: '没有为这些客户配置欢迎语，未检查',
      en: 'no welcome is configured for who came, so it was not looked at',
    };
    return notOk('welcome-code', 14, 'skipped', what, { about: app });
  }
  for (const { customerId } of added) {
    if (await room.hadWelcomeCode(customerId))
      return ok('welcome-code', 14, { zh: '收到了欢迎语 code', en: 'welcome codes come' }, app);
  }
  const what = {
    zh: '新增客户没有带来欢迎语 code：后台设置了欢迎语，或其他应用先发送；48 小时内重复添加也没有',
    en: 'added customers brought no welcome code: the console has a welcome message, or another app answers first; nor does who is added twice within 48 hours',
  };
  return failed('welcome-code', 14, what, app);
}

/** Undefined where WeCom does not let us look. */
async function recentRelations(
  room: CheckTraffic,
  app: string,
  members: readonly string[],
  since: Instant,
): Promise<FoundRelation[] | undefined> {
  const contact = room.contactFor(app);
  const found: FoundRelation[] = [];
  try {
    for (const some of inChunks([...members], MEMBERS_PER_CALL)) {
      let next: string | undefined;
      for (let page = 0; page < PAGES_AT_MOST; page += 1) {
        const { relations, next: more } = await contact.relationsOf(some, next);
        found.push(...relations.filter(({ addedAt }) => addedAt >= since - MINUTE));
        next = more;
        if (next === undefined) break;
      }
    }
  } catch (error) {
    if (error instanceof WeComError || error instanceof WeComUnreachable) return undefined;
    throw error;
  }
  return found;
}
