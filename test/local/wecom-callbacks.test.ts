import { describe, expect, test } from '@jest/globals';
import { sign } from '../../local/wecom/crypto.ts';
import type { WeComOptions } from '../../local/wecom/simulator.ts';
import { type Door, inYard, MINUTE, openDoor, SALES, SUPPORT, type Yard } from './wecom-yard.ts';

const ANN = 'wmAnn';

/** A yard whose app `main` has a callback address that was saved in the console. */
async function withDoor(options: WeComOptions, play: (yard: Yard, door: Door) => Promise<void>): Promise<void> {
  await inYard(options, async (yard) => {
    const door = await openDoor(yard.secrets.apps.main?.callbacks[0] ?? { encodingAesKey: '' });
    try {
      expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: true });
      await play(yard, door);
    } finally {
      await door.close();
    }
  });
}

function pullTokenIn(xml: string): string {
  return /<Token><!\[CDATA\[(.*?)\]\]>/.exec(xml)?.[1] ?? '';
}

function accountIn(xml: string): string {
  return /<OpenKfId><!\[CDATA\[(.*?)\]\]>/.exec(xml)?.[1] ?? '';
}

describe('saving a callback address', () => {
  test.each([
    ['in quotes', (echo: string) => ({ body: `"${echo}"` }), 'the answer is in quotes'],
    ['with a line end', (echo: string) => ({ body: `${echo}\n` }), 'the answer has white space around the echo'],
    ['with a mark', (echo: string) => ({ body: `\uFEFF${echo}` }), 'the answer starts with a byte order mark'],
    ['rounded', (echo: string) => ({ body: `${Number(echo)}` }), 'the answer is not the decrypted echo'],
    ['with 201', (echo: string) => ({ body: echo, status: 201 }), 'status 201'],
    ['elsewhere', () => ({ status: 302 }), 'status 302'],
    ['late', (echo: string) => ({ body: echo, afterMs: 250 }), 'no answer within the time limit', 100],
  ])('fails when the echo comes %s', (_how, onGet, reason, verificationTimeoutMs = 20_000) =>
    inYard({ verificationTimeoutMs }, async (yard) => {
      const door = await openDoor(yard.secrets.apps.main?.callbacks[0] ?? { encodingAesKey: '' });
      door.onGet = onGet;
      expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: false, reason });
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      expect(door.arrived).toEqual([]);
      await door.close();
    }),
  );

  test('fails when nobody is there, or it is no address', () =>
    inYard({}, async (yard) => {
      const door = await openDoor({ encodingAesKey: '' });
      await door.close();
      expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: false, reason: 'no connection' });
      expect(await yard.wecom.setCallbackUrl('main', 'ftp://x')).toMatchObject({ ok: false, reason: 'not an address' });
      await expect(yard.wecom.setCallbackUrl('other', door.url)).rejects.toThrow('no app other');
    }));
});

