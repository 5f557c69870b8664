import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { callAws } from '../../local/aws-call.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { wrongLines } from '../support/log-lines.ts';
import { EVENTS, eventXml, MESSAGES, messageXml } from '../support/marked-callbacks.ts';
import { keptTexts, markerBoard, sentTexts, type Text } from '../support/markers.ts';
import { ACCOUNT } from '../support/yard.ts';

// Every field that comes from outside holds a word that nobody else writes. It may come to the tables; no log line, queue message, event or
// error answer may have it, except for what `ALLOWED` names.

const SEED = 20261122;
const { mark, pick, leaks, fieldsIn } = markerBoard(SEED);

let yard: ContactYard;
/** What our HTTP doors answered from 400 on. */
const refusals: Text[] = [];
beforeAll(async () => {
  yard = await openContactYard(
    [
      { userid: 'amy', name: mark('member name') },
      { userid: 'ben', name: mark('member name') },
    ],
    {
      accounts: [{ openKfId: ACCOUNT, name: mark('account name'), servicers: ['zhangsan', 'lisi'] }],
      apps: { main: {}, directory: { secretOf: 'main', receivesDirectory: true } },
    },
  );
  await yard.wecom.setCallbackUrl('directory', `${yard.stack.url}/wecom/callbacks/directory`);
});
afterEach(() => {
  yard.stack.faults.clear();
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

const Received = z.object({ Messages: z.array(z.object({ Body: z.string() })).default([]) });
const QUEUES = [
  ...[
    'Signals',
    'Conversations',
    'Assignments',
    'Contacts',
    'Rotations',
    'Timers',
    'Cards',
    'Notices',
    'Model',
    'Media',
  ],
].map((name) => `${name}DeadLetterQueue`);

/** What lies there is looked at and stays. */
async function deadLetters(): Promise<Text[]> {
  const { aws, names } = yard.stack;
  const found = QUEUES.map(async (queue): Promise<Text[]> => {
    const ask = { QueueUrl: names.queueUrl(queue), MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    const { Messages } = Received.parse(await callAws(aws.endpoint, 'sqs', 'ReceiveMessage', ask));
    return Messages.map(({ Body }) => ({ place: 'queue', where: queue, text: Body }));
  });
  return (await Promise.all(found)).flat();
}

const logged = (): Text[] => yard.logs.map((line) => ({ place: 'log', where: line.slice(0, 120), text: line }));

/** Everything that went to where nothing may be. */
async function seen(): Promise<Text[]> {
  await yard.quiet();
  return [...logged(), ...sentTexts(yard.stack), ...refusals, ...(await deadLetters())];
}

const known = new Set<string>();

/** Each leak is told once, by the test that made it. */
async function newLeaks(): Promise<string[]> {
  const told = new Set(leaks(await seen()).map((found) => JSON.stringify(found)));
  const news = [...told].filter((one) => !known.has(one));
  for (const one of news) known.add(one);
  return news;
}

/** An HTTP request; what it is refused with is kept. */
async function ask(method: string, path: string, init: { body?: unknown; headers?: Record<string, string> } = {}) {
  const body = typeof init.body === 'string' ? init.body : JSON.stringify(init.body);
  const answer = await fetchHeld(yard.stack.url + path, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...init.headers },
    ...(init.body === undefined ? {} : { body }),
  });
  const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
  if (answer.status >= 400) refusals.push({ place: 'error', where: `${method} ${path} ${answer.status}`, text });
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', text };
}

/** A marker in every field, nested as deep as the seed says. */
function markedBody(field: string, names: readonly string[], depth = 2): Record<string, unknown> {
  const shape = () =>
    pick<() => unknown>(
      [() => mark(`${field} text`), () => [mark(`${field} list`)], () => ({ of: mark(`${field} object`) })],
      () => mark(field),
    )();
  return {
    ...Object.fromEntries(names.map((name) => [name, mark(`${field}.${name}`)])),
    of_tomorrow: shape(),
    ...(depth > 0 && { inside: markedBody(`${field} inside`, names, depth - 1) }),
  };
}

/** kf/sync_msg: the bodies of every type of message, by the fields that the page names. */
const BODIES: Readonly<Record<string, readonly string[]>> = {
  text: ['content'],
  image: ['media_id'],
  voice: ['media_id'],
  video: ['media_id'],
  file: ['media_id', 'filename'],
  location: ['name', 'address'],
  link: ['title', 'desc', 'url', 'pic_url'],
  business_card: ['userid'],
  miniprogram: ['title', 'appid', 'pagepath', 'thumb_media_id'],
  msgmenu: ['head_content', 'tail_content'],
  channels_shop_product: ['product_id', 'title', 'head_img', 'sales_price', 'shop_nickname', 'shop_head_img'],
  channels_shop_order: ['order_id', 'product_titles', 'price_wording', 'state', 'image_url', 'shop_nickname'],
  merged_msg: ['title'],
  channels: ['nickname', 'title'],
  meeting: ['title'],
  schedule: ['title'],
  note: ['text'],
  hologram: ['beams'],
};

const customers = Object.keys(BODIES).map((type) => `wm${mark(`external_userid of ${type}`, 'id')}`);

test('what customers write, in every type of message', async () => {
  for (const customer of customers) {
    yard.wecom
      .phone(customer)
      .describe({ nickname: mark('nickname'), avatar: `https://x.test/${mark('avatar')}`, unionid: mark('unionid') });
  }
  const written = Object.entries(BODIES).map(async ([type, names], n) => {
    const item = {
      send_time: 1,
      msgtype: 'text',
      sender_name: mark('sender_name'),
      msg_content: JSON.stringify({ msgtype: 'text', text: markedBody('merged', ['content']) }),
    };
    const more = type === 'merged_msg' ? { item: [item] } : {};
    await yard.wecom.phone(customers[n] ?? '').send(ACCOUNT, type, { ...markedBody(type, names), ...more });
  });
  await Promise.all(written);

  expect(await newLeaks()).toEqual([]);
  expect(fieldsIn(keptTexts(yard.stack))).toEqual(
    expect.arrayContaining(['text.content', 'hologram.beams', 'merged_msg.title']),
  );
});

test('how customers come, what agents write in their own client, and what becomes of the session', async () => {
  const customer = `wm${mark('external_userid of a talk', 'id')}`;
  const phone = yard.wecom.phone(customer);
  await phone.enter(ACCOUNT, {
    scene: mark('scene of a link', 'channel'),
    scene_param: mark('scene_param of a link'),
    wechat_channels: { nickname: mark('nickname in Channels'), shop_nickname: mark('shop in Channels'), scene: 2 },
  });
  await yard.quiet();
  await phone.write(ACCOUNT, '人工');
  await yard.quiet();
  const { servicer = '' } = yard.wecom.session(ACCOUNT, customer);
  const colleague = servicer === 'lisi' ? 'zhangsan' : 'lisi';
  const said = await yard.wecom.client(servicer).answer(ACCOUNT, customer, mark('answer of an agent'));
  await yard.wecom.client(servicer).recall(ACCOUNT, said);
  await phone.recall(ACCOUNT, await phone.write(ACCOUNT, mark('recalled question')));
  await yard.wecom.client(servicer).transfer(ACCOUNT, customer, colleague);
  await yard.quiet();
  await yard.wecom.client(colleague).answer(ACCOUNT, customer, mark('answer of a colleague'));
  await yard.wecom.client(colleague).rejectCustomer(ACCOUNT, customer);
  await yard.wecom.client(colleague).end(ACCOUNT, customer);

  expect(await newLeaks()).toEqual([]);
  expect(fieldsIn(keptTexts(yard.stack))).toEqual(
    expect.arrayContaining(['answer of an agent', 'recalled question', 'scene_param of a link']),
  );
});

test('files: what they are called, what they hold, and what is wrong with them', async () => {
  const good = yard.stack.faults.add({
    action: '/cgi-bin/media/get',
    fault: {
      kind: 'answer',
      status: 200,
      body: `a file with ${mark('content of a file')}`,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${mark('file name')}.doc"`,
      },
    },
  });
  await yard.wecom.phone('wmFile').send(ACCOUNT, 'file', {});
  await yard.quiet();
  const bad = yard.stack.faults.add({
    action: '/cgi-bin/media/get',
    fault: {
      kind: 'answer',
      status: 200,
      body: { errcode: 40007, errmsg: `invalid media_id ${mark('errmsg of media/get')}` },
    },
  });
  await yard.wecom.phone('wmFile').send(ACCOUNT, 'image', {});

  expect(await newLeaks()).toEqual([]);
  expect([good.hits, bad.hits]).toEqual([1, 1]);
});

