import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// The whole stack, as serverless.yml describes it, with WeCom beside it: given, when, then.

const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const PRICE = '100 元 · 100 yuan';
const NOT_UNDERSTOOD = '没听懂 · not understood';
const CONNECTING = '转接中 · connecting';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: {
      agents: { zhangsan: 20, lisi: 20 },
      replies: {
        ...replies,
        rules: [
          ...replies.rules,
          { id: 'refund', contains: ['退款', 'refund'], handOver: true },
          { id: 'photo', types: ['image'], reply: { quick: 'photo' } },
        ],
        quickReplies: [{ id: 'photo', zh: '收到图片 · got your picture' }],
      },
    },
  });
});
afterAll(() => yard.close());

async function write(customer: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await yard.wecom.phone(customer).write(ACCOUNT, text);
    await yard.quiet();
  }
}

async function storedMessages(customer: string): Promise<Record<string, unknown>[]> {
  return (await yard.history(customer)).filter(({ entry }) => String(entry).startsWith('msg#'));
}

/** The next call of this kind for this customer is held back so long. */
function holdBack(action: string, customer: string, ms: number): void {
  yard.stack.faults.add({
    service: 'wecom',
    action,
    match: ({ request }) => JSON.stringify(request).includes(customer),
    fault: { kind: 'delay', ms },
  });
}

/** Waits until such a call is held back. */
function held(action: string, customer: string): Promise<void> {
  return yard.until(`${action} for ${customer} is under way`, () =>
    yard.stack.calls.some(
      (call) =>
        call.action === action && call.outcome === 'under way' && JSON.stringify(call.request).includes(customer),
    ),
  );
}

describe('rules', () => {
  test('a question that a rule knows is answered once, however often WeCom delivers the callback', async () => {
    yard.wecom.faults.callbacks.repeat(4);

    await yard.wecom.phone('wmRepeat').write(ACCOUNT, '几点营业？');
    await yard.quiet();

    expect(yard.shown('wmRepeat')).toEqual([HOURS]);
    expect((await yard.conversation('wmRepeat')).pending).toEqual([]);
  });

  test('ten messages in a burst are all stored and answered by one merged message', async () => {
    const phone = yard.wecom.phone('wmBurst');
    yard.wecom.faults.callbacks.hold();
    for (const text of ['hours', 'a', 'price', 'b', 'hours', 'c', 'd', 'e', 'f', 'g']) await phone.write(ACCOUNT, text);
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmBurst')).toEqual([`${HOURS}\n\n${PRICE}`]);
    expect(await storedMessages('wmBurst')).toHaveLength(10);
  });

  test('a whole message matches in full width and with marks around it, a word matches inside a sentence', async () => {
    await write('wmWords', 'ＭＥＮＵ！', '请问价格是多少');

    expect(yard.shown('wmWords')).toEqual(['请选择 · Please choose\n营业时间', PRICE]);
  });

  test('a choice from a menu is answered as a choice', async () => {
    await write('wmMenu', '菜单');
    await yard.wecom.phone('wmMenu').click(ACCOUNT, 'hours');
    await yard.quiet();

    expect(yard.shown('wmMenu').slice(1)).toEqual([HOURS]);
  });

  test('a picture is answered by the rule for pictures', async () => {
    await yard.wecom.phone('wmPicture').send(ACCOUNT, 'image', {});
    await yard.quiet();

    expect(yard.shown('wmPicture')).toEqual(['收到图片 · got your picture']);
  });

  test('what no rule knows gets the fallback text, and the third time in a row a person', async () => {
    await write('wmFallback', 'qwertz', 'asdfg');
    expect(yard.shown('wmFallback')).toEqual([NOT_UNDERSTOOD, NOT_UNDERSTOOD]);

    await write('wmFallback', 'yxcvb');
    expect(yard.shown('wmFallback')).toEqual([NOT_UNDERSTOOD, NOT_UNDERSTOOD, CONNECTING]);
    expect(yard.wecom.session(ACCOUNT, 'wmFallback').state).toBe(3);
  });

  test('a known question between two unknown ones begins the count of fallbacks anew', async () => {
    await write('wmCount', 'qwertz', 'asdfg', 'price', 'yxcvb');

    expect(yard.shown('wmCount')).toEqual([NOT_UNDERSTOOD, NOT_UNDERSTOOD, PRICE, NOT_UNDERSTOOD]);
    expect(yard.wecom.session(ACCOUNT, 'wmCount').state).toBe(1);
  });
});

