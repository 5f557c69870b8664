import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Another implementation of the few WeCom calls that one conversation needs, written from WeCom's pages and not from our simulator:
 * it shows that the stack can be driven by somebody else's.
 */
export async function startOtherWeCom() {
  const corpId = 'wwfedcba9876543210';
  const token = 'OtherToken123';
  const encodingAesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
  const openKfId = 'wkOTHER0000000000000000000000001';
  const items: object[] = [];
  const sent: { touser: string; text?: { content: string } }[] = [];

  const answers: Record<string, (body: Record<string, unknown>) => object> = {
    '/cgi-bin/gettoken': () => ({ access_token: 'T1', expires_in: 7200 }),
    '/cgi-bin/kf/sync_msg': ({ cursor }) => ({
      msg_list: items.slice(Number(cursor ?? 0)),
      next_cursor: String(items.length),
      has_more: 0,
    }),
    '/cgi-bin/kf/send_msg': (body) => {
      sent.push(body as (typeof sent)[number]);
      return { msgid: body.msgid };
    },
    '/cgi-bin/kf/service_state/get': () => ({ service_state: 0 }),
    '/cgi-bin/kf/service_state/trans': () => ({ msg_code: 'C' }),
    '/cgi-bin/kf/servicer/list': () => ({ servicer_list: [] }),
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = answers[pathname];
    if (!answer) return response.writeHead(404).end('no such page');
    response.end(JSON.stringify({ errcode: 0, errmsg: 'ok', ...answer(body ? JSON.parse(body) : {}) }));
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));

  function encrypt(message: string): string {
    const key = Buffer.from(`${encodingAesKey}=`, 'base64');
    const length = Buffer.alloc(4);
    const text = Buffer.from(message);
    length.writeUInt32BE(text.length);
    const plain = Buffer.concat([randomBytes(16), length, text, Buffer.from(corpId)]);
    const pad = 32 - (plain.length % 32);
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString(
      'base64',
    );
  }
  function sign(encrypted: string): URLSearchParams {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomBytes(6).toString('hex');
    const text = [token, timestamp, nonce, encrypted].sort().join('');
    return new URLSearchParams({ msg_signature: createHash('sha1').update(text).digest('hex'), timestamp, nonce });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets: {
      corpId,
      apps: { main: { agentId: 7, secret: 'S', callbacks: [{ token, encodingAesKey, receiveIds: [corpId] }] } },
    },
    sent,
    /** What the address answers to a verification. */
    async verify(address: string, echo: string): Promise<string> {
      const echostr = encrypt(echo);
      const query = sign(echostr);
      query.set('echostr', echostr);
      return (await fetch(`${address}?${query}`)).text();
    },
    /** A customer writes; WeCom calls back. */
    async write(address: string, customer: string, text: string): Promise<string> {
      const now = Math.floor(Date.now() / 1000);
      items.push({
        msgid: `m${items.length}`,
        open_kfid: openKfId,
        external_userid: customer,
        send_time: now,
        origin: 3,
        msgtype: 'text',
        text: { content: text },
      });
      const encrypted = encrypt(
        `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><CreateTime>${now}</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
          `<Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[P]]></Token><OpenKfId><![CDATA[${openKfId}]]></OpenKfId></xml>`,
      );
      const body = `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><ToUserName>${corpId}</ToUserName></xml>`;
      return (await fetch(`${address}?${sign(encrypted)}`, { method: 'POST', body })).text();
    },
    stop(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}
