import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, answerOf, HOUR, inYard, MINUTE, SALES, SECOND, SUPPORT, type Yard } from './wecom-yard.ts';

const ANN = 'wmAnn';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

async function tokenFor(yard: Yard, corpid = yard.secrets.corpId, corpsecret = yard.secrets.apps.main?.secret ?? '') {
  const query = new URLSearchParams({ corpid, corpsecret });
  return answerOf(await yard.raw(`/cgi-bin/gettoken?${query}`));
}

async function call(yard: Yard, token: string, init: RequestInit, path = 'kf/account/list'): Promise<Answer> {
  return answerOf(await yard.raw(`/cgi-bin/${path}?access_token=${token}`, init));
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('access tokens', () => {
  test('live 7200 seconds and are the same inside that time', () =>
    inYard({}, async (yard) => {
      const first = await tokenFor(yard);
      expect(first).toMatchObject({ errcode: 0, expires_in: 7200 });
      yard.move(7199 * SECOND);
      expect(await tokenFor(yard)).toMatchObject({ access_token: first.access_token, expires_in: 1 });
      expect((await call(yard, first.access_token, post({}))).errcode).toBe(0);
      yard.move(SECOND);
      expect((await call(yard, first.access_token, post({}))).errcode).toBe(42001);
      expect((await tokenFor(yard)).access_token).not.toBe(first.access_token);
    }));

  test('or are new every time, by switch', () =>
    inYard({ switches: { sameTokenAgain: false } }, async (yard) => {
      const first = await tokenFor(yard);
      expect((await tokenFor(yard)).access_token).not.toBe(first.access_token);
      expect((await call(yard, first.access_token, post({}))).errcode).toBe(0);
    }));

  test('are refused for wrong or missing values, and barred after too many of them', () =>
    inYard({ switches: { wrongSecretsPerHour: 3 } }, async (yard) => {
      expect((await tokenFor(yard, 'wwOther')).errcode).toBe(40013);
      expect((await tokenFor(yard, yard.secrets.corpId, 'guess')).errcode).toBe(40001);
      expect((await tokenFor(yard, '')).errcode).toBe(41002);
      expect((await tokenFor(yard, yard.secrets.corpId, '')).errcode).toBe(41004);
      await tokenFor(yard, yard.secrets.corpId, 'guess');
      expect((await tokenFor(yard)).errcode).toBe(45009);
      yard.move(HOUR);
      expect((await tokenFor(yard)).errcode).toBe(0);
    }));

  test('missing, in the body, unknown', () =>
    inYard({}, async (yard) => {
      const { access_token } = await tokenFor(yard);
      const noToken = await answerOf(await yard.raw('/cgi-bin/kf/account/list', post({ access_token })));
      expect(noToken.errcode).toBe(41001);
      const unknown = await call(yard, 'nonsense', post({}));
      expect(unknown.errcode).toBe(40014);
      expect(unknown.errmsg).toMatch(/hint: \[\d+_\d+_\w+\], from ip: 127\.0\.0\.1, more info at .*e=40014$/);
    }));

  test('each app has its own, and only its own accounts', () =>
    inYard(
      {
        corp: {
          apps: { main: {}, other: { agentId: 1000003 }, plain: { kfApi: false } },
          accounts: [{ openKfId: SUPPORT, managed: ['main'] }, { openKfId: SALES }],
        },
      },
      async (yard) => {
        expect((await yard.pull()).errcode).toBe(0);
        expect((await yard.post('kf/sync_msg', { open_kfid: SUPPORT }, 'other')).errcode).toBe(48007);
        expect((await yard.post('kf/sync_msg', { open_kfid: SALES }, 'other')).errcode).toBe(0);
        expect((await yard.post('kf/sync_msg', { open_kfid: SALES }, 'plain')).errcode).toBe(48002);
        const { account_list } = await yard.post('kf/account/list', {}, 'other');
        expect(account_list.map((one) => one.manage_privilege)).toEqual([false, true]);
      },
    ));
});

describe('the form of a call', () => {
  test.each([
    ['GET for a POST call', { method: 'GET' }, 40058],
    ['no body', { method: 'POST' }, 40063],
    ['a form', { method: 'POST', body: new URLSearchParams({ open_kfid: SUPPORT }) }, 40063],
    ['broken JSON', post('{"open_kfid":'), 40058],
    ['a list', post([1]), 40058],
    ['escaped characters', post('{"open_kfid":"\\u0077k1"}'), 40033],
    ['bytes that are no UTF-8', { method: 'POST', body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) }, 40058],
    ['a number for a text', post({ open_kfid: 7 }), 40058],
    ['no account', post({}), 40058],
    ['an account of a wrong form', post({ open_kfid: 'xx 1' }), 95000],
    ['an account that does not exist', post({ open_kfid: 'wk404' }), 95004],
  ])('%s', (_what, init, errcode) =>
    inYard({}, async (yard) => {
      const { access_token } = await tokenFor(yard);
      expect((await call(yard, access_token, init, 'kf/sync_msg')).errcode).toBe(errcode);
    }),
  );

  test('text about an escape is no escape', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      expect((await yard.text(ANN, 'write \\u0041 for A')).errcode).toBe(0);
    }));

  test('an unknown page is no API answer', () =>
    inYard({}, async (yard) => {
      const answer = await yard.raw('/cgi-bin/kf/sync_message', { method: 'POST' });
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toBe('text/html');
    }));

  test('what was called is recorded without tokens and secrets', () =>
    inYard({}, async (yard) => {
      await yard.pull({ limit: 0 });
      expect(yard.wecom.requests).toMatchObject([
        { method: 'GET', path: '/cgi-bin/gettoken', query: { corpsecret: '…' }, errcode: 0 },
        { method: 'POST', path: '/cgi-bin/kf/sync_msg', query: { access_token: '…' }, body: { limit: 0 }, errcode: 0 },
      ]);
    }));
});

