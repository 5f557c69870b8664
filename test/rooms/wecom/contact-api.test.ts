import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ContactApi, contactApi } from '../../../lib/wecom/contact-api.ts';
import { aProcess, movingClock, type Received, type StandIn, startStandIn, token } from './stand-in.ts';

let wecom: StandIn;
let contacts: ContactApi;
beforeEach(async () => {
  wecom = await startStandIn();
  contacts = contactApi(aProcess({ url: wecom.url, ...movingClock() }).api, 'main');
});
afterEach(() => wecom.stop());

const caught = (error: unknown): unknown => error;
function answer(...bodies: object[]): void {
  let asked = 0;
  wecom.answer = (call) => {
    if (call.path.endsWith('gettoken')) return token(1);
    return { errcode: 0, errmsg: 'ok', ...bodies[Math.min(asked++, bodies.length - 1)] };
  };
}
const calls = (): Received[] => wecom.received.filter(({ path }) => !path.endsWith('gettoken'));
const lastBody = (): unknown => wecom.received.at(-1)?.body;
const lastPath = (): unknown => wecom.received.at(-1)?.path.replace('/cgi-bin/', '');
const queriesOf = (list: Received[]): object[] =>
  list.map(({ query }) => Object.fromEntries([...query].filter(([name]) => name !== 'access_token')));

const relation = { agentId: 'zhangsan', customerId: 'woX' };
const way = { users: ['ZhangSan', 'lisi'], remark: 'spring expo', state: 'cc:prod:expo', skipVerify: false };
const sent = { remark: 'spring expo', skip_verify: false, state: 'cc:prod:expo', user: ['zhangsan', 'lisi'] };

describe('the relations of several members', () => {
  const row = (userid: string, external_userid: string, more: object = {}) => ({
    external_contact: { external_userid, name: 'PRIVATE' },
    follow_info: { userid, createtime: 1_760_000_000, add_way: 1, ...more },
  });

  test('come page by page, with who, when and by which state', async () => {
    const external_contact_list = [
      row('ZhangSan', 'woX', { state: 'cc:prod:expo' }),
      row('lisi', 'woY', { state: '' }),
    ];
    answer({ external_contact_list, next_cursor: 'C2' });
    expect(await contacts.relationsOf(['ZhangSan', 'lisi'])).toEqual({
      relations: [
        { agentId: 'zhangsan', customerId: 'woX', addedAt: 1_760_000_000_000, state: 'cc:prod:expo' },
        { agentId: 'lisi', customerId: 'woY', addedAt: 1_760_000_000_000 },
      ],
      next: 'C2',
    });
    expect(lastPath()).toBe('externalcontact/batch/get_by_user');
    expect(lastBody()).toEqual({ userid_list: ['zhangsan', 'lisi'], limit: 100 });
  });

  test('end where WeCom has no cursor, or gives the same again', async () => {
    answer({ external_contact_list: [row('lisi', 'woY')], next_cursor: '' }, { next_cursor: 'C2' });
    expect(await contacts.relationsOf(['lisi'])).not.toHaveProperty('next');
    expect(await contacts.relationsOf(['lisi'], 'C2')).toEqual({ relations: [] });
    expect(lastBody()).toEqual({ userid_list: ['lisi'], limit: 100, cursor: 'C2' });
  });

  test('are none, and no error, where nobody has a customer', async () => {
    answer({ errcode: 84061, errmsg: 'not external contact' });
    expect(await contacts.relationsOf(['lisi'])).toEqual({ relations: [] });
  });
});

