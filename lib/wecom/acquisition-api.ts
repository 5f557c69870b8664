import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import type { WeComApi } from './api.ts';
import { Departments, everyPage, PER_PAGE, Seconds, Text, UserId, UserIds } from './contact-answers.ts';
import { checkCharacters, checkedMembers, checkPresent, LINK_MEMBERS, LINK_NAME_CHARACTERS } from './contact-limits.ts';

/**
 * Customer-acquisition links (获客助手): a link that opens a member's profile in WeChat. Only links that this app made are visible
 * to it. Part of `ContactApi`.
 * https://developer.work.weixin.qq.com/document/path/97297
 */
export interface AcquisitionApi {
  /** WeCom: customer_acquisition/create_link. Every add through it costs quota. */
  createLink(link: LinkContent): Promise<{ linkId: string; url: string }>;
  /** WeCom: customer_acquisition/get. */
  readLink(linkId: string): Promise<ReadLink>;
  /** WeCom: customer_acquisition/update_link. The members are replaced. */
  updateLink(linkId: string, link: LinkContent): Promise<void>;
  /** WeCom: customer_acquisition/delete_link. No event tells of it. */
  deleteLink(linkId: string): Promise<void>;
  /** WeCom: customer_acquisition/customer, all pages: who came through a link, with the channel of the opening. */
  linkCustomers(linkId: string): Promise<LinkCustomer[]>;
  /** WeCom: customer_acquisition_quota. */
  acquisitionQuota(): Promise<Quota>;
}

export interface LinkContent {
  /** At most 30 characters. */
  readonly name: string;
  /** At least one, at most 500. */
  readonly users: readonly string[];
  readonly skipVerify: boolean;
}

export interface ReadLink extends LinkContent {
  readonly url: string;
  readonly departments: readonly number[];
}

export interface LinkCustomer {
  readonly agentId: string;
  readonly customerId: string;
  /** Whether the customer has written; undefined where WeCom does not know. */
  readonly wrote: boolean | undefined;
  readonly state?: string | undefined;
}

export interface Quota {
  /** Adds, ever. */
  readonly used: number;
  readonly left: number;
  readonly expiring: readonly { readonly at: Instant; readonly left: number }[];
}

const Done = z.object({});
const CreatedLink = z.object({ link: z.object({ link_id: z.string().min(1), url: z.string() }) });
const LinkAnswer = z.object({
  link: z.object({ link_name: z.string().default(''), url: z.string(), skip_verify: z.boolean().default(true) }),
  range: z.object({ user_list: UserIds, department_list: Departments }).prefault({}),
});
const LinkCustomers = z.object({
  customer_list: z
    .array(
      z.object({
        external_userid: z.string(),
        userid: UserId,
        chat_status: z.number().optional(),
        state: Text.optional(),
      }),
    )
    .default([]),
  next_cursor: z.string().default(''),
});
const QuotaAnswer = z.object({
  total: z.number(),
  balance: z.number(),
  quota_list: z.array(z.object({ expire_date: Seconds, balance: z.number() })).default([]),
});

export function acquisitionApi(api: WeComApi, app: string): AcquisitionApi {
  const call = <T>(name: string, body: object, schema: z.ZodType<T>): Promise<T> =>
    api.call(app, `externalcontact/customer_acquisition/${name}`, body, schema);

  return {
    async createLink(link) {
      const { link: made } = await call('create_link', toWeComLink(link), CreatedLink);
      return { linkId: made.link_id, url: made.url };
    },

    async readLink(linkId) {
      const { link, range } = await call('get', { link_id: linkId }, LinkAnswer);
      return {
        name: link.link_name,
        url: link.url,
        skipVerify: link.skip_verify,
        users: range.user_list,
        departments: range.department_list,
      };
    },

    async updateLink(linkId, link) {
      await call('update_link', { link_id: linkId, ...toWeComLink(link) }, Done);
    },

    async deleteLink(linkId) {
      await call('delete_link', { link_id: linkId }, Done);
    },

    async linkCustomers(linkId) {
      const customers: LinkCustomer[] = [];
      await everyPage(async (cursor) => {
        const body = { link_id: linkId, limit: PER_PAGE, ...cursor };
        const page = await call('customer', body, LinkCustomers);
        for (const { external_userid, userid, chat_status, state } of page.customer_list) {
          const wrote = chat_status === 0 ? false : chat_status === 1 || undefined;
          customers.push({ agentId: userid, customerId: external_userid, wrote, state });
        }
        return page.next_cursor;
      });
      return customers;
    },

    async acquisitionQuota() {
      const quota = await api.get(app, 'externalcontact/customer_acquisition_quota', {}, QuotaAnswer);
      const expiring = quota.quota_list.map(({ expire_date, balance }) => ({ at: expire_date, left: balance }));
      return { used: quota.total, left: quota.balance, expiring };
    },
  };
}

function toWeComLink(link: LinkContent): object {
  checkPresent('name', link.name, 'name the link, e.g. after its contact way');
  checkCharacters('name', link.name, LINK_NAME_CHARACTERS);
  const user_list = checkedMembers('users', link.users, LINK_MEMBERS);
  return { link_name: link.name, range: { user_list }, skip_verify: link.skipVerify };
}
