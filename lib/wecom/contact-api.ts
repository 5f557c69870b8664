import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';
import { type AcquisitionApi, acquisitionApi } from './acquisition-api.ts';
import type { WeComApi } from './api.ts';
import { Departments, everyPage, orUndefined, PER_PAGE, Seconds, Text, UserId, UserIds } from './contact-answers.ts';
import { type MemberStatus, memberStatusOf } from './contact-events.ts';
import {
  ContactFieldError,
  CUSTOMER_DESCRIPTION_CHARACTERS,
  CUSTOMER_REMARK_CHARACTERS,
  checkCharacters,
  checkedMembers,
  checkPresent,
  WAY_MEMBERS,
  WAY_REMARK_CHARACTERS,
  WAY_STATE_CHARACTERS,
} from './contact-limits.ts';
import { saysNoRelation, saysNoSuchWay, saysUnknownMember } from './contact-refusals.ts';
import { type ReadyWelcome, toWeCom, validateReady } from './welcome-messages.ts';

/**
 * Customer contact (客户联系) by WeCom's server API, in our words: WeCom's field names end here. Userids are lower-cased, because
 * WeCom does not distinguish their case; times are milliseconds. What the calls throw, says `WeComApi`; on top, what WeCom
 * would refuse for its form throws `ContactFieldError` before anything is called.
 * https://developer.work.weixin.qq.com/document/path/92109
 */
export interface ContactApi extends AcquisitionApi {
  /**
   * WeCom: externalcontact/add_contact_way. Always for several members, because a code can never be changed from one to several.
   * `configId` is the only handle there is: WeCom's console does not show the code. `qrCodeUrl` is there for `code` only.
   * A member that WeCom refuses is in `memberFault`.
   */
  createWay(way: NewWay): Promise<{ configId: string; qrCodeUrl?: string | undefined }>;
  /** WeCom: externalcontact/get_contact_way. Undefined when there is no such code, or not of this app. */
  readWay(configId: string): Promise<ReadWay | undefined>;
  /**
   * WeCom: externalcontact/list_contact_way, all pages: every code that this app ever made and that still exists, those of
   * other stages and older systems included. Only codes made since 10 July 2021 are listed.
   *
   * @param since when the code was made, at the earliest
   * @param until and at the latest; now, unless said otherwise
   */
  listWays(since?: Instant, until?: Instant): Promise<string[]>;
  /**
   * WeCom: externalcontact/update_contact_way. Always everything that we own, since it is nowhere written that what is left out
   * stays; departments are emptied. The printed code stays good.
   */
  updateWay(configId: string, way: WayContent): Promise<void>;
  /** WeCom: externalcontact/del_contact_way. The printed code stops working for good; deleting a deleted one succeeds. */
  deleteWay(configId: string): Promise<void>;

  /** WeCom: externalcontact/get_follow_user_list. The members in the app's visible range who may serve customers. */
  followUsers(): Promise<string[]>;
  /** WeCom: user/get. `absent`: left, deleted, never there, or outside the app's visible range. */
  memberStatus(agentId: string): Promise<MemberStatus | 'absent'>;
  /** WeCom: user/get. How customers see the member; undefined for who is not there. Never to be logged. */
  memberName(agentId: string): Promise<string | undefined>;
  /**
   * WeCom: department/simplelist, user/simplelist. The members of a department and of all below it, sorted; what the app does not
   * see is not in it.
   */
  departmentMembers(departmentId: number): Promise<string[]>;