describe('news of an account', () => {
  test('calls back at once, signed and encrypted, with a pull token and without content', () =>
    withDoor({}, async (yard, door) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'a secret word');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(1);
      const [callback] = door.arrived;
      const seconds = Math.floor(yard.now() / 1000);
      expect(callback?.xml).toMatch(
        new RegExp(
          `^<xml>\\s*<ToUserName><!\\[CDATA\\[ww0123456789abcdef]]></ToUserName>\\s*<CreateTime>${seconds}</CreateTime>\\s*` +
            `<MsgType><!\\[CDATA\\[event]]></MsgType>\\s*<Event><!\\[CDATA\\[kf_msg_or_event]]></Event>\\s*` +
            `<Token><!\\[CDATA\\[ENC\\w+]]></Token>\\s*<OpenKfId><!\\[CDATA\\[${SUPPORT}]]></OpenKfId>\\s*</xml>$`,
        ),
      );
      expect(callback?.xml).not.toContain('secret');
      expect(callback?.body).toMatch(/<AgentID><!\[CDATA\[1000002]]>/);
      const encrypted = /<Encrypt><!\[CDATA\[(.*?)]]>/.exec(callback?.body ?? '')?.[1] ?? '';
      const query = callback?.query;
      const token = yard.secrets.apps.main?.callbacks[0]?.token ?? '';
      expect(query?.get('msg_signature')).toBe(
        sign(token, query?.get('timestamp') ?? '', query?.get('nonce') ?? '', encrypted),
      );
      expect(yard.wecom.callbacks).toMatchObject([
        { app: 'main', event: 'kf_msg_or_event', attempt: 1, status: 200, at: yard.now() },
      ]);
    }));

  test('the pull token frees from the quota for ten minutes, on its own account', () =>
    withDoor({ switches: { pullsWithoutToken: 0 } }, async (yard, door) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      const token = pullTokenIn(door.arrived[0]?.xml ?? '');
      expect((await yard.pull()).errcode).toBe(45009);
      yard.wecom.switches.pullsWithoutToken = 10;
      yard.move(10 * MINUTE);
      for (let n = 0; n < 12; n += 1) expect((await yard.pull({ token })).errcode).toBe(0);
      expect((await yard.post('kf/sync_msg', { open_kfid: SALES, token })).errcode).toBe(95007);
      yard.move(1);
      expect((await yard.pull({ token })).errcode).toBe(95007);
    }));

  test('one callback each, or one for several by switch', () =>
    withDoor({}, async (yard, door) => {
      const phone = yard.wecom.phone(ANN);
      await phone.write(SUPPORT, 'one');
      await phone.write(SUPPORT, 'two');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(2);
      yard.wecom.switches.coalesceCallbacksMs = 20;
      await phone.write(SUPPORT, 'three');
      await phone.write(SUPPORT, 'four');
      await phone.write(SALES, 'five');
      await yard.wecom.idle();
      expect(door.arrived.slice(2).map((one) => accountIn(one.xml))).toEqual([SUPPORT, SALES]);
    }));

  test('what the API does itself calls nobody', () =>
    withDoor({}, async (yard, door) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.text(ANN, 'hi');
      await yard.trans(ANN, 3, 'lisi');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(1);
      await yard.wecom.client('lisi').answer(SUPPORT, ANN, 'hi');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(2);
    }));

  test('each source has its own address and key; only who manages the account hears of it', () =>
    inYard(
      {
        corp: {
          apps: { main: { receivesKf: false }, kf: { secretOf: 'main' }, other: {} },
          accounts: [{ openKfId: SUPPORT, managed: ['main'] }],
        },
      },
      async (yard) => {
        const doors: Record<string, Door> = {};
        for (const app of ['main', 'kf', 'other']) {
          const door = await openDoor(yard.secrets.apps[app]?.callbacks[0] ?? { encodingAesKey: '' });
          doors[app] = door;
          await yard.wecom.setCallbackUrl(app, door.url);
        }
        await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
        await yard.wecom.idle();
        expect(Object.entries(doors).map(([app, door]) => [app, door.arrived.length])).toEqual([
          ['main', 0],
          ['kf', 1],
          ['other', 0],
        ]);
        expect(doors.kf?.arrived[0]?.xml).toContain('kf_msg_or_event');
        expect(doors.kf?.arrived[0]?.body).toContain('<AgentID><![CDATA[]]></AgentID>');
        for (const door of Object.values(doors)) await door.close();
      },
    ));
});

