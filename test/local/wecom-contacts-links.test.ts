import { describe, expect, test } from '@jest/globals';
import { type ContactYard, inContactYard, TEAM, teamCorp } from './wecom-contacts-yard.ts';
import type { Answer } from './wecom-yard.ts';

const ANN = 'wmAnn';

function call(yard: ContactYard, name: string, body: object, app = 'main'): Promise<Answer> {
  return yard.post(`externalcontact/customer_acquisition/${name}`, body, app);
}

async function create(yard: ContactYard, users: readonly string[] = ['alice'], more: object = {}) {
  return (await call(yard, 'create_link', { link_name: 'Ad', range: { user_list: users }, ...more })).link;
}

describe('an acquisition link', () => {
  test('is created, read, listed, changed and deleted', () =>
    inContactYard({}, async (yard) => {
      const { link_id, url } = await create(yard);
      expect(url).toMatch(/^https:\/\/work\.weixin\.qq\.com\/ca\//);
      const range = { user_list: ['bob', 'carol'], department_list: [] };
      expect((await call(yard, 'update_link', { link_id, range, skip_verify: false })).errcode).toBe(0);
      expect(await call(yard, 'get', { link_id })).toMatchObject({
        link: { link_name: 'Ad', url, skip_verify: false, mark_source: true },
        range,
      });
      expect(await call(yard, 'list_link', {})).toMatchObject({ link_id_list: [link_id], next_cursor: '' });
      expect((await call(yard, 'delete_link', { link_id })).errcode).toBe(0);
      expect((await call(yard, 'get', { link_id })).errcode).toBe(40058);
      await expect(yard.wecom.phone(ANN).openLink(url)).rejects.toThrow('no longer works');
      expect(await yard.changes()).toEqual([]);
    }));

  test.each([
    [{ link_name: undefined }, 40058],
    [{ link_name: '链'.repeat(31) }, 40058],
    [{ range: undefined }, 40058],
    [{ range: { user_list: [] } }, 40058],
    [{ range: { user_list: ['nobody'] } }, 60111],
    [{ range: { department_list: [99] } }, 60123],
    [{ priority_option: { priority_type: 2 } }, 40058],
    [{ priority_option: { priority_type: 3 } }, 40058],
  ])('is refused with %j (%d)', (wrong, errcode) =>
    inContactYard({}, async (yard) => {
      const link = { link_name: 'Ad', range: { user_list: TEAM }, ...wrong };
      expect((await call(yard, 'create_link', link)).errcode).toBe(errcode);
    }),
  );

  test("of another app's is out of sight", () =>
    inContactYard({ corp: { ...teamCorp, apps: { main: {}, other: {} } } }, async (yard) => {
      const link = { link_name: 'Ad', range: { user_list: TEAM } };
      const { link_id } = (await call(yard, 'create_link', link, 'other')).link;
      expect((await call(yard, 'get', { link_id })).errcode).toBe(40058);
      expect(await call(yard, 'list_link', {})).toMatchObject({ link_id_list: [] });
    }));

  test('brings a customer with its channel as the state', () =>
    inContactYard({}, async (yard) => {
      const { link_id, url } = await create(yard);
      expect(await yard.wecom.phone(ANN).openLink(`${url}?customer_channel=t.42`)).toMatchObject({
        member: 'alice',
        outcome: 'half',
      });
      expect((await yard.told()).toSorted((a, b) => (a.Event ?? '').localeCompare(b.Event ?? ''))).toMatchObject([
        { ChangeType: 'add_half_external_contact', UserID: 'alice', State: 't.42', WelcomeCode: expect.any(String) },
        { Event: 'customer_acquisition', ChangeType: 'friend_request', LinkId: link_id, State: 't.42' },
      ]);
      await yard.wecom.client('alice').accept(ANN);
      expect(await call(yard, 'customer', { link_id })).toMatchObject({
        customer_list: [{ external_userid: ANN, userid: 'alice', chat_status: 0, state: 't.42' }],
        next_cursor: '',
      });
      expect(await yard.get('externalcontact/get', { external_userid: ANN })).toMatchObject({
        follow_user: [{ add_way: 16, state: 't.42' }],
      });
    }));

  test('opens by its weixin:// form too, and cuts a long channel at 64 bytes', () =>
    inContactYard({}, async (yard) => {
      const { url } = await create(yard);
      const address = encodeURIComponent(`${url}?customer_channel=${'t'.repeat(70)}`);
      await yard.wecom.phone(ANN).openLink(`weixin://biz/ww/profile/${address}`);
      expect(yard.wecom.contacts.relations()).toMatchObject([{ state: 't'.repeat(64) }]);
    }));

  test('tells of opened profiles, chats and ends', () =>
    inContactYard({ switches: { openProfileEvents: true } }, async (yard) => {
      const { link_id, url } = await create(yard);
      const phone = yard.wecom.phone(ANN);
      const steps = [
        () => phone.openLink(`${url}?customer_channel=t`),
        ...[1, 2, 3].map(() => () => phone.writeTo('alice')),
        () => phone.deleteMember('alice'),
      ];
      for (const step of steps) {
        await step();
        await yard.wecom.idle();
      }
      const told = (await yard.told()).filter((one) => one.Event === 'customer_acquisition');
      expect(told.map((one) => one.ChangeType).toSorted()).toEqual(
        [
          'customer_start_chat',
          'del_follow_user',
          'friend_request',
          'message_from_customer',
          'open_profile',
        ].toSorted(),
      );
      expect(told.every((one) => one.LinkId === link_id && one.State === 't')).toBe(true);
    }));

  test('costs one of the quota for each add, and adds nobody without', () =>
    inContactYard({}, async (yard) => {
      const { url } = await create(yard);
      const expires = yard.now() + 1000;
      yard.wecom.console.setBalance(20, expires);
      const quota = () => yard.get('externalcontact/customer_acquisition_quota', {});
      const expire_date = Math.floor(expires / 1000);
      expect(await quota()).toMatchObject({ total: 0, balance: 20, quota_list: [{ expire_date, balance: 20 }] });
      for (let index = 0; index < 20; index += 1) await yard.wecom.phone(`wm${index}`).openLink(url);
      expect(await yard.wecom.phone(ANN).openLink(url)).toMatchObject({ outcome: 'refused' });
      expect(await quota()).toMatchObject({ total: 20, balance: 0 });
      yard.wecom.console.setBalance(5);
      expect(await yard.wecom.phone(ANN).openLink(url)).toMatchObject({ outcome: 'half' });
      const told = await yard.changes();
      for (const change of ['balance_low', 'balance_exhausted', 'balance_increased']) {
        expect(told.filter((one) => one === change)).toHaveLength(1);
      }
    }));

  test('is deleted and broken in the console with an event', () =>
    inContactYard({}, async (yard) => {
      const one = await create(yard);
      const two = await create(yard);
      yard.wecom.console.deleteLink(one.link_id);
      yard.wecom.console.breakLink(two.link_id);
      expect((await yard.changes()).toSorted()).toEqual(['delete_link', 'link_unavailable']);
      await expect(yard.wecom.phone(ANN).openLink(two.url)).rejects.toThrow('unavailable');
    }));
});
