import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseItem } from '../../../lib/wecom/kf-messages.ts';

const PULLED_AT = Date.parse('2026-03-02T04:00:00Z');
const parse = (raw: unknown) => parseItem(raw, 'wk1', PULLED_AT);

const said = (msgtype: string, body?: object, more: object = {}) => ({
  msgid: 'm1',
  open_kfid: 'wk1',
  external_userid: 'wmCaseSensitive',
  send_time: 1_772_424_000,
  origin: 3,
  msgtype,
  ...(body ? { [msgtype]: body } : {}),
  ...more,
});

const happened = (event_type: string, body: object = {}) => ({
  msgid: 'e1',
  send_time: 1_772_424_000,
  origin: 4,
  msgtype: 'event',
  event: { event_type, open_kfid: 'wk1', external_userid: 'wmA', ...body },
});

describe('what customers write', () => {
  test.each([
    ['text', { content: '你好，发货了吗？' }],
    ['text', { content: 'Has it shipped? 📦' }],
    ['image', { media_id: 'MEDIA' }],
    ['voice', { media_id: 'MEDIA' }],
    ['video', { media_id: 'MEDIA' }],
    ['file', { media_id: 'MEDIA' }],
    ['location', { latitude: 23.1, longitude: 113.3, name: '广州塔', address: '阅江西路222号' }],
    ['link', { title: 'Order', desc: '订单', url: 'https://example.com', pic_url: 'https://example.com/p.png' }],
    ['business_card', { userid: 'ZhangSan' }],
    ['miniprogram', { title: '商城', appid: 'wx1', pagepath: 'a.html', thumb_media_id: 'MEDIA' }],
    ['msgmenu', { head_content: '请选择', list: [{ type: 'click', click: { id: '1', content: '是' } }] }],
    ['channels_shop_product', { product_id: 'P1' }],
    ['channels_shop_order', { order_id: 'O1', product_titles: '围巾', price_wording: '¥20', state: '待发货' }],
    ['merged_msg', { title: '聊天记录', item: [] }],
    ['channels', { sub_type: 1, nickname: '视频号', title: '动态' }],
    ['meeting', { anything: 1 }],
    ['schedule', { anything: 1 }],
    ['a_type_of_tomorrow', { anything: 1 }],
  ])('a %s keeps its body as it came', (type, body) => {
    expect(parse(said(type, body))).toMatchObject({
      kind: 'message',
      id: 'm1',
      openKfId: 'wk1',
      customerId: 'wmCaseSensitive',
      sentAt: 1_772_424_000_000,
      type,
      content: body,
      raw: said(type, body),
    });
  });

  test('a text has its words', () => {
    expect(parse(said('text', { content: '你好' }))).toMatchObject({ text: '你好' });
    expect(parse(said('image', { media_id: 'M' }))).not.toHaveProperty('text');
  });

  test('a menu choice is known by its id, and an empty id is none', () => {
    expect(parse(said('text', { content: 'Yes', menu_id: '101' }))).toMatchObject({ text: 'Yes', menuId: '101' });
    expect(parse(said('text', { content: 'Yes', menu_id: '' }))).not.toHaveProperty('menuId');
  });

  test('a note comes without a body', () => {
    expect(parse(said('note'))).toMatchObject({ kind: 'message', type: 'note', content: undefined });
  });

  test.each([
    ['…_img', { head_img: 'https://a', shop_head_img: 'https://b', sales_price: 1999 }],
    ['…_image', { head_image: 'https://a', shop_head_image: 'https://b', sales_price: '1999' }],
  ])('a product is the same in both spellings: %s', (_, body) => {
    const product = { product_id: 'P1', title: '羊毛围巾', shop_nickname: '小店', ...body };
    expect(parse(said('channels_shop_product', product))).toMatchObject({
      product: {
        productId: 'P1',
        title: '羊毛围巾',
        imageUrl: 'https://a',
        price: 1999,
        shopName: '小店',
        shopImageUrl: 'https://b',
      },
    });
  });

  test('forwarded messages are parsed a second time, and listed where they cannot be', () => {
    const item = (msg_content: unknown) => ({ send_time: 1, msgtype: 'text', sender_name: '李', msg_content });
    const body = {
      title: '聊天记录',
      item: [item('{"msgtype":"text","text":{"content":"消息内容"}}'), item('{"msgtype":'), item(undefined)],
    };
    expect(parse(said('merged_msg', body))).toMatchObject({
      merged: [
        { type: 'text', sentAt: 1000, senderName: '李', text: '消息内容', content: { content: '消息内容' } },
        { type: 'text', content: undefined },
        { type: 'text', content: undefined },
      ],
    });
  });

  test('a message without a customer is set apart, by its id', () => {
    expect(parse(said('text', { content: 'x' }, { external_userid: '' }))).toMatchObject({
      kind: 'unreadable',
      id: 'm1',
      reason: 'external_userid is missing',
    });
  });
});