  /** WeCom: externalcontact/get, all pages. Undefined while there is no full relation to anybody, as after a half add. */
  readCustomer(customerId: string): Promise<Customer | undefined>;
  /** WeCom: externalcontact/list. The customers of one member; none is no error. */
  customersOf(agentId: string): Promise<string[]>;
  /**
   * WeCom: externalcontact/batch/get_by_user. One page of the full relations of up to 100 members; half ones are not in it. `next` goes
   * on where it ended; absent, it was the last. A member that WeCom refuses is in `memberFault`.
   */
  relationsOf(agentIds: readonly string[], cursor?: string): Promise<{ relations: FoundRelation[]; next?: string }>;
  /** WeCom: externalcontact/remark. How the member sees this customer. Sees `saysNoRelation` after a half add. */
  remark(relation: Relation, note: { remark?: string; description?: string }): Promise<void>;
  /** WeCom: externalcontact/mark_tag. Tags belong to a relation, not to a customer. Sees `saysNoRelation` after a half add. */
  markTags(relation: Relation, tags: { add?: readonly string[]; remove?: readonly string[] }): Promise<void>;
  /** WeCom: externalcontact/send_welcome_msg. What its refusals mean, says `judgeWelcome`. */
  sendWelcome(welcomeCode: string, welcome: ReadyWelcome): Promise<void>;
}

export interface WayContent {
  /** At least one, at most 100. Departments are expanded before. */
  readonly users: readonly string[];
  /** Our note; customers never see it. At most 30 characters. */
  readonly remark: string;
  /** See `wayState`. */
  readonly state: string;
  /** The customer may chat without waiting for the member's consent. */
  readonly skipVerify: boolean;
}

export interface NewWay extends WayContent {
  readonly scene: WayScene;
}

/** A code to scan, or a button in a mini program. */
export type WayScene = 'code' | 'mini-program';

export interface ReadWay extends WayContent {
  readonly configId: string;
  readonly scene: WayScene;
  /** False for a code that can only ever have one member; ours are all true. */
  readonly several: boolean;
  readonly departments: readonly number[];
  readonly qrCodeUrl?: string | undefined;
}

export interface Relation {
  readonly agentId: string;
  readonly customerId: string;
}

export interface FoundRelation extends Relation {
  readonly addedAt: Instant;
  readonly state?: string | undefined;
}

export interface Customer {
  readonly customerId: string;
  /** The WeChat nickname; empty where WeCom does not tell it. Never to be logged. */
  readonly name: string;
  /** Whether the customer uses WeCom as well; undefined where WeCom does not say. */
  readonly from: 'wechat' | 'wecom' | undefined;
  readonly followers: readonly {
    readonly agentId: string;
    readonly addedAt: Instant;
    readonly state?: string | undefined;
    /** WeCom's number for how they met: 1 scanned a code, 16 came through an acquisition link, … */
    readonly addWay: number;
    readonly tagIds: readonly string[];
  }[];
}

const Done = z.object({});
const CreatedWay = z.object({ config_id: z.string().min(1), qr_code: Text.optional() });
const WayAnswer = z.object({
  contact_way: z.object({
    config_id: z.string(),
    type: z.number(),
    scene: z.number(),
    remark: z.string().default(''),
    skip_verify: z.boolean().default(true),
    state: z.string().default(''),
    qr_code: Text.optional(),
    user: UserIds,
    party: Departments,
  }),
});
const WayPage = z.object({
  contact_way: z.array(z.object({ config_id: z.string() })).default([]),
  next_cursor: z.string().default(''),
});
const FollowUsers = z.object({ follow_user: UserIds });
const Member = z.object({ status: z.number() });
const NamedMember = z.object({ name: Text.optional() });
const DepartmentIds = z.object({ department_id: z.array(z.object({ id: z.number() })).default([]) });
const DepartmentMembers = z.object({ userlist: z.array(z.object({ userid: UserId })).default([]) });
const CustomerPage = z.object({
  external_contact: z.object({
    external_userid: z.string(),
    name: z.string().default(''),
    type: z.number().optional(),
  }),
  follow_user: z
    .array(
      z.object({
        userid: UserId,
        createtime: Seconds.default(0),
        state: Text.optional(),
        add_way: z.number().default(0),
        tags: z.array(z.object({ tag_id: z.string().optional() })).default([]),
      }),
    )
    .default([]),
  next_cursor: z.string().default(''),
});
const RelationPage = z.object({
  external_contact_list: z
    .array(
      z.object({
        external_contact: z.object({ external_userid: z.string() }),
        follow_info: z.object({ userid: UserId, createtime: Seconds.default(0), state: Text.optional() }),
      }),
    )
    .default([]),
  next_cursor: z.string().default(''),
});
const CustomerIds = z.object({ external_userid: z.array(z.string()).default([]) });
/** Members asked for at once, and relations told at once: WeCom has one number for both. */
const RELATIONS_PER_PAGE = 100;
/** WeCom numbers from 1. */
const SCENES = [undefined, 'mini-program', 'code'] as const;
const SEVERAL = 2;
/** Before that day's codes WeCom lists none. It looks back 90 days when no time is given. */
const FIRST_LISTED = Date.parse('2021-07-10T00:00:00+08:00');

