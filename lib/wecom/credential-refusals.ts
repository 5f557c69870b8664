import { GateClosed, MissingAppSecret, WeComError } from './errors.ts';

/** A field of WECOM_SECRETS for whose sake WeCom cannot be called, why, and what to write there. Quotes no value. */
export interface WrongCredential {
  readonly field: string;
  /** Absent where WeCom was not even asked. */
  readonly errcode?: number;
  readonly reason: { readonly zh: string; readonly en: string };
}

interface About {
  readonly field: (app: string) => string;
  readonly zh: string;
  readonly en: string;
}

const SECRET: About = {
  field: (app) => `apps.${app}.secret`,
  zh: '不是该应用当前的 Secret：应用页面 → Secret → 查看 → 发送，重新复制',
  en: 'is not the Secret that the app has now: copy it again from its page in the console (Secret → 查看 → 发送)',
};
const CORP_ID: About = {
  field: () => 'corpId',
  zh: '不是企业ID：从“我的企业 → 企业信息”重新复制',
  en: 'is not the id of the corp: copy 企业ID again from 我的企业 → 企业信息',
};

const ABOUT: ReadonlyMap<number, About> = new Map([
  [40001, SECRET],
  [40091, SECRET],
  [40013, CORP_ID],
]);

/**
 * What is wrong with our credentials, where that is what `error` says: a secret that is not there, that WeCom refuses (gettoken: 40001,
 * 40091; a corp id: 40013), or for whose refusal calls rest. Undefined for everything else.
 * https://developer.work.weixin.qq.com/document/path/91039 (gettoken), 90313 (errcodes)
 */
export function credentialRefusal(error: unknown): WrongCredential | undefined {
  if (error instanceof MissingAppSecret) {
    const reason = {
      zh: '缺少：从应用页面 → Secret 复制；与其他应用共用时写 secretOf',
      en: 'is missing: copy it from the app’s page in the console (Secret → 查看 → 发送), or name in secretOf the app whose secret it shares',
    };
    return { field: `apps.${error.app}.secret`, reason };
  }
  const errcode = errcodeOf(error);
  const about = errcode === undefined ? undefined : ABOUT.get(errcode);
  if (errcode === undefined || about === undefined) return undefined;
  const { field, zh, en } = about;
  return { field: field(appOf(error) ?? '<app>'), errcode, reason: { zh, en } };
}

/** A gate says for which answer it closed. */
function errcodeOf(error: unknown): number | undefined {
  if (error instanceof WeComError) return error.errcode;
  const code = error instanceof GateClosed ? /^errcode (\d+)$/.exec(error.reason)?.[1] : undefined;
  return code === undefined ? undefined : Number(code);
}

const appOf = (error: unknown): string | undefined =>
  error instanceof WeComError || error instanceof GateClosed ? error.app : undefined;