test('pulled events, and items that nobody knows or can read, with everything that may stand on them', async () => {
  const [customer = ''] = customers;
  const seconds = Math.floor(yard.stack.now() / 1000);
  const pulls = yard.stack.calls.filter(({ action }) => action === '/cgi-bin/kf/sync_msg');
  const { cursor } = z.object({ cursor: z.string() }).parse(pulls.at(-1)?.request);
  const event = (type: string, fields: Record<string, unknown>, whose: object = { external_userid: customer }) => ({
    msgid: mark(`${type} msgid`, 'id'),
    send_time: seconds,
    origin: 4,
    msgtype: 'event',
    of_tomorrow: mark(`${type} on the item`),
    event: { event_type: type, open_kfid: ACCOUNT, ...whose, ...fields, ...markedBody(type, ['name', 'remark']) },
  });
  const userid = (field: string) => mark(field, 'id');
  const items: unknown[] = [
    event('enter_session', {
      scene: mark('scene', 'channel'),
      scene_param: mark('scene_param'),
      welcome_code: mark('welcome_code'),
      wechat_channels: { nickname: mark('channels nickname'), shop_nickname: mark('shop_nickname'), scene: 1 },
    }),
    event('msg_send_fail', { fail_msgid: mark('fail_msgid', 'id'), fail_type: mark('fail_type as text') }),
    event('servicer_status_change', { servicer_userid: userid('servicer_userid'), status: 1 }),
    event('servicer_status_change', { servicer_userid: userid('servicer_userid'), status: mark('status as text') }),
    event('session_status_change', {
      change_type: 1,
      old_servicer_userid: userid('old_servicer_userid'),
      new_servicer_userid: userid('new_servicer_userid'),
      msg_code: mark('msg_code'),
    }),
    event('session_status_change', { change_type: mark('change_type as text') }),
    event('user_recall_msg', { recall_msgid: mark('recall_msgid', 'id') }),
    event('servicer_recall_msg', {
      recall_msgid: mark('recall_msgid', 'id'),
      servicer_userid: userid('servicer_userid'),
    }),
    event('reject_customer_msg_switch_change', { servicer_userid: userid('servicer_userid'), reject_switch: 1 }),
    event(mark('event_type'), {}),
    event(mark('event_type'), {}, {}),
    // Without what they are about.
    event('enter_session', {}, {}),
    event('msg_send_fail', { fail_msgid: [mark('fail_msgid as list')] }),
    { msgtype: mark('msgtype', 'word'), [mark('name of a field')]: mark('nobody’s message') },
    { msgid: { of: mark('msgid as object') }, msgtype: [mark('msgtype as list')] },
    mark('an item that is no object'),
    {
      msgid: mark('msgid', 'id'),
      send_time: seconds,
      origin: 3,
      msgtype: mark('msgtype', 'word'),
      external_userid: customer,
      open_kfid: ACCOUNT,
    },
    {
      msgid: mark('msgid', 'id'),
      send_time: mark('send_time as text'),
      origin: mark('origin as text'),
      msgtype: 'text',
      external_userid: customer,
      text: mark('text without content'),
    },
    {
      msgid: mark('msgid', 'id'),
      send_time: seconds,
      origin: 5,
      msgtype: 'text',
      external_userid: customer,
      text: { content: mark('answer without agent') },
    },
  ];
  const page = yard.stack.faults.add({
    action: '/cgi-bin/kf/sync_msg',
    fault: {
      kind: 'answer',
      status: 200,
      body: {
        errcode: 0,
        errmsg: mark('errmsg of ok'),
        next_cursor: cursor,
        has_more: 1,
        msg_list: items,
        of_tomorrow: mark('beside the list'),
      },
    },
  });
  await yard.wecom.phone(customer).write(ACCOUNT, 'hours');

  expect(await newLeaks()).toEqual([]);
  expect(page.hits).toBe(1);
  const sent = sentTexts(yard.stack).map(({ text }) => text);
  // What is allowed is seen, so the others would be as well.
  expect(fieldsIn(sent)).toContain('fail_msgid');
  expect((await deadLetters()).length).toBeGreaterThan(0);
});