describe('kf/sync_msg', () => {
  test('a customer message and an event look as documented', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.enter(SUPPORT, { wechat_channels: { nickname: 'shop', scene: 1 } });
      const msgid = await phone.write(SUPPORT, 'hello');
      const { msg_list } = await yard.pull();
      const seconds = Math.floor(yard.now() / 1000);
      expect(msg_list[0]).toEqual({
        msgid: expect.any(String),
        send_time: seconds,
        origin: 4,
        msgtype: 'event',
        event: {
          event_type: 'enter_session',
          open_kfid: SUPPORT,
          external_userid: ANN,
          wechat_channels: { nickname: 'shop', scene: 1 },
          welcome_code: expect.any(String),
        },
      });
      expect(msg_list[1]).toEqual({
        msgid,
        open_kfid: SUPPORT,
        external_userid: ANN,
        send_time: seconds,
        origin: 3,
        msgtype: 'text',
        text: { content: 'hello' },
      });
    }));

  test('any type comes through as it is, media can be fetched', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.send(SUPPORT, 'location', { latitude: 1.5, longitude: 2, name: 'here', address: 'there' });
      await phone.send(SUPPORT, 'hologram', { depth: 3 });
      await phone.send(SUPPORT, 'image', {});
      const { msg_list } = await yard.pull();
      expect(msg_list.map((one) => one.msgtype)).toEqual(['location', 'hologram', 'image']);
      expect(msg_list[1]).toHaveProperty('hologram', { depth: 3 });
      const token = (await tokenFor(yard)).access_token;
      const file = await yard.raw(`/cgi-bin/media/get?access_token=${token}&media_id=${msg_list[2]?.image?.media_id}`);
      expect(file.headers.get('content-type')).toBe('image/png');
    }));

  test('pages of any size give every item once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), fc.nat(25), (limits, count) =>
        inYard({ switches: { pullsWithoutToken: 1000 } }, async (yard) => {
          const written: string[] = [];
          for (let n = 0; n < count; n += 1) written.push(await yard.wecom.phone(ANN).write(SUPPORT, `${n}`));
          const seen: string[] = [];
          let cursor: string | undefined;
          for (let turn = 0; ; turn += 1) {
            const limit = limits[turn % limits.length] ?? 1;
            const page = await yard.pull({ limit, ...(cursor !== undefined && { cursor }) });
            expect(page.msg_list.length).toBeLessThanOrEqual(limit);
            seen.push(...page.msg_list.map((one) => one.msgid));
            cursor = page.next_cursor;
            if (page.has_more === 0) break;
          }
          expect(seen).toEqual(written);
        }),
      ),
      { numRuns: 15 },
    );
  });

  test('a page of exactly the limit may be the last one', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'one');
      await yard.wecom.phone(ANN).write(SUPPORT, 'two');
      const page = await yard.pull({ limit: 2 });
      expect(page).toMatchObject({ has_more: 0 });
      expect(page.msg_list).toHaveLength(2);
      const next = await yard.pull({ cursor: page.next_cursor });
      expect(next).toMatchObject({ has_more: 0, msg_list: [], next_cursor: page.next_cursor });
    }));

  test('what is older than three days is gone, with and without a cursor', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.write(SUPPORT, 'old');
      const { next_cursor } = await yard.pull();
      await phone.write(SUPPORT, 'older than the pull');
      yard.move(72 * HOUR);
      await phone.write(SUPPORT, 'new');
      expect((await yard.pull()).msg_list).toHaveLength(3);
      yard.move(1);
      expect((await yard.pull()).msg_list.map((one) => one.text?.content)).toEqual(['new']);
      expect((await yard.pull({ cursor: next_cursor })).msg_list).toHaveLength(1);
    }));

  test('what the API sent is never returned, and accounts are kept apart', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).write(SALES, 'hello sales');
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello support');
      await yard.text(ANN, 'hello Ann');
      expect((await yard.pull()).msg_list.map((one) => one.text?.content)).toEqual(['hello support']);
    }));

  test.each([
    ['limit', 1001],
    ['limit', -1],
    ['limit', 1.5],
    ['limit', '10'],
    ['voice_format', 2],
    ['token', 'x'.repeat(129)],
    ['cursor', 'x'.repeat(65)],
    ['cursor', 'made-up'],
  ])('%s %s is refused', (name, value) =>
    inYard({}, async (yard) => {
      expect((await yard.pull({ [name]: value })).errcode).toBe(40058);
    }),
  );

  test('ten pulls a minute without a token, for the whole corp, then a minute of 45009', () =>
    inYard({}, async (yard) => {
      for (let n = 0; n < 9; n += 1) expect((await yard.pull()).errcode).toBe(0);
      expect((await yard.post('kf/sync_msg', { open_kfid: SALES })).errcode).toBe(0);
      expect((await yard.pull()).errcode).toBe(45009);
      yard.move(MINUTE - 1);
      expect((await yard.pull()).errcode).toBe(45009);
      yard.move(1);
      expect((await yard.pull()).errcode).toBe(0);
    }));

  test('counted per account, by switch', () =>
    inYard({ switches: { pullsCountedPer: 'account', pullsWithoutToken: 1 } }, async (yard) => {
      expect((await yard.pull()).errcode).toBe(0);
      expect((await yard.pull()).errcode).toBe(45009);
      expect((await yard.post('kf/sync_msg', { open_kfid: SALES })).errcode).toBe(0);
    }));

  test('a wrong token is 95007 and counts', () =>
    inYard({ switches: { pullsWithoutToken: 2 } }, async (yard) => {
      expect((await yard.pull({ token: 'ENCguess' })).errcode).toBe(95007);
      expect((await yard.pull({ token: 'ENCguess' })).errcode).toBe(95007);
      expect((await yard.pull()).errcode).toBe(45009);
    }));
});

