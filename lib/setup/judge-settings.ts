import type { Finding } from './finding.ts';
import { failed, notOk, ok } from './judge.ts';
import { stepFor, type Tried, wordsOf } from './tried.ts';

/** As `readAppSettings` says it. */
export interface AppSettings {
  readonly trustedDomain?: string;
  readonly disabled: boolean;
}

/** What the app's own page says: its AgentId, whether it is in use, its trusted domain. `speaks`: it has to send app messages. */
export function judgeSettings(
  app: string,
  agentId: number | undefined,
  settings: Tried<AppSettings>,
  speaks: boolean,
): Finding[] {
  if (agentId === undefined) {
    const outcome = speaks ? 'failed' : 'skipped';
    return [
      notOk(
        'agent-id',
        4,
        outcome,
        {
          zh: '凭证没有 agentId，无法发送应用消息',
          en: 'the secrets have no agentId, without which no app message is sent',
        },
        { about: app },
      ),
    ];
  }
  if (!('value' in settings))
    return [failed('agent-id', stepFor(settings, 'app', 4), wordsOf(settings, 'agent/get'), app)];
  const { trustedDomain, disabled } = settings.value;
  if (disabled) return [failed('agent-id', 4, { zh: '应用已停用', en: 'the app is disabled' }, app)];
  return [
    ok('agent-id', 4, { zh: 'AgentId 与 Secret 正确', en: 'AgentId and Secret are right' }, app),
    trustedDomain === undefined
      ? notOk(
          'trusted-domain',
          7,
          'skipped',
          {
            zh: '没有可信域名：管理登录与网页链接不可用',
            en: 'there is no trusted domain: no admin login and no pages in WeCom',
          },
          { about: app },
        )
      : ok('trusted-domain', 7, { zh: `可信域名：${trustedDomain}`, en: `trusted domain: ${trustedDomain}` }, app),
  ];
}