describe('a callback that fails', () => {
  test('is sent again three times, each time with a new nonce', () =>
    withDoor({}, async (yard, door) => {
      door.onPost = () => ({ status: 500 });
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      expect(yard.wecom.callbacks.map((one) => [one.attempt, one.status])).toEqual([
        [1, 500],
        [2, 500],
        [3, 500],
        [4, 500],
      ]);
      expect(new Set(door.arrived.map((one) => one.xml)).size).toBe(1);
      expect(new Set(door.arrived.map((one) => one.query.get('nonce'))).size).toBe(4);
    }));

  test('is not sent again once it was taken; redirects and 204 do not count as taken', () =>
    withDoor({}, async (yard, door) => {
      door.onPost = (index) => ({ status: [302, 204, 200][index] ?? 500, body: '' });
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      expect(yard.wecom.callbacks.map((one) => one.status)).toEqual([302, 204, 200]);
    }));

  test('by being slow is dropped and sent again, the same bytes by switch', () =>
    withDoor({ callbackTimeoutMs: 1000, switches: { retriesAreSealedAgain: false } }, async (yard, door) => {
      door.onPost = (index) => (index === 0 ? { afterMs: 1500 } : {});
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      expect(yard.wecom.callbacks.map((one) => one.status)).toEqual(['timeout', 200]);
      expect(new Set(door.arrived.map((one) => `${one.query} ${one.body}`)).size).toBe(1);
    }));

  test('because nobody is there is given up, and stopping does not wait for retries', () =>
    withDoor({ retryDelaysMs: [5, 60_000] }, async (yard, door) => {
      await door.close();
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      while (yard.wecom.callbacks.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(yard.wecom.callbacks.map((one) => one.status)).toEqual(['refused', 'refused']);
      await yard.wecom.stop();
      await yard.wecom.idle();
      expect(yard.wecom.callbacks).toHaveLength(2);
    }));
});

describe('accounts that are given and taken', () => {
  test('are told, and decide what may be called', () =>
    withDoor({}, async (yard, door) => {
      yard.wecom.withdraw(SUPPORT);
      await yard.wecom.idle();
      expect(door.arrived[0]?.xml).toContain(`<AuthDelOpenKfId><![CDATA[${SUPPORT}]]></AuthDelOpenKfId>`);
      expect((await yard.pull()).errcode).toBe(48007);
      await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(1);
      yard.wecom.grant(SUPPORT);
      await yard.wecom.idle();
      expect(door.arrived[1]?.xml).toContain(`<AuthAddOpenKfId><![CDATA[${SUPPORT}]]></AuthAddOpenKfId>`);
      expect((await yard.pull()).msg_list).toHaveLength(1);
    }));
});

describe('a callback made by hand', () => {
  const XML = '<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_contact]]></Event></xml>';

  test('is delivered as it is, as often as wanted, fresh or as a replay', () =>
    withDoor({}, async (yard, door) => {
      const records = await yard.wecom.sendCallback('main', XML, { times: 2 });
      expect(records.map((one) => [one.event, one.status])).toEqual([
        ['change_contact', 200],
        ['change_contact', 200],
      ]);
      await yard.wecom.sendCallback('main', XML, { times: 2, sealedAgain: false, timestamp: 1, nonce: 'n' });
      expect(door.arrived.map((one) => one.xml)).toEqual([XML, XML, XML, XML]);
      const nonces = door.arrived.map((one) => one.query.get('nonce'));
      expect(nonces[0]).not.toBe(nonces[1]);
      expect(nonces.slice(2)).toEqual(['n', 'n']);
      expect(door.arrived[2]?.body).toBe(door.arrived[3]?.body);
      expect(door.arrived[2]?.query.get('timestamp')).toBe('1');
    }));

  test('can be a forgery', () =>
    withDoor({}, async (yard, door) => {
      await yard.wecom.sendCallback('main', XML, { wrongSignature: true, retried: false });
      const [callback] = door.arrived;
      const encrypted = /<Encrypt><!\[CDATA\[(.*?)]]>/.exec(callback?.body ?? '')?.[1] ?? '';
      const right = sign(
        yard.secrets.apps.main?.callbacks[0]?.token ?? '',
        callback?.query.get('timestamp') ?? '',
        callback?.query.get('nonce') ?? '',
        encrypted,
      );
      expect(callback?.query.get('msg_signature')).toMatch(/^[0-9a-f]{40}$/);
      expect(callback?.query.get('msg_signature')).not.toBe(right);
    }));

  test('needs an address', () =>
    inYard({}, async (yard) => {
      await expect(yard.wecom.sendCallback('main', XML)).rejects.toThrow('no callback address');
    }));
});

test('after a change of credentials everything is sealed with the new ones', () => {
  const pair = (letter: string) => ({
    token: letter.repeat(8),
    encodingAesKey: letter.repeat(43),
    receiveIds: ['ww0123456789abcdef'],
  });
  return inYard({ corp: { apps: { main: { callbacks: [pair('a'), pair('b')] } } } }, async (yard) => {
    const door = await openDoor(pair('b'));
    expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: false });
    yard.wecom.useCredentials('main', 1);
    expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: true });
    expect(() => yard.wecom.useCredentials('main', 2)).toThrow('no credentials 2');
    await door.close();
  });
});