describe('a contact way', () => {
  test('is always made for several members, so that it can have more later', async () => {
    answer({ config_id: 'C1', qr_code: 'https://p.example/0' });
    const made = await contacts.createWay({ ...way, users: ['ZhangSan'], scene: 'code' });
    expect(made).toEqual({ configId: 'C1', qrCodeUrl: 'https://p.example/0' });
    expect(lastPath()).toBe('externalcontact/add_contact_way');
    expect(lastBody()).toEqual({ type: 2, scene: 2, ...sent, user: ['zhangsan'] });
  });

  test('is a button in a mini program, which has no picture', async () => {
    answer({ config_id: 'C1' });
    expect(await contacts.createWay({ ...way, scene: 'mini-program' })).toEqual({ configId: 'C1' });
    expect(lastBody()).toEqual({ type: 2, scene: 1, ...sent });
  });

  test('is read with everything that we own of it, members in lower case', async () => {
    const contact_way = { config_id: 'C1', type: 2, scene: 2, style: 1, qr_code: 'https://p.example/0', ...sent };
    answer({ contact_way: { ...contact_way, user: ['ZhangSan', 'LISI'], party: [7] } });
    expect(await contacts.readWay('C1')).toEqual({
      configId: 'C1',
      scene: 'code',
      several: true,
      remark: 'spring expo',
      skipVerify: false,
      state: 'cc:prod:expo',
      users: ['zhangsan', 'lisi'],
      departments: [7],
      qrCodeUrl: 'https://p.example/0',
    });
    expect(lastBody()).toEqual({ config_id: 'C1' });
  });

  test('made by hand for one member is told from ours', async () => {
    answer({ contact_way: { config_id: 'C1', type: 1, scene: 1, user: ['lisi'] } });
    expect(await contacts.readWay('C1')).toMatchObject({
      several: false,
      scene: 'mini-program',
      state: '',
      remark: '',
    });
  });

  test('that is gone reads as nothing, and is deleted as often as one likes', async () => {
    answer({ errcode: 41044, errmsg: 'invalid config_id' });
    expect(await contacts.readWay('C1')).toBeUndefined();
    await contacts.deleteWay('C1');
    expect(lastPath()).toBe('externalcontact/del_contact_way');
  });

  test('is listed by when it was made', async () => {
    answer({ contact_way: [{ config_id: 'C1' }], next_cursor: '' });
    expect(await contacts.listWays(1_760_000_000_000, 1_760_000_060_500)).toEqual(['C1']);
    expect(lastBody()).toEqual({ start_time: 1_760_000_000, end_time: 1_760_000_060, limit: 1000 });
  });

  test('that WeCom does not let us read is not taken for gone', async () => {
    answer({ errcode: 48002, errmsg: 'api forbidden' });
    expect(await contacts.readWay('C1').catch(caught)).toMatchObject({ name: 'WeComError', errcode: 48002 });
  });

  test('is updated whole: what is false or empty is written too', async () => {
    answer({});
    await contacts.updateWay('C1', { ...way, remark: '' });
    expect(lastPath()).toBe('externalcontact/update_contact_way');
    expect(lastBody()).toEqual({ config_id: 'C1', ...sent, remark: '', party: [] });
  });

  test('all of this app are listed, every one once, to the last page', async () => {
    answer(
      { contact_way: [{ config_id: 'C1' }, { config_id: 'C2' }], next_cursor: 'N' },
      { contact_way: [{ config_id: 'C2' }, { config_id: 'C3' }], next_cursor: '' },
    );
    expect(await contacts.listWays()).toEqual(['C1', 'C2', 'C3']);
    expect(calls().map(({ body }) => body)).toEqual([
      { start_time: 1_625_846_400, limit: 1000 },
      { start_time: 1_625_846_400, limit: 1000, cursor: 'N' },
    ]);
  });

  test('lists that give the same cursor for ever come to an end', async () => {
    answer({ contact_way: [{ config_id: 'C1' }], next_cursor: 'N' });
    expect(await contacts.listWays(1_700_000_000_500)).toEqual(['C1']);
    expect(calls()).toHaveLength(2);
    expect(lastBody()).toMatchObject({ start_time: 1_700_000_000 });
  });
});

describe('what WeCom would refuse is refused before it is called', () => {
  const hundredAndOne = Array.from({ length: 101 }, (_, n) => `m${n}`);
  test.each([
    ['nobody', { users: [] }, 'users', 'is empty'],
    ['101 members', { users: hundredAndOne }, 'users', 'has 101 members, at most 100 are allowed'],
    ['a userid with a blank', { users: ['lisi', 'zhang san'] }, 'users[1]', 'is no userid'],
    ['a long remark', { remark: '汉'.repeat(31) }, 'remark', 'has 31 characters, at most 30 are allowed'],
    ['a long state', { state: 's'.repeat(31) }, 'state', 'has 31 characters, at most 30 are allowed'],
    ['no state', { state: ' ' }, 'state', 'is empty'],
  ])('%s', async (_, change, field, problem) => {
    const refusal = { name: 'ContactFieldError', field, problem };
    expect(await contacts.createWay({ ...way, scene: 'code', ...change }).catch(caught)).toMatchObject(refusal);
    expect(await contacts.updateWay('C1', { ...way, ...change }).catch(caught)).toMatchObject(refusal);
    expect(wecom.received).toEqual([]);
  });

  test('a hundred members and thirty Chinese characters are taken, and a member named twice counts once', async () => {
    answer({});
    const users = [...hundredAndOne.slice(0, 100), 'M0', 'M99'];
    await contacts.updateWay('C1', { ...way, users, remark: '汉'.repeat(30) });
    expect(lastBody()).toMatchObject({ user: hundredAndOne.slice(0, 100) });
  });

  test.each([
    ['a link with a long name', () => contacts.createLink({ name: 'n'.repeat(31), users: ['a'], skipVerify: true })],
    ['a link without a name', () => contacts.updateLink('L', { name: '', users: ['a'], skipVerify: true })],
    ['a link to nobody', () => contacts.createLink({ name: 'n', users: [], skipVerify: true })],
    ['a remark of 21 characters', () => contacts.remark(relation, { remark: '汉'.repeat(21) })],
    ['a description of 151 characters', () => contacts.remark(relation, { description: 'd'.repeat(151) })],
    ['a remark that says nothing', () => contacts.remark(relation, {})],
    ['no tags', () => contacts.markTags(relation, {})],
    ['an empty welcome', () => contacts.sendWelcome('CODE', { attachments: [] })],
  ])('%s', async (_, ask) => {
    expect(await ask().catch(caught)).toMatchObject({ name: 'ContactFieldError' });
    expect(wecom.received).toEqual([]);
  });

  test('the error names the field and its mend, and quotes nothing', async () => {
    const error = await contacts.remark(relation, { remark: 'Mrs Wang of the third floor' }).catch(caught);
    expect(String(error)).toBe(
      'ContactFieldError: remark has 27 characters, at most 20 are allowed: shorten it; an emoji counts as two.',
    );
  });
});