describe('kf/send_msg', () => {
  const click = (id: unknown, content: unknown = 'Yes') => ({ type: 'click', click: { id, content } });
  const menu = (...list: unknown[]) => ({ msgtype: 'msgmenu', msgmenu: { list } });
  const chinese = (bytes: number) => '好'.repeat(Math.ceil(bytes / 3));

  test.each([
    ['text of 2048 bytes', { msgtype: 'text', text: { content: 'x'.repeat(2048) } }, 0],
    ['text of 683 Chinese characters', { msgtype: 'text', text: { content: chinese(2049) } }, 40058],
    ['empty text', { msgtype: 'text', text: { content: '' } }, 40058],
    ['text without its object', { msgtype: 'text' }, 40058],
    ['no type', {}, 40058],
    ['an unknown type', { msgtype: 'constructor', constructor: {} }, 40008],
    ['unknown media', { msgtype: 'image', image: { media_id: 'nope' } }, 40007],
    ['media of another type', { msgtype: 'file', file: { media_id: 'IMAGE' } }, 40007],
    ['an image', { msgtype: 'image', image: { media_id: 'IMAGE' } }, 0],
    ['a link', { msgtype: 'link', link: { title: 't', url: 'https://e.org', thumb_media_id: 'IMAGE' } }, 0],
    ['a link without a picture', { msgtype: 'link', link: { title: 't', url: 'https://e.org' } }, 40058],
    ['a link without http', { msgtype: 'link', link: { title: 't', url: 'e.org', thumb_media_id: 'IMAGE' } }, 40058],
    [
      'a mini program',
      { msgtype: 'miniprogram', miniprogram: { appid: 'wx1', thumb_media_id: 'IMAGE', pagepath: 'a.html' } },
      0,
    ],
    ['a mini program without a page', { msgtype: 'miniprogram', miniprogram: { appid: 'wx1' } }, 40058],
    ['a location', { msgtype: 'location', location: { latitude: -90, longitude: 180 } }, 0],
    ['a location off the earth', { msgtype: 'location', location: { latitude: 91, longitude: 0 } }, 40058],
    ['a card of a member', { msgtype: 'business_card', business_card: { userid: 'ZhangSan' } }, 0],
    ['a card of nobody', { msgtype: 'business_card', business_card: { userid: 'nobody' } }, 60111],
    ['an acquisition link', { msgtype: 'ca_link', ca_link: { link_url: 'https://work.weixin.qq.com/ca/x' } }, 0],
    ['some other link', { msgtype: 'ca_link', ca_link: { link_url: 'https://example.org/ca/x' } }, 40058],
    ['a menu of ten', menu(...Array.from({ length: 10 }, (_, n) => click(`${n}`))), 0],
    ['a menu of eleven', menu(...Array.from({ length: 11 }, (_, n) => click(`${n}`))), 95008],
    ['an empty menu', menu(), 40058],
    ['a menu item of an unknown type', menu({ type: 'call', call: {} }), 95009],
    ['a click without an id', menu({ type: 'click', click: { content: 'Yes' } }), 0],
    ['a click with an empty id', menu(click('')), 40058],
    ['a click with an id of 65 bytes', menu(click('x'.repeat(65))), 40058],
    ['a click of 128 bytes', menu(click('a', 'x'.repeat(128))), 0],
    ['a click of 129 bytes', menu(click('a', chinese(129))), 40058],
    ['a view', menu({ type: 'view', view: { url: 'https://e.org', content: 'Look' } }), 0],
    ['a view without an address', menu({ type: 'view', view: { content: 'Look' } }), 40058],
    ['a program item', menu({ type: 'miniprogram', miniprogram: { appid: 'wx1', pagepath: 'p', content: 'Go' } }), 0],
    ['a text item', menu({ type: 'text', text: { content: 'a\nb', no_newline: 1 } }), 0],
    ['a text item with no_newline 2', menu({ type: 'text', text: { content: 'a', no_newline: 2 } }), 40058],
    [
      'a heading of 1025 bytes',
      { msgtype: 'msgmenu', msgmenu: { head_content: chinese(1025), list: [click('a')] } },
      40058,
    ],
    ['a msgid of 32', { msgid: 'a-Z_9'.padEnd(32, '0'), msgtype: 'text', text: { content: 'x' } }, 0],
    ['a msgid of 33', { msgid: 'x'.repeat(33), msgtype: 'text', text: { content: 'x' } }, 40058],
    ['a msgid with a colon', { msgid: 'a:b', msgtype: 'text', text: { content: 'x' } }, 40058],
    ['an empty msgid', { msgid: '', msgtype: 'text', text: { content: 'x' } }, 40058],
  ])('%s', (_what, message, errcode) =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      const { media_id } = await upload(yard, 'image', PNG);
      const body = JSON.stringify({ touser: ANN, open_kfid: SUPPORT, ...message }).replaceAll(
        '"IMAGE"',
        `"${media_id}"`,
      );
      expect((await yard.post('kf/send_msg', JSON.parse(body))).errcode).toBe(errcode);
    }),
  );

  test('titles and descriptions that are too long are cut', () =>
    inYard({}, async (yard) => {
      const { media_id } = await upload(yard, 'image', PNG);
      const phone = yard.wecom.phone(ANN);
      await phone.write(SUPPORT, 'hello');
      const link = { title: chinese(129), desc: 'x'.repeat(600), url: 'https://e.org', thumb_media_id: media_id };
      await yard.post('kf/send_msg', { touser: ANN, open_kfid: SUPPORT, msgtype: 'link', link });
      expect(phone.received(SUPPORT).at(-1)?.body).toMatchObject({ title: '好'.repeat(42), desc: 'x'.repeat(512) });
    }));

  test('too long texts have another code by switch', () =>
    inYard({ switches: { textTooLongCode: 45002 } }, async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      expect((await yard.text(ANN, 'x'.repeat(2049))).errcode).toBe(45002);
    }));

  test('a stranger is 40096', () =>
    inYard({}, async (yard) => {
      expect((await yard.text('wmNobody', 'hello')).errcode).toBe(40096);
    }));

  test('a msgid is accepted once per account; a refused one was not used up', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.write(SUPPORT, 'hello');
      await phone.write(SALES, 'hello');
      expect((await yard.text(ANN, '', { msgid: 'm1' })).errcode).toBe(40058);
      expect(await yard.text(ANN, 'hi', { msgid: 'm1' })).toMatchObject({ errcode: 0, msgid: 'm1' });
      expect((await yard.text(ANN, 'hi', { msgid: 'm1' })).errcode).toBe(40058);
      expect((await yard.text(ANN, 'hi', { msgid: 'm1', open_kfid: SALES })).errcode).toBe(0);
      expect(phone.received(SUPPORT)).toHaveLength(1);
    }));

  test.each([
    ['first', 95099],
    ['last', 95018],
  ] as const)('a repeated msgid is noticed %s', (duplicateChecked, errcode) =>
    inYard({ switches: { duplicateChecked, duplicateMsgidCode: 95099 } }, async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.text(ANN, 'hi', { msgid: 'm1' });
      await yard.trans(ANN, 2);
      expect((await yard.text(ANN, 'hi', { msgid: 'm1' })).errcode).toBe(errcode);
    }),
  );

  test('a menu is answered by a click on one of its items', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.write(SUPPORT, 'hello');
      await expect(phone.click(SUPPORT, 'y')).rejects.toThrow('no item');
      await yard.post('kf/send_msg', { touser: ANN, open_kfid: SUPPORT, ...menu(click('y', 'Yes'), click('n', 'No')) });
      await phone.click(SUPPORT, 'n');
      await expect(phone.click(SUPPORT, 'x')).rejects.toThrow('no item');
      expect((await yard.pull()).msg_list.at(-1)?.text).toEqual({ content: 'No', menu_id: 'n' });
    }));
});