export function contactApi(api: WeComApi, app: string): ContactApi {
  const call = <T>(name: string, body: object, schema: z.ZodType<T>): Promise<T> =>
    api.call(app, `externalcontact/${name}`, body, schema);

  return {
    ...acquisitionApi(api, app),

    async createWay(way) {
      const body = { type: SEVERAL, scene: SCENES.indexOf(way.scene), ...toWeComWay(way) };
      const { config_id, qr_code } = await call('add_contact_way', body, CreatedWay);
      return { configId: config_id, qrCodeUrl: qr_code };
    },

    async readWay(configId) {
      const answer = await orUndefined(call('get_contact_way', { config_id: configId }, WayAnswer), saysNoSuchWay);
      return answer && readWay(answer.contact_way);
    },

    async listWays(since = FIRST_LISTED, until) {
      const configIds = new Set<string>();
      const end = until === undefined ? {} : { end_time: Math.floor(until / SECOND) };
      await everyPage(async (cursor) => {
        const body = { start_time: Math.floor(since / SECOND), ...end, limit: PER_PAGE, ...cursor };
        const page = await call('list_contact_way', body, WayPage);
        for (const { config_id } of page.contact_way) configIds.add(config_id);
        return page.next_cursor;
      });
      return [...configIds];
    },

    async updateWay(configId, way) {
      await call('update_contact_way', { config_id: configId, ...toWeComWay(way), party: [] }, Done);
    },

    async deleteWay(configId) {
      await orUndefined(call('del_contact_way', { config_id: configId }, Done), saysNoSuchWay);
    },

    async followUsers() {
      const { follow_user } = await api.get(app, 'externalcontact/get_follow_user_list', {}, FollowUsers);
      return follow_user;
    },

    async memberStatus(agentId) {
      const member = await orUndefined(api.get(app, 'user/get', { userid: agentId }, Member), saysUnknownMember);
      return member ? memberStatusOf(member.status) : 'absent';
    },

    async memberName(agentId) {
      const member = await orUndefined(api.get(app, 'user/get', { userid: agentId }, NamedMember), saysUnknownMember);
      return member?.name;
    },

    async departmentMembers(departmentId) {
      const below = await api.get(app, 'department/simplelist', { id: String(departmentId) }, DepartmentIds);
      const members = new Set<string>();
      // One after the other: WeCom's `fetch_child` would save calls, and is no longer documented.
      for (const id of new Set([departmentId, ...below.department_id.map(({ id }) => id)])) {
        const query = { department_id: String(id) };
        const { userlist } = await api.get(app, 'user/simplelist', query, DepartmentMembers);
        for (const { userid } of userlist) members.add(userid);
      }
      return [...members].sort();
    },

    async readCustomer(customerId) {
      let customer: Customer | undefined;
      await everyPage(async (cursor) => {
        const query = { external_userid: customerId, ...cursor };
        const page = await orUndefined(api.get(app, 'externalcontact/get', query, CustomerPage), saysNoRelation);
        customer = page && readCustomer(page, customer);
        return page?.next_cursor ?? '';
      });
      return customer;
    },

    async customersOf(agentId) {
      const query = { userid: agentId };
      const answer = await orUndefined(api.get(app, 'externalcontact/list', query, CustomerIds), saysNoRelation);
      return answer?.external_userid ?? [];
    },

    async relationsOf(agentIds, cursor) {
      const body = { userid_list: checkedMembers('agentIds', agentIds, RELATIONS_PER_PAGE), limit: RELATIONS_PER_PAGE };
      const asked = call('batch/get_by_user', { ...body, ...(cursor && { cursor }) }, RelationPage);
      const page = await orUndefined(asked, saysNoRelation);
      const relations = (page?.external_contact_list ?? []).map(({ external_contact, follow_info }) => ({
        agentId: follow_info.userid,
        customerId: external_contact.external_userid,
        addedAt: follow_info.createtime,
        state: follow_info.state,
      }));
      const next = page?.next_cursor ?? '';
      return next === '' || next === cursor ? { relations } : { relations, next };
    },

    async remark({ agentId, customerId }, { remark, description }) {
      if (remark === undefined && description === undefined) {
        throw new ContactFieldError('remark', 'says nothing', 'give a remark or a description');
      }
      checkCharacters('remark', remark ?? '', CUSTOMER_REMARK_CHARACTERS);
      checkCharacters('description', description ?? '', CUSTOMER_DESCRIPTION_CHARACTERS);
      await call('remark', { userid: agentId, external_userid: customerId, remark, description }, Done);
    },

    async markTags({ agentId, customerId }, { add = [], remove = [] }) {
      if (add.length === 0 && remove.length === 0) {
        throw new ContactFieldError('tags', 'are empty', 'name a tag to add or to remove');
      }
      const tags = { ...(add.length > 0 && { add_tag: add }), ...(remove.length > 0 && { remove_tag: remove }) };
      await call('mark_tag', { userid: agentId, external_userid: customerId, ...tags }, Done);
    },

    async sendWelcome(welcomeCode, welcome) {
      const [problem] = validateReady(welcome);
      if (problem) throw new ContactFieldError('welcome', 'cannot be sent', problem);
      await call('send_welcome_msg', { welcome_code: welcomeCode, ...toWeCom(welcome) }, Done);
    },
  };
}