test('what WeCom says of a refusal, and answers that nobody can read', async () => {
  const answers = [
    () => ({ errcode: 95018, errmsg: `${mark('errmsg')}, hint: [1763790000_1_ab], from ip: 10.0.0.1` }),
    () => ({ errcode: 40058, errmsg: mark('errmsg') }),
    () => ({ errcode: -1, errmsg: mark('errmsg') }),
    () => ({ errcode: 95018, errmsg: `hint: [${mark('hint that is none')} of ${mark('hint that is none')}]` }),
    () => `<html>${mark('answer that is no JSON')}\n${mark('answer that is no JSON')}</html>`,
    () => ({ errcode: mark('errcode as text'), errmsg: 1 }),
    () => ({
      errcode: 0,
      errmsg: 'ok',
      service_state: mark('state as text'),
      msgid: [mark('msgid as list')],
      customer_list: mark('list as text'),
    }),
  ];
  const apis = [
    'kf/send_msg',
    'kf/service_state/get',
    'kf/service_state/trans',
    'kf/customer/batchget',
    'kf/servicer/list',
  ];
  for (const [n, answer] of answers.entries()) {
    for (const api of [pick(apis, 'kf/send_msg'), 'kf/send_msg', 'kf/service_state/get']) {
      yard.stack.faults.add({
        action: `/cgi-bin/${api}`,
        fault: { kind: 'answer', status: n % 3 === 2 ? 502 : 200, body: answer() },
      });
    }
    await yard.wecom.phone(`wmRefused${n}`).write(ACCOUNT, pick(['hours', '人工', mark('question')], 'hours'));
    await yard.quiet();
    yard.stack.faults.clear();
    yard.travel(2 * 60_000);
  }

  expect(await newLeaks()).toEqual([]);
  expect(yard.logs.some((line) => line.includes('1763790000_1_ab'))).toBe(true);
});