test('the console’s form takes a new Token and key once the address proves itself with them', () => {
  const entered = { token: 'NEWtoken1', encodingAesKey: 'n'.repeat(43) };
  return inYard({}, async (yard) => {
    const door = await openDoor(entered);
    expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: false });
    for (const wrong of [{ token: 'has-a-dash' }, { token: 'x'.repeat(33) }, { encodingAesKey: 'n'.repeat(42) }]) {
      const { ok, reason } = await yard.wecom.setCallbackUrl('main', door.url, { ...entered, ...wrong });
      expect([ok, reason]).toEqual([false, expect.stringContaining('right form')]);
    }
    expect(await yard.wecom.setCallbackUrl('main', door.url, entered)).toMatchObject({ ok: true });
    // From now on without saying so.
    expect(await yard.wecom.setCallbackUrl('main', door.url)).toMatchObject({ ok: true });
    await door.close();
  });
});

test('a new Secret ends the one before, and the tokens that it got', () =>
  inYard({}, async (yard) => {
    const { corpId, apps } = JSON.parse(JSON.stringify(yard.wecom.secrets));
    const ask = async (path: string) => (await fetch(`${yard.wecom.url}/cgi-bin/${path}`)).json();
    const tokenFor = (secret: string) => ask(`gettoken?corpid=${corpId}&corpsecret=${secret}`);
    const { access_token } = Object(await tokenFor(apps.main.secret));
    const secret = yard.wecom.renewSecret('main');
    expect(await ask(`user/get?userid=nobody&access_token=${access_token}`)).toMatchObject({ errcode: 40014 });
    expect(await tokenFor(apps.main.secret)).toMatchObject({ errcode: 40001 });
    expect(await tokenFor(secret)).toMatchObject({ errcode: 0 });
  }));

describe('faults on the way', () => {
  test('dropped, repeated, delayed', () =>
    withDoor({}, async (yard, door) => {
      const { callbacks } = yard.wecom.faults;
      const phone = yard.wecom.phone(ANN);
      callbacks.drop(1);
      await phone.write(SUPPORT, 'never told');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(0);
      expect(yard.wecom.callbacks).toMatchObject([{ status: 'dropped' }]);
      callbacks.repeat(2);
      await phone.write(SUPPORT, 'told three times');
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(3);
      expect(new Set(door.arrived.map((one) => pullTokenIn(one.xml))).size).toBe(1);
      callbacks.delay(80);
      await phone.write(SUPPORT, 'told later');
      expect((await yard.pull()).msg_list).toHaveLength(3);
      expect(door.arrived).toHaveLength(3);
      await yard.wecom.idle();
      expect(door.arrived).toHaveLength(4);
    }));

  test('overtaken', () =>
    withDoor({}, async (yard, door) => {
      yard.wecom.faults.callbacks.reorder();
      await yard.wecom.phone(ANN).write(SUPPORT, 'first');
      await yard.wecom.phone(ANN).write(SALES, 'second');
      await yard.wecom.idle();
      expect(door.arrived.map((one) => accountIn(one.xml))).toEqual([SALES, SUPPORT]);
    }));
});
