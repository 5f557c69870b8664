/** Why WeCom did not take somebody as a servicer, and the mend. */
export interface ServicerRefusal {
  readonly zh: string;
  readonly en: string;
}

const REFUSALS: ReadonlyMap<number, ServicerRefusal> = new Map([
  [
    60011,
    {
      zh: '成员不在应用可见范围内：在管理后台的应用可见范围中加入此成员',
      en: 'the app does not see this member: add the member to the visible range of the app in the console',
    },
  ],
  [
    60111,
    {
      zh: '企业中没有此 userid：检查拼写；若已离职，从配置中删除',
      en: 'the corp has no such userid, or the app does not see it: check the spelling; remove who has left from the file',
    },
  ],
  [
    60253,
    {
      zh: '不在该客服账号的接待人员列表中：再次执行 apply',
      en: 'not on the list of this customer service account: run apply again',
    },
  ],
  [
    95014,
    {
      zh: '不是接待人员或尚未激活企业微信：请成员先登录企业微信并进入微信客服',
      en: 'no servicer, or never active in WeCom: have the member log in to WeCom and open customer service once',
    },
  ],
  [
    48007,
    {
      zh: '应用无权管理此客服账号：管理后台 微信客服 → 通过API管理微信客服账号',
      en: 'the app may not manage this account: tick it in the console, 微信客服 → 通过API管理微信客服账号',
    },
  ],
  [
    48002,
    {
      zh: '应用没有微信客服接口权限：管理后台 微信客服 → API → 可调用接口的应用',
      en: 'the app may not call customer service: choose it in the console, 微信客服 → API → 可调用接口的应用',
    },
  ],
  [
    60020,
    {
      zh: '出口地址不在应用的企业可信IP中：加入函数的固定出口地址',
      en: 'the outgoing address is not trusted: add the fixed address of the functions to the app, 企业可信IP',
    },
  ],
  [95000, { zh: '客服账号不正确：检查 open_kfid', en: 'no such account: check the open_kfid' }],
  [95004, { zh: '客服账号不存在：检查 open_kfid', en: 'the account does not exist: check the open_kfid' }],
]);

/** In words, in both languages; undefined for a code that nobody described. WeCom: kf/servicer/add, kf/servicer/del. */
export function servicerRefusal(errcode: number): ServicerRefusal | undefined {
  return REFUSALS.get(errcode);
}

/** Whether it is about the one person who was named, and not about the account or the app. */
export const isAboutServicer = (errcode: number): boolean => ABOUT_PERSON.has(errcode);

const ABOUT_PERSON: ReadonlySet<number> = new Set([60011, 60111, 60253, 95014]);