test('callbacks of every event, of kinds that nobody knows, and messages to the app', async () => {
  const seconds = Math.floor(yard.stack.now() / 1000);
  const letters = [
    ...Object.keys(EVENTS).map((name) => eventXml(name, seconds, mark)),
    ...Object.keys(MESSAGES).map((type) => messageXml(type, seconds, mark)),
    `<xml><MsgType>event</MsgType><Event>${mark('Event', 'kindOfEvent')}</Event></xml>`,
    `<xml><MsgType>event</MsgType><Event>not-${mark('Event that is no plain word')}</Event></xml>`,
    `<xml><MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>${mark('ChangeType', 'word')}</ChangeType></xml>`,
    `<xml><SuiteId>${mark('SuiteId')}</SuiteId><AuthCorpId>${mark('AuthCorpId')}</AuthCorpId><InfoType>change_contact</InfoType></xml>`,
    `<xml><Broken>${mark('broken XML')}`,
    `<!DOCTYPE x [<!ENTITY a "${mark('entity')}">]><xml>&a;</xml>`,
    `{"MsgType":"event","Event":"of_tomorrow","Name":"${mark('JSON form')}"`,
    mark('no XML at all'),
  ];
  await Promise.all(
    letters.map((xml, n) => yard.wecom.sendCallback(n % 2 === 0 ? 'main' : 'directory', xml, { retried: false })),
  );
  await yard.wecom.sendCallback('main', eventXml('unsubscribe', seconds, mark), {
    receiveId: mark('receive id'),
    retried: false,
  });
  await yard.wecom.sendCallback('main', eventXml('unsubscribe', seconds, mark), {
    wrongSignature: true,
    nonce: mark('nonce'),
    retried: false,
  });

  expect(await newLeaks()).toEqual([]);
  const sent = sentTexts(yard.stack).map(({ text }) => text);
  expect(fieldsIn(sent)).toEqual(
    expect.arrayContaining(['change_external_contact/add_external_contact WelcomeCode', 'unsubscribe FromUserName']),
  );
});