async function upload(yard: Yard, type: string, bytes: Buffer, name = 'media'): Promise<Answer> {
  const form = new FormData();
  form.append(name, new Blob([new Uint8Array(bytes)]), 'picture.png');
  const { access_token } = await tokenFor(yard);
  const path = `/cgi-bin/media/upload?access_token=${access_token}&type=${type}`;
  return answerOf(await yard.raw(path, { method: 'POST', body: form }));
}

describe('media', () => {
  test('what was uploaded can be fetched for three days, whole or in part', () =>
    inYard({}, async (yard) => {
      const { media_id } = await upload(yard, 'image', PNG);
      const fetchIt = async (headers = {}) => {
        const token = (await tokenFor(yard)).access_token;
        return yard.raw(`/cgi-bin/media/get?access_token=${token}&media_id=${media_id}`, { headers });
      };
      expect(Buffer.from(await (await fetchIt()).arrayBuffer())).toEqual(PNG);
      const part = await fetchIt({ Range: 'bytes=1-3' });
      expect(part.status).toBe(206);
      expect(await part.text()).toBe('PNG');
      yard.move(72 * HOUR + 1);
      expect(await (await fetchIt()).json()).toMatchObject({ errcode: 40007 });
    }));

  test.each([
    ['image', Buffer.from('GIF89a----'), 40123],
    ['image', Buffer.alloc(2 * 1024 * 1024 + 1, 1), 45001],
    ['voice', Buffer.from('#!AMR\n....'), 0],
    ['voice', Buffer.from('ID3.......'), 40004],
    ['video', Buffer.from('....ftypisom'), 0],
    ['file', Buffer.from('12345'), 40006],
    ['file', Buffer.alloc(0), 44001],
    ['film', Buffer.from('123456789'), 40005],
  ])('a %s is checked', (type, bytes, errcode) =>
    inYard({}, async (yard) => {
      expect((await upload(yard, type, bytes)).errcode).toBe(errcode);
    }),
  );

  test('the part has to be called media', () =>
    inYard({}, async (yard) => {
      expect((await upload(yard, 'image', PNG, 'file')).errcode).toBe(44001);
    }));
});

