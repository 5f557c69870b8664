/** What WeCom has to know to send somebody back to us with a code. */
export interface LoginWish {
  readonly corpId: string;
  readonly agentId: number;
  /** Its host has to be a trusted domain of the app (网页授权及 JS-SDK), or its 授权回调域 for the web login. */
  readonly redirectUri: string;
  readonly state: string;
}

/** Inside WeCom's own browser nobody is asked anything (`snsapi_base`). https://developer.work.weixin.qq.com/document/path/91022 */
export function addressInside({ corpId, agentId, redirectUri, state }: LoginWish): string {
  const query = new URLSearchParams({
    appid: corpId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'snsapi_base',
    state,
    agentid: String(agentId),
  });
  return `https://open.weixin.qq.com/connect/oauth2/authorize?${query}#wechat_redirect`;
}

/** In any other browser WeCom shows a code to scan. https://developer.work.weixin.qq.com/document/path/98152 */
export function addressOutside({ corpId, agentId, redirectUri, state }: LoginWish): string {
  const query = new URLSearchParams({
    login_type: 'CorpApp',
    appid: corpId,
    agentid: String(agentId),
    redirect_uri: redirectUri,
    state,
  });
  return `https://login.work.weixin.qq.com/wwlogin/sso/login?${query}`;
}

/** WeCom's browsers name themselves so; WeChat's own does not say `wxwork`. */
export const isInsideWeCom = (userAgent: string | undefined): boolean => /\bwxwork\b/i.test(userAgent ?? '');