test('requests that WeCom did not send: addresses, query strings, headers and bodies', async () => {
  const headers = () => ({
    'user-agent': mark('user-agent'),
    referer: `https://x.test/${mark('referer')}`,
    'x-forwarded-for': mark('forwarded'),
    cookie: `session=${mark('cookie')}; ${mark('name of a cookie')}=1`,
  });
  const query = () =>
    `?msg_signature=${mark('signature')}&timestamp=${mark('timestamp')}&nonce=${mark('nonce')}&echostr=${mark('echostr')}&${mark('name in the query')}=1`;
  for (const path of [
    '/wecom/callbacks/main',
    `/wecom/callbacks/${mark('app')}`,
    `/contact/${mark('way')}`,
    `/${mark('file')}.txt`,
    `/console/v1/${mark('path')}`,
    '/console/v1/login',
    '/console/v1/login/callback',
    `/${mark('path')}/of/nothing`,
  ]) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const body =
        method === 'GET'
          ? {}
          : { body: `<xml><Encrypt>${mark('Encrypt')}</Encrypt><${mark('name of an element')}/></xml>` };
      await ask(method, path + query(), { headers: headers(), ...body });
    }
  }

  expect(await newLeaks()).toEqual([]);
  expect(refusals.length).toBeGreaterThan(10);
});

test('names, remarks, tags and States around contact ways', async () => {
  const way = {
    mode: 'turn',
    name: mark('name of a way'),
    members: [{ agentId: 'amy' }, { agentId: 'ben' }],
    remark: mark('remark'),
    welcome: { standard: { text: `{customer} ${mark('welcome')}`, nameless: mark('nameless welcome') } },
  };
  await yard.configure({ wayId: 'marked', ...way });
  await yard.scan('marked', 'wmFriend1', 'wmFriend2');
  await yard.wecom.client('amy').editCustomer('wmFriend1', mark('remark by hand'));
  const { code } = await yard.record('marked');
  const invitation = await yard.wecom.phone('wmFriend3').look(code?.configId ?? '');
  await yard.wecom.phone('wmFriend3').add({ ...invitation, state: mark('State', 'channel') });
  const good = yard.stack.faults.add({
    action: '/cgi-bin/externalcontact/get',
    fault: {
      kind: 'answer',
      status: 200,
      body: {
        errcode: 0,
        errmsg: 'ok',
        external_contact: markedBody('external_contact', ['external_userid', 'name', 'avatar']),
        follow_user: [markedBody('follow_user', ['userid', 'remark', 'state'])],
      },
    },
  });
  await yard.scan('marked', 'wmFriend4');
  const bad = yard.stack.faults.add({
    action: '/cgi-bin/externalcontact/update_contact_way',
    fault: { kind: 'answer', status: 200, body: { errcode: 84074, errmsg: mark('errmsg of a way') } },
  });
  await yard.scan('marked', 'wmFriend5');

  expect(await newLeaks()).toEqual([]);
  expect([good.hits, bad.hits]).toEqual([1, 1]);
});

