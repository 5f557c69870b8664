import { describe, expect, test } from '@jest/globals';
import { type ContactYard, inContactYard, teamCorp } from './wecom-contacts-yard.ts';

const ANN = 'wmAnn';
const BEN = 'wmBen';

async function befriend(yard: ContactYard, customer = ANN, member = 'alice'): Promise<void> {
  await yard.wecom.phone(customer).scan(await yard.code([member]));
  await yard.wecom.client(member).accept(customer);
}

const pair = { userid: 'alice', external_userid: ANN };

describe('a customer', () => {
  test('is unknown to the API in the half state, whatever is asked', () =>
    inContactYard({}, async (yard) => {
      await yard.wecom.phone(ANN).scan(await yard.code(['alice']));
      const { tag_group } = await yard.post('externalcontact/add_corp_tag', { group_name: 'g', tag: [{ name: 't' }] });
      const add_tag = tag_group.tag.map((one) => one.id);
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(84061);
      expect((await yard.get('externalcontact/list', { userid: 'alice' })).errcode).toBe(84061);
      expect((await yard.post('externalcontact/remark', { ...pair, remark: 'Ann' })).errcode).toBe(84061);
      expect((await yard.post('externalcontact/mark_tag', { ...pair, add_tag })).errcode).toBe(84061);
      expect(await yard.post('externalcontact/batch/get_by_user', { userid_list: ['alice'] })).toMatchObject({
        external_contact_list: [],
      });
      await yard.wecom.client('alice').accept(ANN);
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(0);
      expect((await yard.post('externalcontact/mark_tag', { ...pair, add_tag })).errcode).toBe(0);
    }));

  test('is told with everybody who has him, each with the state of his add', () =>
    inContactYard({}, async (yard) => {
      yard.wecom.phone(ANN).describe({ nickname: '安', gender: 2, unionid: 'u1' });
      await befriend(yard);
      await yard.wecom.client('bob').addCustomer(ANN);
      await yard.wecom.phone(ANN).scan(await yard.code(['carol']));
      const answer = await yard.get('externalcontact/get', { external_userid: ANN });
      const createtime = yard.now() / 1000;
      expect(answer).toMatchObject({
        external_contact: { external_userid: ANN, name: '安', type: 1, gender: 2, unionid: 'u1' },
        follow_user: [
          { userid: 'alice', state: 'c_1', add_way: 1, oper_userid: ANN, createtime, remark: '安', tags: [] },
          { userid: 'bob', oper_userid: 'bob' },
        ],
      });
      expect(answer).not.toHaveProperty('follow_user.1.state');
    }));

  test('who is a WeCom user is shown with the company', () =>
    inContactYard({}, async (yard) => {
      yard.wecom.phone(ANN).workFor('Example Trading');
      await befriend(yard);
      expect(await yard.get('externalcontact/get', { external_userid: ANN })).toMatchObject({
        external_contact: { type: 2, corp_name: 'Example Trading' },
      });
      const remark = { ...pair, remark_company: 'Example' };
      expect((await yard.post('externalcontact/remark', remark)).errcode).toBe(40058);
    }));

  test('who never came near is 40096, and a stranger to this member 84061', () =>
    inContactYard({}, async (yard) => {
      await befriend(yard, BEN, 'bob');
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(40096);
      expect((await yard.post('externalcontact/remark', { ...pair, remark: 'x' })).errcode).toBe(40096);
      const other = { userid: 'alice', external_userid: BEN, remark: 'x' };
      expect((await yard.post('externalcontact/remark', other)).errcode).toBe(84061);
    }));

  test('is listed by member, page by page, also after deleting the member', () =>
    inContactYard({}, async (yard) => {
      await befriend(yard);
      await befriend(yard, BEN);
      await befriend(yard, 'wmCat', 'bob');
      await yard.wecom.phone(ANN).deleteMember('alice');
      expect(await yard.get('externalcontact/list', { userid: 'alice' })).toMatchObject({
        external_userid: [ANN, BEN],
      });
      expect((await yard.get('externalcontact/list', { userid: 'carol' })).errcode).toBe(84061);
      expect((await yard.get('externalcontact/list', { userid: 'nobody' })).errcode).toBe(60111);
      const batch = { userid_list: ['alice', 'bob'], limit: 2 };
      const first = await yard.post('externalcontact/batch/get_by_user', batch);
      expect(first).toMatchObject({
        external_contact_list: [
          { external_contact: { external_userid: ANN }, follow_info: { userid: 'alice', tag_id: [], state: 'c_1' } },
          { external_contact: { external_userid: BEN } },
        ],
      });
      const rest = await yard.post('externalcontact/batch/get_by_user', { ...batch, cursor: first.next_cursor });
      expect(rest).toMatchObject({ external_contact_list: [{ follow_info: { userid: 'bob' } }], next_cursor: '' });
      expect((await yard.post('externalcontact/batch/get_by_user', { userid_list: [] })).errcode).toBe(40058);
    }));

  test('takes remarks and tags for one member only, without an event', () =>
    inContactYard({}, async (yard) => {
      await befriend(yard);
      await yard.wecom.client('bob').addCustomer(ANN);
      const before = (await yard.changes()).length;
      const tags = { group_name: 'Source', tag: [{ name: 'Fair' }, { name: 'Fair' }, { name: 'Shop', order: 2 }] };
      const { tag_group } = await yard.post('externalcontact/add_corp_tag', tags);
      const [fair, shop] = tag_group.tag.map((one) => one.id);
      expect(tag_group.tag.map((one) => one.name)).toEqual(['Fair', 'Shop']);
      await yard.post('externalcontact/mark_tag', { ...pair, add_tag: [fair, shop] });
      await yard.post('externalcontact/mark_tag', { ...pair, remove_tag: [shop] });
      const words = { remark: 'Ann', description: 'met at the fair', remark_mobiles: ['13800000001'] };
      expect((await yard.post('externalcontact/remark', { ...pair, ...words })).errcode).toBe(0);
      expect(await yard.get('externalcontact/get', { external_userid: ANN })).toMatchObject({
        follow_user: [
          { ...words, tags: [{ group_name: 'Source', tag_name: 'Fair', tag_id: fair, type: 1 }] },
          { userid: 'bob', remark: ANN, tags: [] },
        ],
      });
      await yard.post('externalcontact/remark', { ...pair, remark_mobiles: [''] });
      expect(yard.wecom.contacts.relations()[0]).toMatchObject({ remark: 'Ann', tags: [fair] });
      expect(await yard.changes()).toHaveLength(before);
    }));

  test.each([
    ['remark', { remark: 'x'.repeat(21) }, 40058],
    ['remark', { description: 'x'.repeat(151) }, 40058],
    ['remark', { remark_mobiles: [1] }, 40058],
    ['remark', { remark_pic_mediaid: 'unknown' }, 40007],
    ['remark', {}, 40058],
    ['remark', { remark: 'x', userid: 'nobody' }, 60111],
    ['mark_tag', {}, 40058],
    ['mark_tag', { add_tag: ['unknown'] }, 40068],
  ])('is not changed by %s with %j (%d)', (call, wrong, errcode) =>
    inContactYard({}, async (yard) => {
      await befriend(yard);
      expect((await yard.post(`externalcontact/${call}`, { ...pair, ...wrong })).errcode).toBe(errcode);
    }),
  );

  test('of a member outside the visible range is out of reach', () =>
    inContactYard({}, async (yard) => {
      await befriend(yard);
      yard.wecom.console.changeMember('alice', { visible: false });
      expect((await yard.post('externalcontact/remark', { ...pair, remark: 'x' })).errcode).toBe(60011);
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(84061);
    }));
});

