import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { WeComSecrets } from '../wecom/secrets.ts';
import type { Finding } from './finding.ts';
import { listed, notOk, ok } from './judge.ts';

/**
 * As whom a stage calls WeCom, for comparing it with another one. `mark` is a hash of the app's secret with digits that whoever asks made
 * up, so that equal secrets are seen and none is told.
 */
export const Identity = z.object({
  corpId: z.string(),
  apps: z.array(z.object({ name: z.string(), agentId: z.number().optional(), mark: z.string().optional() })),
  /** The accounts that are named to be served, and are. */
  serves: z.array(z.string()),
});
export type Identity = Readonly<z.infer<typeof Identity>>;

export function identityOf(secrets: WeComSecrets, nonce: string, serves: readonly string[]): Identity {
  const own = [...secrets.apps.values()].filter(({ name, secretApp }) => name === secretApp);
  return {
    corpId: secrets.corpId,
    apps: own.map(({ name, agentId }) => {
      const secret = secrets.secretFor(name);
      return {
        name,
        ...(agentId !== undefined && { agentId }),
        ...(secret !== undefined && { mark: createHash('sha256').update(`${nonce}:${secret}`).digest('hex') }),
      };
    }),
    serves: [...serves],
  };
}

/** What became of asking another stage: not there, could not be asked and why, or its answer. */
export interface Neighbour {
  readonly stage: string;
  readonly answer: 'absent' | { readonly problem: string } | Identity;
}

/**
 * One WeCom app per stage: an app has one callback address, so one of two stages hears nothing, and both would answer. Says what can be
 * seen from here; other AWS accounts, regions and systems cannot. Pure.
 */
export function judgeNeighbours(own: Identity, neighbours: readonly Neighbour[]): Finding[] {
  const findings: Finding[] = [];
  for (const { stage, answer } of neighbours) {
    if (answer === 'absent') continue;
    if ('problem' in answer) {
      const what = {
        zh: `无法查看环境 ${stage}（${answer.problem}），不知道它是否使用同一应用`,
        en: `stage ${stage} cannot be looked at (${answer.problem}), so it is not known whether it has the same app`,
      };
      findings.push(notOk('one-app-per-stage', 4, 'unknown', what, { about: stage, mend: ASK }));
      continue;
    }
    for (const { name } of sameApps(own, answer)) {
      const what = {
        zh: `环境 ${stage} 使用同一个应用（${name}）：回调只到其中一个，两边都会回答`,
        en: `stage ${stage} has the same app (${name}): callbacks reach one of the two, and both would answer`,
      };
      findings.push(notOk('one-app-per-stage', 4, 'failed', what, { about: stage, mend: OWN_APP }));
    }
    const both = own.corpId === answer.corpId ? own.serves.filter((one) => answer.serves.includes(one)) : [];
    if (both.length > 0) {
      const what = {
        zh: `环境 ${stage} 也接待这些客服账号：${listed(both)}`,
        en: `stage ${stage} serves these accounts, too: ${listed(both)}`,
      };
      findings.push(notOk('one-stage-per-account', 18, 'failed', what, { about: stage, mend: ONE_STAGE }));
    }
  }
  if (findings.length > 0) return findings;
  const what = {
    zh: '此检出中已部署的其他环境都不使用这个应用；其他账户、区域和系统看不到',
    en: 'no other stage of this checkout that is deployed here has this app; other accounts, regions and systems are not seen',
  };
  return [ok('one-app-per-stage', 4, what)];
}

function sameApps(own: Identity, other: Identity): Identity['apps'] {
  if (own.corpId !== other.corpId) return [];
  return own.apps.filter((app) =>
    other.apps.some(
      ({ agentId, mark }) =>
        (agentId !== undefined && agentId === app.agentId) || (mark !== undefined && mark === app.mark),
    ),
  );
}

/** Codes of other stages at this app: it has, or had, two. Each state names its stage. Pure. */
export function judgeCodesOfOthers(stages: readonly string[]): Finding[] {
  if (stages.length === 0) return [];
  const what = {
    zh: `此应用有其他环境的联系我二维码：${listed(stages)}；若这些环境仍在，就有两个环境共用一个应用`,
    en: `contact ways of other stages were made with this app: ${listed(stages)}; where they are still there, two stages share it`,
  };
  const mend = {
    zh: `${OWN_APP.zh}；已移除的环境无需处理`,
    en: `${OWN_APP.en}; nothing to do where the other one was removed`,
  };
  return [notOk('codes-of-other-stages', 4, 'unknown', what, { mend })];
}

const OWN_APP = {
  zh: '给其中一个环境单独创建应用（第 3–6 步），写入它自己的凭证',
  en: 'make an app of its own for one of the two (steps 3 to 6), and write it into that stage’s secrets',
};
const ONE_STAGE = {
  zh: '在其中一个环境运行 npm run ops -- release 账号，并从它的业务配置中删除',
  en: 'npm run ops -- release ACCOUNT on one of the two, and take it out of the configuration there',
};
const ASK = {
  zh: '请有权调用该环境 check-setup 的人运行 doctor，或升级该环境',
  en: 'let somebody run the doctor who may invoke check-setup of that stage, or upgrade the stage',
};