describe('what agents write', () => {
  test('an answer names the agent in lower case', () => {
    const raw = said('text', { content: '您好' }, { origin: 5, servicer_userid: 'ZhangSan' });
    expect(parse(raw)).toMatchObject({
      kind: 'answer',
      agentId: 'zhangsan',
      customerId: 'wmCaseSensitive',
      text: '您好',
    });
  });

  test('a customer’s message stays one, whoever serves him', () => {
    expect(parse(said('text', { content: 'x' }, { servicer_userid: 'ZhangSan' }))).toMatchObject({ kind: 'message' });
  });
});

describe('events', () => {
  test('an entry with all that it may carry', () => {
    const raw = happened('enter_session', {
      scene: 'shop',
      scene_param: 'a=1',
      welcome_code: 'CODE',
      wechat_channels: { nickname: '', shop_nickname: '小店', scene: 4 },
    });
    expect(parse(raw)).toEqual({
      kind: 'entered',
      id: 'e1',
      openKfId: 'wk1',
      customerId: 'wmA',
      sentAt: 1_772_424_000_000,
      scene: 'shop',
      sceneParam: 'a=1',
      welcomeCode: 'CODE',
      channels: { shopNickname: '小店', scene: 4 },
      raw,
    });
  });

  test('an entry with next to nothing', () => {
    const item = parse(happened('enter_session', { scene: '', welcome_code: '' }));
    expect(item).toMatchObject({ kind: 'entered', customerId: 'wmA' });
    expect(item).not.toHaveProperty('welcomeCode');
    expect(item).not.toHaveProperty('scene');
  });

  test('a message that was not delivered', () => {
    expect(parse(happened('msg_send_fail', { fail_msgid: 'ours', fail_type: 4 }))).toMatchObject({
      kind: 'send-failed',
      customerId: 'wmA',
      failedId: 'ours',
      failType: 4,
    });
  });

  test.each([
    [{ status: 1 }, 'receiving'],
    [{ status: 2 }, 'stopped'],
    [{ status: 2, stop_type: 0 }, 'stopped'],
    [{ status: 2, stop_type: 1 }, 'suspended'],
    // The numbering of kf/servicer/list, which an event might turn out to use: not to be guessed at.
    [{ status: 0 }, 'unknown'],
    [{ status: 1, stop_type: 0 }, 'receiving'],
    [{ status: 1, stop_type: 1 }, 'unknown'],
    [{}, 'unknown'],
  ])('an agent’s status %j is %s', (body, status) => {
    const raw = happened('servicer_status_change', { servicer_userid: 'LiSi', external_userid: undefined, ...body });
    expect(parse(raw)).toMatchObject({ kind: 'agent-status', agentId: 'lisi', status });
  });

  test('an agent’s status keeps the number for the log', () => {
    const raw = happened('servicer_status_change', { servicer_userid: 'lisi', status: 0 });
    expect(parse(raw)).toMatchObject({ rawStatus: 0 });
  });

  test.each([
    [1, 'taken', { new_servicer_userid: 'LiSi', msg_code: 'CODE' }, { newAgentId: 'lisi', code: 'CODE' }],
    [
      2,
      'transferred',
      { old_servicer_userid: 'ZhangSan', new_servicer_userid: 'LiSi' },
      { oldAgentId: 'zhangsan', newAgentId: 'lisi' },
    ],
    [3, 'ended', { old_servicer_userid: 'LiSi', msg_code: 'CODE' }, { oldAgentId: 'lisi', code: 'CODE' }],
    [4, 're-entered', { new_servicer_userid: 'LiSi', old_servicer_userid: '' }, { newAgentId: 'lisi' }],
    [5, 'unknown', {}, {}],
  ])('change %i of a session is %s', (change_type, change, body, words) => {
    const item = parse(happened('session_status_change', { change_type, ...body }));
    expect(item).toMatchObject({ kind: 'session-changed', customerId: 'wmA', change, ...words });
    expect('oldAgentId' in item).toBe('oldAgentId' in words);
  });

  test('recalls, by the customer and by an agent', () => {
    expect(parse(happened('user_recall_msg', { recall_msgid: 'm7' }))).toMatchObject({
      kind: 'recalled',
      by: 'customer',
      messageId: 'm7',
    });
    expect(parse(happened('servicer_recall_msg', { recall_msgid: 'm8', servicer_userid: 'LiSi' }))).toMatchObject({
      kind: 'recalled',
      by: 'agent',
      messageId: 'm8',
      agentId: 'lisi',
    });
  });

  test('an agent who refuses a customer’s messages, and who takes it back', () => {
    const switched = (reject_switch: number) =>
      parse(happened('reject_customer_msg_switch_change', { servicer_userid: 'LiSi', reject_switch }));
    expect(switched(1)).toMatchObject({ kind: 'reject-switch', agentId: 'lisi', customerId: 'wmA', rejects: true });
    expect(switched(0)).toMatchObject({ rejects: false });
  });

  test('an unknown event keeps its name', () => {
    expect(parse(happened('of_tomorrow'))).toMatchObject({ kind: 'unknown-event', eventType: 'of_tomorrow' });
  });

  test.each([
    ['enter_session', { external_userid: '' }, 'event.external_userid'],
    ['msg_send_fail', {}, 'event.fail_msgid'],
    ['servicer_status_change', { status: 1 }, 'event.servicer_userid'],
    ['user_recall_msg', {}, 'event.recall_msgid'],
  ])('a %s that lacks what it needs is set apart, naming the field', (type, body, field) => {
    expect(parse(happened(type, body))).toMatchObject({
      kind: 'unreadable',
      id: 'e1',
      reason: `${field} is missing or of the wrong type`,
    });
  });
});