describe('members', () => {
  test('who may serve customers are in lower case', async () => {
    answer({ follow_user: ['ZhangSan', 'lissi'] });
    expect(await contacts.followUsers()).toEqual(['zhangsan', 'lissi']);
    expect(wecom.received.at(-1)).toMatchObject({ method: 'GET' });
    expect(lastPath()).toBe('externalcontact/get_follow_user_list');
  });

  test.each([
    [{ status: 1 }, 'active'],
    [{ status: 2 }, 'disabled'],
    [{ status: 4 }, 'not-activated'],
    [{ status: 5 }, 'left'],
    [{ status: 3 }, 'unknown'],
    [{ errcode: 60111 }, 'absent'],
    [{ errcode: 60011 }, 'absent'],
  ])('%j is a member who is %s', async (body, status) => {
    answer(body);
    expect(await contacts.memberStatus('lisi')).toBe(status);
    expect(queriesOf(calls())).toEqual([{ userid: 'lisi' }]);
  });

  test('of a department are those of all below it, every one once', async () => {
    const members: Record<string, string[]> = { 1: ['Wang'], 2: ['zhangsan', 'wang'], 3: ['Anna'] };
    wecom.answer = (call) => {
      if (call.path.endsWith('gettoken')) return token(1);
      if (call.path.endsWith('department/simplelist')) {
        return { errcode: 0, department_id: [1, 2, 3].map((id) => ({ id, parentid: id - 1, order: 1 })) };
      }
      const of = members[call.query.get('department_id') ?? ''] ?? [];
      return { errcode: 0, userlist: of.map((userid) => ({ userid, name: 'x' })) };
    };
    expect(await contacts.departmentMembers(1)).toEqual(['anna', 'wang', 'zhangsan']);
    expect(wecom.to('user/simplelist')).toHaveLength(3);
  });

  test('of a department without others below it are found as well', async () => {
    answer({ department_id: [] }, { userlist: [{ userid: 'lisi' }] });
    expect(await contacts.departmentMembers(7)).toEqual(['lisi']);
    expect(queriesOf(calls())).toEqual([{ id: '7' }, { department_id: '7' }]);
  });
});