describe('a person', () => {
  test.each([
    ['人工', 'wmPersonZh'],
    ['我要转人工，谢谢', 'wmPersonZh2'],
    ['Agent!', 'wmPersonEn'],
    ['Could I talk to a human?', 'wmPersonEn2'],
    ['我要退款', 'wmPersonRule'],
  ])('%s brings a person', async (text, customer) => {
    await write(customer, text);

    expect(yard.shown(customer)).toEqual([CONNECTING]);
    const session = yard.wecom.session(ACCOUNT, customer);
    expect(session.state).toBe(3);
    expect((await yard.conversation(customer)).session).toMatchObject({ state: 'person', agentId: session.servicer });
  });

  test('while a person serves no rule answers, and every message is stored', async () => {
    await write('wmServed', 'agent', 'price', 'hours', '人工', 'qwertz');
    const { servicer = '' } = yard.wecom.session(ACCOUNT, 'wmServed');
    await yard.wecom.client(servicer).answer(ACCOUNT, 'wmServed', '100');
    await write('wmServed', '菜单');

    expect(yard.shown('wmServed')).toEqual([CONNECTING, '100']);
    const texts = (await storedMessages('wmServed')).map(({ body }) => body).map((body) => Object(body).kind);
    expect(texts.sort()).toEqual(['answer', ...Array.from({ length: 6 }, () => 'message')]);
  });

  test('asking for a person beats a rule that matches in the same burst', async () => {
    yard.wecom.faults.callbacks.hold();
    const phone = yard.wecom.phone('wmBeats');
    await phone.write(ACCOUNT, 'price');
    await phone.write(ACCOUNT, '人工');
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmBeats')).toEqual([CONNECTING]);
  });
});

describe('what is stored', () => {
  // WeCom: kf/sync_msg, the message types; the last one does not exist yet.
  const bodies: Record<string, object> = {
    text: { content: 'qwertz' },
    image: {},
    voice: {},
    video: {},
    file: {},
    location: { latitude: 23.1, longitude: 113.3, name: '广州塔', address: '阅江西路' },
    link: { title: 't', desc: 'd', url: 'https://example.com', pic_url: 'https://example.com/p.png' },
    business_card: { userid: 'lisi' },
    miniprogram: { title: 't', appid: 'wx1', pagepath: 'a.html', thumb_media_id: 'm' },
    msgmenu: { head_content: 'h', list: [{ type: 'click', click: { id: '1', content: 'c' } }], tail_content: 't' },
    channels_shop_product: { product_id: '1', head_image: 'h', title: 't', sales_price: 100, shop_nickname: 's' },
    channels_shop_order: { order_id: '1', product_titles: 't', price_wording: 'p', state: 's', shop_nickname: 's' },
    merged_msg: {
      title: 't',
      item: [
        { send_time: 1, msgtype: 'text', sender_name: 'n', msg_content: '{"msgtype":"text","text":{"content":"hi"}}' },
      ],
    },
    channels: { sub_type: 1, nickname: 'n', title: 't' },
    meeting: { anything: 1 },
    schedule: { anything: 1 },
    note: {},
    hologram: { shape: 'cube', nested: { deep: ['x'] } },
  };

  test.each(Object.keys(bodies))('a message of type %s is stored as it came and holds nothing up', async (type) => {
    const customer = `wmType-${type}`;
    const body = bodies[type] ?? {};

    const msgid = await yard.wecom.phone(customer).send(ACCOUNT, type, body);
    await yard.quiet();

    const [stored] = await storedMessages(customer);
    expect(stored).toMatchObject({ entry: `msg#${msgid}`, body: { kind: 'message', type, content: body } });
    expect(stored).toHaveProperty('handledAt');
    expect(stored).not.toHaveProperty('dead');
    expect(yard.shown(customer)).toHaveLength(1);
  });

  test('a merged message whose parts cannot be read is stored all the same', async () => {
    await yard.wecom.phone('wmMerged').send(ACCOUNT, 'merged_msg', { title: 't', item: [{ msg_content: '{no json' }] });
    await write('wmMerged', 'price');

    expect(await storedMessages('wmMerged')).toHaveLength(2);
    expect(yard.shown('wmMerged').at(-1)).toBe(PRICE);
  });
});