describe('accounts and servicers', () => {
  test('an account is made, renamed and deleted', () =>
    inYard({}, async (yard) => {
      const { media_id } = await upload(yard, 'image', PNG);
      expect((await yard.post('kf/account/add', { name: 'x'.repeat(17), media_id })).errcode).toBe(95006);
      expect((await yard.post('kf/account/add', { name: 'VIP', media_id: 'none' })).errcode).toBe(40007);
      const { open_kfid } = await yard.post('kf/account/add', { name: 'VIP', media_id });
      expect(open_kfid).toMatch(/^wk/);
      await yard.post('kf/account/update', { open_kfid, name: 'Gold' });
      const page = await yard.post('kf/account/list', { offset: 2, limit: 1 });
      expect(page.account_list).toMatchObject([{ open_kfid, name: 'Gold', manage_privilege: true }]);
      expect((await yard.post('kf/account/del', { open_kfid })).errcode).toBe(0);
      expect((await yard.post('kf/sync_msg', { open_kfid })).errcode).toBe(95004);
      expect((await yard.post('kf/account/list', { limit: 101 })).errcode).toBe(40058);
    }));

  test('one account must remain, and an unverified corp has ten at most', () =>
    inYard(
      { corp: { verified: false, accounts: Array.from({ length: 10 }, (_, n) => ({ openKfId: `wk${n}` })) } },
      async (yard) => {
        const { media_id } = await upload(yard, 'image', PNG);
        expect((await yard.post('kf/account/add', { name: 'n', media_id })).errcode).toBe(95027);
        for (let n = 0; n < 9; n += 1) await yard.post('kf/account/del', { open_kfid: `wk${n}` });
        expect((await yard.post('kf/account/del', { open_kfid: 'wk9' })).errcode).toBe(95005);
      },
    ));

  test('a contact way takes a short scene', () =>
    inYard({}, async (yard) => {
      const ask = (scene: string) => yard.post('kf/add_contact_way', { open_kfid: SUPPORT, scene });
      expect((await ask('shop-window_1')).url).toMatch(
        /^https:\/\/work\.weixin\.qq\.com\/kf\/kfc\w+\?enc_scene=ENC\w+$/,
      );
      expect((await ask('x'.repeat(33))).errcode).toBe(40058);
      expect((await ask('a b')).errcode).toBe(40058);
    }));

  test('servicers are added one by one with an outcome each, and listed with status', () =>
    inYard(
      { corp: { members: ['new'], departments: { 2: [] }, accounts: [{ openKfId: SUPPORT, servicers: ['old'] }] } },
      async (yard) => {
        const change = (verb: string, body: object) =>
          yard.post(`kf/servicer/${verb}`, { open_kfid: SUPPORT, ...body });
        const added = await change('add', { userid_list: ['new', 'Old', 'ghost'], department_id_list: [2, 9] });
        expect(added.errcode).toBe(0);
        expect(added.result_list.map((one) => [one.errcode, one.errmsg])).toEqual([
          [0, 'success'],
          [0, 'ignored'],
          [60111, 'userid not found'],
          [0, 'success'],
          [60123, 'invalid party id'],
        ]);
        await yard.wecom.client('old').setReception(SUPPORT, 'stopped');
        expect((await yard.get('kf/servicer/list', { open_kfid: SUPPORT })).servicer_list).toEqual([
          { userid: 'old', status: 1, stop_type: 0 },
          { userid: 'new', status: 0 },
          { department_id: 2 },
        ]);
        const gone = await change('del', { userid_list: ['new', 'ghost'] });
        expect(gone.result_list.map((one) => one.errmsg)).toEqual(['success', 'ignored']);
        expect((await change('add', {})).errcode).toBe(40058);
        expect((await yard.post('kf/servicer/add', { userid_list: ['new'] })).errcode).toBe(60251);
        expect((await yard.post('kf/servicer/list', { open_kfid: SUPPORT })).errcode).toBe(40058);
        expect((await yard.get('kf/servicer/list', { open_kfid: 'odd id' })).errcode).toBe(60252);
      },
    ));
});

