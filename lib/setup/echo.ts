import { encrypt, signatureOf } from '../wecom/callback-crypto.ts';
import type { CallbackCredential } from '../wecom/secrets.ts';
import type { Finding, Words } from './finding.ts';
import { failed, ok } from './judge.ts';

/** WeCom's console waits so long for the answer to its GET. https://developer.work.weixin.qq.com/document/path/90930 */
export const ECHO_LIMIT_MS = 1000;

/** The query of the GET by which WeCom proves a callback address: signed and encrypted as WeCom does it. `at` in milliseconds. */
export function echoQuery(
  { token, aesKey, receiveIds }: CallbackCredential,
  { echo, nonce, at, random }: { echo: string; nonce: string; at: number; random?: Buffer<ArrayBuffer> },
): string {
  const timestamp = String(Math.floor(at / 1000));
  const echostr = encrypt(aesKey, echo, receiveIds[0] ?? '', random);
  const signature = signatureOf(token, timestamp, nonce, echostr);
  return new URLSearchParams({ msg_signature: signature, timestamp, nonce, echostr }).toString();
}

/** What came back of such a GET. */
export type EchoAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly kind: 'none'; readonly reason: 'time-out' | 'connection' };

/** What WeCom's console would say to this answer (「openapi回调地址请求不通过」), and why. */
export function judgeEcho(app: string, expected: string, answer: EchoAnswer, limitMs = ECHO_LIMIT_MS): Finding {
  const wrong = (zh: string, en: string, step = 2): Finding => failed('callback-echo', step, { zh, en }, app);
  if (answer.kind === 'none') {
    return answer.reason === 'time-out'
      ? wrong('回调地址没有在时限内回答', 'the callback address does not answer in time')
      : wrong(
          '无法连接回调地址：检查域名、证书和防火墙',
          'the callback address is not reached: look at the domain, the certificate, the firewall',
        );
  }
  const { status, body, ms } = answer;
  if (status >= 300 && status < 400)
    return wrong(
      `回调地址发生跳转（HTTP ${status}），企业微信不跟随跳转`,
      `the callback address redirects (HTTP ${status}), which WeCom does not follow`,
    );
  if (status === 401 || status === 403)
    return wrong(
      `回调地址拒绝匿名访问（HTTP ${status}）：中国区需先完成账户的 ICP 备案`,
      `the callback address refuses unsigned calls (HTTP ${status}): in China the AWS account needs its ICP filing first`,
      0,
    );
  if (status === 404)
    return wrong(
      `回调地址不存在（HTTP 404）：检查应用名“${app}”和末尾的斜杠`,
      `there is nothing at the callback address (HTTP 404): look at the app’s name “${app}” and at a trailing slash`,
    );
  if (status === 400)
    return wrong(
      '回调拒绝了签名：正在运行的凭证与配置的不同，请重新部署或等待函数更新',
      'the callback refuses the signature: it runs with other credentials than are configured; deploy again, or wait until the functions are new',
    );
  if (status !== 200) return wrong(`回调回答 HTTP ${status}`, `the callback answers HTTP ${status}`);
  if (body !== expected) return wrong(...unlike(body, expected));
  if (ms > limitMs)
    return wrong(
      `回答用时 ${Math.round(ms)} 毫秒，企业微信只等 1 秒`,
      `the answer takes ${Math.round(ms)} ms, and WeCom waits one second`,
    );
  return ok(
    'callback-echo',
    2,
    words(`回调地址在 ${Math.round(ms)} 毫秒内正确回答`, `the callback address answers right, in ${Math.round(ms)} ms`),
    app,
  );
}

const words = (zh: string, en: string): Words => ({ zh, en });

function unlike(body: string, expected: string): [zh: string, en: string] {
  if (body.startsWith('\uFEFF')) return ['回答以 BOM 开头', 'the answer begins with a byte order mark'];
  if (body.trim() === expected) return ['回答带有空白或换行', 'the answer has white space around the echo'];
  if (body.trim() === `"${expected}"`) return ['回答带有引号', 'the answer is in quotes'];
  return ['回答不是解密后的明文', 'the answer is not the decrypted text'];
}