describe('recalls', () => {
  test('a message that is recalled before the answer is not answered, and its text is not kept', async () => {
    yard.wecom.faults.callbacks.hold();
    const phone = yard.wecom.phone('wmRecall');
    const msgid = await phone.write(ACCOUNT, 'price');
    await phone.recall(ACCOUNT, msgid);
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmRecall')).toEqual([]);
    expect(JSON.stringify(await yard.history('wmRecall'))).not.toContain('price');
    expect(JSON.stringify(await yard.conversation('wmRecall'))).not.toContain('price');
  });

  test('of a burst only what was not recalled is answered', async () => {
    yard.wecom.faults.callbacks.hold();
    const phone = yard.wecom.phone('wmRecallOne');
    const msgid = await phone.write(ACCOUNT, 'price');
    await phone.write(ACCOUNT, 'hours');
    await phone.recall(ACCOUNT, msgid);
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmRecallOne')).toEqual([HOURS]);
  });

  test('a message that is recalled after the answer leaves the history with its text', async () => {
    const msgid = await yard.wecom.phone('wmRecallLate').write(ACCOUNT, 'my number is 4711, what is the price?');
    await yard.quiet();
    await yard.wecom.phone('wmRecallLate').recall(ACCOUNT, msgid);
    await yard.quiet();

    expect(yard.shown('wmRecallLate')).toEqual([PRICE]);
    expect(JSON.stringify(await yard.history('wmRecallLate'))).not.toContain('4711');
    expect(JSON.stringify(await yard.conversation('wmRecallLate'))).not.toContain('4711');
    const recalled = (await yard.history('wmRecallLate')).find(({ entry }) => entry === `msg#${msgid}`);
    expect(recalled).toMatchObject({ recalled: true });
  });

  test('a recall that is told twice changes nothing more', async () => {
    await write('wmRecallTwice', 'price');
    const phone = yard.wecom.phone('wmRecallTwice');
    const msgid = await phone.write(ACCOUNT, 'hours');
    await yard.quiet();
    await phone.recall(ACCOUNT, msgid);
    await phone.recall(ACCOUNT, msgid);
    await write('wmRecallTwice', 'price');

    expect(yard.shown('wmRecallTwice')).toEqual([PRICE, HOURS, PRICE]);
  });

  test('what an agent recalls leaves the history too', async () => {
    await write('wmAgentRecall', 'agent');
    const { servicer = '' } = yard.wecom.session(ACCOUNT, 'wmAgentRecall');
    const msgid = await yard.wecom.client(servicer).answer(ACCOUNT, 'wmAgentRecall', 'the password is 4711');
    await yard.quiet();
    await yard.wecom.client(servicer).recall(ACCOUNT, msgid);
    await yard.quiet();

    expect(JSON.stringify(await yard.history('wmAgentRecall'))).not.toContain('4711');
  });
});

describe('order', () => {
  test('a message written while the answer to the previous one is on its way is answered after it', async () => {
    holdBack('/cgi-bin/kf/send_msg', 'wmDuring', 600);
    await yard.wecom.phone('wmDuring').write(ACCOUNT, 'price');
    await held('/cgi-bin/kf/send_msg', 'wmDuring');
    await yard.wecom.phone('wmDuring').write(ACCOUNT, 'hours');
    await yard.quiet();

    expect(yard.shown('wmDuring')).toEqual([PRICE, HOURS]);
  });

  test('asking for a person while an answer is on its way brings the person after the answer', async () => {
    holdBack('/cgi-bin/kf/send_msg', 'wmDuring2', 600);
    await yard.wecom.phone('wmDuring2').write(ACCOUNT, 'price');
    await held('/cgi-bin/kf/send_msg', 'wmDuring2');
    await yard.wecom.phone('wmDuring2').write(ACCOUNT, '人工');
    await yard.quiet();

    expect(yard.shown('wmDuring2')).toEqual([PRICE, CONNECTING]);
  });

  test('two customers who write in turns are each answered in their own order', async () => {
    const [one, two] = [yard.wecom.phone('wmTurn1'), yard.wecom.phone('wmTurn2')];
    holdBack('/cgi-bin/kf/send_msg', 'wmTurn1', 400);
    await one.write(ACCOUNT, 'price');
    await two.write(ACCOUNT, 'hours');
    await held('/cgi-bin/kf/send_msg', 'wmTurn1');
    await yard.until('the other customer is answered meanwhile', () => yard.shown('wmTurn2').length === 1);
    await one.write(ACCOUNT, 'hours');
    await two.write(ACCOUNT, 'price');
    await yard.quiet();

    expect(yard.shown('wmTurn1')).toEqual([PRICE, HOURS]);
    expect(yard.shown('wmTurn2')).toEqual([HOURS, PRICE]);
  });

  test('twenty customers at once are each answered once', async () => {
    const customers = Array.from({ length: 20 }, (_, n) => `wmCrowd${n}`);
    for (const customer of customers) await yard.wecom.phone(customer).write(ACCOUNT, 'price');
    await yard.quiet();

    expect(customers.map((customer) => yard.shown(customer))).toEqual(customers.map(() => [PRICE]));
  });
});

test('a customer who writes again as soon as he is answered is answered every time', async () => {
  const phone = yard.wecom.phone('wmQuick');
  for (let said = 1; said <= 12; said++) {
    await phone.write(ACCOUNT, 'hours');
    await yard.until(`answer ${said}`, () => yard.shown('wmQuick').length === said);
  }
});