describe('customers', () => {
  test('are read with all who serve them, over all pages', async () => {
    const external_contact = { external_userid: 'woX', name: '李四', type: 1 };
    const tags = [{ tag_id: 'T1', type: 1 }, { type: 2 }];
    answer(
      {
        external_contact,
        follow_user: [{ userid: 'Rocky', createtime: 1_525_779_812, state: 'cc:prod:expo', add_way: 1, tags }],
        next_cursor: 'N',
      },
      { external_contact, follow_user: [{ userid: 'tommy', createtime: 1_525_881_637, state: '' }] },
    );
    expect(await contacts.readCustomer('woX')).toEqual({
      customerId: 'woX',
      name: '李四',
      from: 'wechat',
      followers: [
        { agentId: 'rocky', addedAt: 1_525_779_812_000, state: 'cc:prod:expo', addWay: 1, tagIds: ['T1'] },
        { agentId: 'tommy', addedAt: 1_525_881_637_000, addWay: 0, tagIds: [] },
      ],
    });
    expect(queriesOf(calls())).toEqual([{ external_userid: 'woX' }, { external_userid: 'woX', cursor: 'N' }]);
  });

  test('in the half state are not known, and that is no failure', async () => {
    answer({ errcode: 84061, errmsg: 'not external contact' });
    expect(await contacts.readCustomer('woX')).toBeUndefined();
    expect(await contacts.customersOf('lisi')).toEqual([]);
  });

  test('of a member are listed as they are: their ids have a case', async () => {
    answer({ external_userid: ['woX', 'wmy'] });
    expect(await contacts.customersOf('lisi')).toEqual(['woX', 'wmy']);
    expect(queriesOf(calls())).toEqual([{ userid: 'lisi' }]);
  });

  test('get a remark of what was said, and nothing else is overwritten', async () => {
    answer({});
    await contacts.remark(relation, { remark: '李四-expo' });
    expect(lastBody()).toEqual({ userid: 'zhangsan', external_userid: 'woX', remark: '李四-expo' });
  });

  test('get and lose tags', async () => {
    answer({});
    await contacts.markTags(relation, { add: ['T1'] });
    expect(lastBody()).toEqual({ userid: 'zhangsan', external_userid: 'woX', add_tag: ['T1'] });
    await contacts.markTags(relation, { add: ['T1'], remove: ['T2'] });
    expect(lastBody()).toMatchObject({ add_tag: ['T1'], remove_tag: ['T2'] });
    expect(lastPath()).toBe('externalcontact/mark_tag');
  });

  test('are welcomed by their code, and a name may be anything', async () => {
    answer({});
    await contacts.sendWelcome('CODE', { text: 'Hello {customer}', attachments: [{ type: 'file', mediaId: 'M' }] });
    expect(lastPath()).toBe('externalcontact/send_welcome_msg');
    expect(lastBody()).toEqual({
      welcome_code: 'CODE',
      text: { content: 'Hello {customer}' },
      attachments: [{ msgtype: 'file', file: { media_id: 'M' } }],
    });
  });
});

describe('acquisition links', () => {
  const link = { name: 'expo zhangsan', users: ['ZhangSan'], skipVerify: true };
  const wire = { link_name: 'expo zhangsan', range: { user_list: ['zhangsan'] }, skip_verify: true };

  test('are made, changed and deleted', async () => {
    answer({ link: { link_id: 'L1', link_name: 'x', url: 'https://work.weixin.qq.com/ca/x', create_time: 1 } });
    expect(await contacts.createLink(link)).toEqual({ linkId: 'L1', url: 'https://work.weixin.qq.com/ca/x' });
    expect(lastBody()).toEqual(wire);
    await contacts.updateLink('L1', link);
    expect(lastBody()).toEqual({ link_id: 'L1', ...wire });
    await contacts.deleteLink('L1');
    expect(lastBody()).toEqual({ link_id: 'L1' });
    expect(calls().map(({ path }) => path.split('/').slice(-2).join('/'))).toEqual([
      'customer_acquisition/create_link',
      'customer_acquisition/update_link',
      'customer_acquisition/delete_link',
    ]);
  });

  test('are read', async () => {
    answer({
      link: { link_name: 'x', url: 'https://work.weixin.qq.com/ca/x', skip_verify: false },
      range: { user_list: ['Rocky'], department_list: [1] },
    });
    expect(await contacts.readLink('L1')).toEqual({
      name: 'x',
      url: 'https://work.weixin.qq.com/ca/x',
      skipVerify: false,
      users: ['rocky'],
      departments: [1],
    });
  });

  test('tell who came through them, and whether they wrote', async () => {
    const came = (external_userid: string, chat_status: number, state: string) => ({
      external_userid,
      userid: 'ZhangSan',
      chat_status,
      state,
    });
    answer(
      { customer_list: [came('woA', 0, 'cc:prod:expo:t1'), came('woB', 1, '')], next_cursor: 'N' },
      { customer_list: [came('woC', 2, 'ad')], next_cursor: '' },
    );
    expect(await contacts.linkCustomers('L1')).toEqual([
      { agentId: 'zhangsan', customerId: 'woA', wrote: false, state: 'cc:prod:expo:t1' },
      { agentId: 'zhangsan', customerId: 'woB', wrote: true },
      { agentId: 'zhangsan', customerId: 'woC', wrote: undefined, state: 'ad' },
    ]);
    expect(lastBody()).toEqual({ link_id: 'L1', limit: 1000, cursor: 'N' });
  });

  test('cost what is left of the quota', async () => {
    answer({ total: 1000, balance: 500, quota_list: [{ expire_date: 1_689_350_400, balance: 200 }] });
    expect(await contacts.acquisitionQuota()).toEqual({
      used: 1000,
      left: 500,
      expiring: [{ at: 1_689_350_400_000, left: 200 }],
    });
    expect(lastPath()).toBe('externalcontact/customer_acquisition_quota');
    expect(wecom.received.at(-1)?.method).toBe('GET');
  });
});