describe('anything else', () => {
  test('never throws, and always has an id, an account and a time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ msgtype: fc.string(), event: fc.jsonValue() })), (raw) => {
        const item = parse(raw);
        expect(item.id).toMatch(/./);
        expect(item.openKfId).toMatch(/./);
        expect(Number.isFinite(item.sentAt)).toBe(true);
      }),
    );
  });

  test('an item without an id gets one of its own, the same when it comes again in another order', () => {
    const event = { event_type: 'user_recall_msg', external_userid: 'wmA', recall_msgid: 'm1' };
    const turned = { recall_msgid: 'm1', external_userid: 'wmA', event_type: 'user_recall_msg' };
    const first = parse({ msgtype: 'event', event });
    expect(parse({ event: turned, msgtype: 'event' }).id).toBe(first.id);
    expect(parse({ msgtype: 'event', event: { ...event, recall_msgid: 'm2' } }).id).not.toBe(first.id);
    expect(first.sentAt).toBe(PULLED_AT);
  });

  test('a reason never quotes what somebody wrote', () => {
    const item = parse({
      msgid: 'm1',
      msgtype: 'event',
      event: { event_type: 'enter_session', external_userid: ['秘密'] },
    });
    expect(item).toMatchObject({ kind: 'unreadable', id: 'm1' });
    expect('reason' in item && item.reason).not.toContain('秘密');
  });
});

// Published samples, where they lie beside this checkout.
const SAMPLES = new URL('../../../../shared/wecom/samples/api/CgibinKf/', import.meta.url);
const samples = (() => {
  try {
    return readdirSync(SAMPLES).filter((name) => /SyncMessageResponse/.test(name));
  } catch {
    return [];
  }
})();

if (samples.length > 0) {
  test.each(samples)('the published sample %s is read whole', (name) => {
    const page: { msg_list: unknown[] } = JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8'));
    const kinds = page.msg_list.map((raw) => parse(raw).kind);
    // Its shop, channels and forwarded messages were shortened: they name no customer.
    expect(kinds).toEqual(['message', 'recalled', 'recalled', 'unreadable', 'unreadable', 'unreadable', 'unreadable']);
  });
} else {
  test.skip('no published samples beside this checkout: nothing to read', () => {});
}