test('what the admin API is sent, right and wrong', async () => {
  const admin = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask(method, `/admin/v1/${path}`, { ...(body === undefined ? {} : { body }), headers });
  const create = { 'if-none-match': '*' };
  const conversation = `conversations/${encodeURIComponent(`${ACCOUNT}:${customers[0]}`)}`;
  const right = [
    await admin(
      'PUT',
      'quick-replies/marked',
      { zh: mark('quick reply zh'), en: mark('quick reply en'), folder: mark('folder') },
      create,
    ),
    await admin('PUT', 'contact-ways/made', { name: mark('way name'), mode: 'turn', members: [{ id: 'amy' }] }, create),
    await admin('POST', `${conversation}/hand-over`, { to: { agentId: 'zhangsan' }, note: mark('note') }),
  ];
  const wrong: readonly (readonly [string, string, unknown])[] = [
    ['PUT', 'quick-replies/wrong', { zh: [mark('zh as list')], en: 7, folder: { of: mark('folder as object') } }],
    ['PUT', 'quick-replies/wrong', { [mark('field of a quick reply', 'nameOfField')]: mark('unknown field') }],
    ['PUT', 'quick-replies/wrong', `{"zh":\n${mark('broken JSON')}`],
    [
      'PUT',
      'contact-ways/wrong',
      { name: 7, mode: mark('mode'), strategy: mark('strategy'), members: mark('members as text') },
    ],
    [
      'PUT',
      'contact-ways/wrong',
      { name: mark('name'), mode: 'turn', members: [{ id: [mark('id as list')], weight: mark('weight as text') }] },
    ],
    [
      'PUT',
      `contact-ways/${mark('way id in the path')}`,
      { name: mark('name'), kfAccount: [mark('kfAccount as list')] },
    ],
    [
      'POST',
      `${conversation}/hand-over`,
      { to: mark('to as text'), note: [mark('note as list')], by: `${mark('by')} ${mark('by')}` },
    ],
    ['POST', `${conversation}/hand-over`, { to: { teamId: mark('team') }, note: mark('note'), id: `${mark('id')} !` }],
    ['POST', `conversations/${mark('conversation')}/hand-over`, { to: 'bot', note: mark('note') }],
    ['PUT', `agents/${mark('agent')}/duty`, { duty: mark('duty') }],
    ['PUT', 'agents/zhangsan/duty', { duty: mark('duty') }],
    [
      'POST',
      `accounts/${ACCOUNT}/servicers`,
      { add: [mark('servicer')], [mark('field of servicers', 'nameOfField')]: 1 },
    ],
    ['POST', `accounts/${ACCOUNT}/observe`, { on: mark('on as text') }],
    ['POST', 'knowledge', { do: mark('step') }],
    ['DELETE', `quick-replies/${mark('quick reply')}`, undefined],
    ['GET', `figures?team=${mark('team')}&day=${mark('day')}&account=${mark('account')}`, undefined],
    ['GET', `audit?limit=${mark('limit')}&after=${mark('cursor')}`, undefined],
    ['GET', `decisions/${mark('decision')}?after=${mark('cursor')}`, undefined],
    ['GET', `${mark('path')}/${mark('path')}`, undefined],
  ];
  for (const [method, path, body] of wrong) {
    for (const condition of [{}, { 'if-none-match': '*' }, { 'if-match': `"${mark('etag')}"` }])
      await admin(method, path, body, condition);
  }

  const removed = await admin('DELETE', 'quick-replies/marked', undefined, { 'if-match': right[0]?.etag ?? '' });

  expect(await newLeaks()).toEqual([]);
  expect([...right, removed].map(({ status }) => status < 300)).toEqual([true, true, true, true]);
  expect(fieldsIn(keptTexts(yard.stack))).toEqual(expect.arrayContaining(['quick reply zh', 'way name', 'note']));
});

test('no line of the log has more than 300 bytes, or a field that is not allowed', () => {
  const lines = yard.logs.map((line) => line.slice(line.indexOf(': ') + 2));
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.some((line) => line.includes('"part":"2/'))).toBe(true);
  expect(wrongLines(lines)).toEqual([]);
});