test('tags are listed by group or by tag, and known names are refused', () =>
  inContactYard({}, async (yard) => {
    const { tag_group } = await yard.post('externalcontact/add_corp_tag', {
      group_name: 'Source',
      tag: [{ name: 'Fair' }, { name: 'Shop' }],
    });
    const [, shop] = tag_group.tag;
    const again = { group_name: 'Source', tag: [{ name: 'Web' }] };
    expect(await yard.post('externalcontact/add_corp_tag', again)).toMatchObject({
      tag_group: { group_id: tag_group.group_id, tag: [{ name: 'Web' }] },
    });
    expect((await yard.post('externalcontact/add_corp_tag', again)).errcode).toBe(40071);
    expect((await yard.post('externalcontact/add_corp_tag', { group_id: 'x', tag: [{ name: 'y' }] })).errcode).toBe(
      40068,
    );
    expect((await yard.post('externalcontact/add_corp_tag', { group_name: 'Empty' })).errcode).toBe(40058);
    expect(await yard.post('externalcontact/get_corp_tag_list', {})).toMatchObject({
      tag_group: [{ group_name: 'Source', tag: [{ name: 'Fair' }, { name: 'Shop' }, { name: 'Web' }] }],
    });
    const one = await yard.post('externalcontact/get_corp_tag_list', { tag_id: [shop?.id] });
    expect(one).toMatchObject({ tag_group: [{ tag: [{ name: 'Shop' }] }] });
    expect(await yard.post('externalcontact/get_corp_tag_list', { group_id: ['unknown'] })).toMatchObject({
      tag_group: [],
    });
  }));