function toWeComWay(way: WayContent): object {
  checkCharacters('remark', way.remark, WAY_REMARK_CHARACTERS);
  checkPresent('state', way.state, 'every code has a state of its own, so that its adds are told from others');
  checkCharacters('state', way.state, WAY_STATE_CHARACTERS);
  const user = checkedMembers('users', way.users, WAY_MEMBERS);
  return { remark: way.remark, skip_verify: way.skipVerify, state: way.state, user };
}

function readWay(way: z.infer<typeof WayAnswer>['contact_way']): ReadWay {
  return {
    configId: way.config_id,
    scene: SCENES[way.scene] ?? 'code',
    several: way.type === SEVERAL,
    remark: way.remark,
    skipVerify: way.skip_verify,
    state: way.state,
    users: way.user,
    departments: way.party,
    qrCodeUrl: way.qr_code,
  };
}

/** Only the followers have pages: WeCom gives 500 at a time. */
function readCustomer(page: z.infer<typeof CustomerPage>, before: Customer | undefined): Customer {
  const { external_userid, name, type } = page.external_contact;
  const followers = page.follow_user.map(({ userid, createtime, state, add_way, tags }) => ({
    agentId: userid,
    addedAt: createtime,
    state,
    addWay: add_way,
    // A member's own tags have no id.
    tagIds: tags.flatMap(({ tag_id }) => tag_id || []),
  }));
  return {
    customerId: external_userid,
    name,
    from: type === 1 ? 'wechat' : type === 2 ? 'wecom' : undefined,
    followers: [...(before?.followers ?? []), ...followers],
  };
}
