// What WeCom says with each code. Callers must not read it, so it is only close to the real wording.
const LABELS: Readonly<Record<number, string>> = {
  [-1]: 'system busy',
  40001: 'invalid credential',
  40003: 'invalid userid',
  40004: 'invalid media file type',
  40005: 'invalid type',
  40006: 'invalid file size',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40013: 'invalid corpid',
  40014: 'invalid access_token',
  40033: 'invalid request character',
  40056: 'invalid agentid',
  40058: 'invalid parameter',
  40063: 'some parameters are empty',
  40068: 'invalid tag id',
  40071: 'tag name already exists',
  40096: 'invalid external userid',
  40098: 'user not real-name verified',
  40123: 'invalid image format',
  41001: 'access_token missing',
  41002: 'corpid missing',
  41004: 'corpsecret missing',
  41006: 'media_id missing',
  41011: 'missing agentid',
  41037: 'missing contact way type',
  41038: 'missing contact way scene',
  41039: 'invalid contact way type',
  41040: 'invalid contact way scene',
  41041: 'contact way user count limit',
  41042: 'invalid contact way style',
  41043: 'missing contact way config_id',
  41044: 'invalid contact way config_id',
  41045: 'contact way count limit',
  41049: 'missing welcome code',
  41050: 'invalid welcome code',
  41051: 'customer and user already started chatting',
  41053: 'customer has not agreed to chat archive',
  41054: 'user not activated',
  41096: 'welcome message is being sent',
  42001: 'access_token expired',
  42027: 'missing template_card keyname',
  42031: 'invalid template_card card_type',
  42035: 'invalid template_card horizontal_content_list size',
  42037: 'invalid template_card list size',
  42038: 'invalid template_card button text',
  42039: 'invalid template_card button key',
  44001: 'empty media data',
  45001: 'media size out of limit',
  45002: 'message content out of limit',
  45009: 'api freq out of limit',
  45033: 'api concurrent out of limit',
  48002: 'api forbidden',
  48007: 'api forbidden for this open_kfid',
  60003: 'department not found',
  60011: 'no privilege to access/modify contact/party/agent',
  60020: 'not allow to access from your ip',
  60111: 'userid not found',
  60123: 'invalid party id',
  60251: 'missing open_kfid',
  60252: 'invalid open_kfid',
  60253: 'user not in servicer list',
  81013: 'user & party & tag all invalid',
  82001: 'all user or party or tag is empty',
  84061: 'not external contact',
  84074: 'no external contact permission',
  92599: 'user has not signed in for long',
  95000: 'invalid open_kfid',
  95001: 'send message count limit',
  95002: 'send message time limit',
  95004: 'open_kfid not exist',
  95005: 'kf account count limit',
  95006: 'invalid kf account name',
  95007: 'invalid msg token',
  95008: 'menu item count limit',
  95009: 'invalid menu item type',
  95013: 'session already ended',
  95014: 'user is not servicer',
  95016: 'not allow to change to this service state',
  95018: 'send message session status invalid',
  95019: 'servicer stopped or suspended reception',
  95022: 'invalid location type',
  95026: 'kf account usage too low',
  95027: 'corp not verified, kf account count limit',
  95031: 'customer has not consulted within 48 hours',
  301002: 'no permission to operate this agentid',
};

/** A call that WeCom understood and refuses with a code. */
export class Refusal extends Error {
  readonly errcode: number;

  constructor(errcode: number, detail = '') {
    super(`${LABELS[errcode] ?? 'error'}${detail && ` (${detail})`}`);
    this.name = 'Refusal';
    this.errcode = errcode;
  }
}

/** The body of a refused call. `hint` is what WeCom's support asks for; here it only has the right look. */
export function refusalBody(refusal: Refusal, hint: string): { errcode: number; errmsg: string } {
  const more = `https://open.work.weixin.qq.com/devtool/query?e=${refusal.errcode}`;
  return {
    errcode: refusal.errcode,
    errmsg: `${refusal.message}, hint: [${hint}], from ip: 127.0.0.1, more info at ${more}`,
  };
}