describe('the directory', () => {
  const corp = {
    ...teamCorp,
    members: ['alice', { userid: 'bob', name: 'Bob', contacts: false }, { userid: 'carol', visible: ['other'] }],
    departments: { 2: { name: 'Sales', members: ['alice'] }, 3: { members: ['Bob'], parent: 2, visible: false } },
  };

  test('says who may serve customers and is visible', () =>
    inContactYard({ corp }, async (yard) => {
      expect(await yard.get('externalcontact/get_follow_user_list', {})).toMatchObject({ follow_user: ['alice'] });
      yard.wecom.console.changeMember('bob', { contacts: true, activated: false });
      expect(await yard.get('externalcontact/get_follow_user_list', {})).toMatchObject({
        follow_user: ['alice', 'bob'],
      });
    }));

  test('tells the status of a member: active, disabled, not activated, gone', () =>
    inContactYard({ corp }, async (yard) => {
      const status = async () => yard.get('user/get', { userid: 'BOB' });
      expect(await status()).toMatchObject({ userid: 'bob', name: 'Bob', department: [3], status: 1 });
      yard.wecom.console.changeMember('bob', { activated: false });
      expect(await status()).toMatchObject({ status: 4 });
      yard.wecom.console.changeMember('bob', { disabled: true });
      expect(await status()).toMatchObject({ status: 2 });
      yard.wecom.console.removeMember('bob');
      expect((await status()).errcode).toBe(60111);
      yard.wecom.switches.leaversAreUnknown = false;
      expect(await status()).toMatchObject({ errcode: 0, status: 5 });
      expect((await yard.get('user/get', { userid: 'carol' })).errcode).toBe(60011);
    }));

  test('lists departments and their people', () =>
    inContactYard({ corp }, async (yard) => {
      expect(await yard.get('department/list', {})).toMatchObject({
        department: [
          { id: 2, name: 'Sales', parentid: 1 },
          { id: 1, parentid: 0 },
        ],
      });
      expect(await yard.get('department/simplelist', { id: '2' })).toMatchObject({ department_id: [{ id: 2 }] });
      expect((await yard.get('department/list', { id: '9' })).errcode).toBe(60003);
      expect((await yard.get('department/list', { id: 'x' })).errcode).toBe(60123);
      expect((await yard.get('user/simplelist', { department_id: '3' })).errcode).toBe(60011);
      const people = async () => yard.get('user/simplelist', { department_id: '2', fetch_child: '1' });
      expect(await people()).toMatchObject({ userlist: [{ userid: 'alice', department: [2] }] });
      yard.wecom.switches.fetchChild = true;
      expect(await people()).toMatchObject({ userlist: [{ userid: 'alice' }, { userid: 'bob' }] });
      expect(await yard.get('user/simplelist', { department_id: '1' })).toMatchObject({ userlist: [] });
    }));
});