describe('kf/customer/batchget', () => {
  test('knows who came in the last 48 hours, and how', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      phone.describe({ nickname: 'Ann', gender: 2 });
      await phone.enter(SUPPORT, { scene: 'window', scene_param: 'p' });
      const ask = (more = {}) =>
        yard.post('kf/customer/batchget', { external_userid_list: [ANN, 'wmNobody'], ...more });
      const answer = await ask({ need_enter_session_context: 1 });
      expect(answer.customer_list).toEqual([
        {
          external_userid: ANN,
          nickname: 'Ann',
          avatar: '',
          gender: 2,
          enter_session_context: { scene: 'window', scene_param: 'p' },
        },
      ]);
      expect(answer.invalid_external_userid).toEqual(['wmNobody']);
      expect((await ask()).customer_list[0]).not.toHaveProperty('enter_session_context');
      yard.move(48 * HOUR + 1);
      expect((await ask()).invalid_external_userid).toEqual([ANN, 'wmNobody']);
      yard.wecom.switches.profilesFor48h = false;
      expect((await ask()).invalid_external_userid).toEqual(['wmNobody']);
    }));

  test('takes 1 to 100 ids', () =>
    inYard({}, async (yard) => {
      const ask = (ids: string[]) => yard.post('kf/customer/batchget', { external_userid_list: ids });
      expect((await ask([])).errcode).toBe(40058);
      expect((await ask(Array.from({ length: 101 }, (_, n) => `wm${n}`))).errcode).toBe(40058);
    }));
});
