import { HOUR, type Instant } from '../platform/clock.ts';
import type { AccountDuty } from '../wecom/account-duty.ts';
import type { Finding, Words } from './finding.ts';
import { listed, notOk, ok } from './judge.ts';

/** A run of minutes that takes longer than this has come to a stand. */
const STANDS_AFTER = HOUR;

/** Step 19: whether the account is served, or in which move of the cut-over it is, and what comes next. Pure. */
export function judgeDuty(openKfId: string, { mode, run, since }: AccountDuty, now: Instant): Finding {
  const found = (outcome: 'failed' | 'unknown', what: Words, mend: Words): Finding =>
    notOk('account-duty', 19, outcome, what, { about: openKfId, mend });

  if (run && run.doneAt === undefined && mode !== 'observes') {
    const stands = now - run.startedAt > STANDS_AFTER;
    const [zh, en] = run.kind === 'adopt' ? ['正在接管', 'is being taken over'] : ['正在交还', 'is being released'];
    const counts = { zh: `已处理 ${run.customers} 位客户`, en: `${run.customers} customers so far` };
    return found(
      stands ? 'failed' : 'unknown',
      {
        zh: `${zh}（自 ${iso(run.startedAt)}，${counts.zh}）；其间不接待`,
        en: `it ${en} (since ${iso(run.startedAt)}, ${counts.en}), and nothing is routed meanwhile`,
      },
      {
        zh: `等待完成；停住时再次运行 npm run ops -- ${run.kind} ${openKfId}，从停下处继续`,
        en: `wait for its end; where it stands still, npm run ops -- ${run.kind} ${openKfId} goes on with it`,
      },
    );
  }
  switch (mode) {
    case 'observes':
      return found(
        'failed',
        {
          zh: `只观察${sinceIn('zh', since)}：不回答、不分配，只记录本会做什么`,
          en: `it is only observed${sinceIn('en', since)}: nothing is answered or assigned, only written down`,
        },
        {
          zh: `接管：npm run ops -- adopt ${openKfId}，随即进行第 10 步；若只是观察，无需处理`,
          en: `take it over with npm run ops -- adopt ${openKfId}, and do step 10 at once; nothing to do while you look on`,
        },
      );
    case 'released':
      return found(
        'failed',
        {
          zh: `已交还${sinceIn('zh', since)}，不再接待，但应用仍可管理此账号`,
          en: `it was released${sinceIn('en', since)} and is not served, but the app still manages it`,
        },
        {
          zh: `在第 10 步的页面取消勾选此账号；要重新接待，运行 npm run ops -- adopt ${openKfId}`,
          en: `untick the account on the page of step 10; to serve it again, npm run ops -- adopt ${openKfId}`,
        },
      );
    // A run is written together with `adopting`, and ends by `serves`.
    case 'adopting':
    case 'serves':
      return served(openKfId, run);
  }
}

function served(openKfId: string, run: AccountDuty['run']): Finding {
  if (run?.kind !== 'adopt' || run.doneAt === undefined)
    return ok('account-duty', 19, { zh: '正在接待', en: 'it is served' }, openKfId);
  const { customers, held, pooled, refused } = run;
  const at = iso(run.doneAt);
  const unread = refused > 0;
  return ok(
    'account-duty',
    19,
    {
      zh: `已于 ${at} 接管：${customers} 位客户，${held} 位由人工接待，${pooled} 位在待接入池${unread ? `，${refused} 位未能读取（下次来消息时读取）` : ''}`,
      en: `it was taken over at ${at}: ${customers} customers, ${held} with a person, ${pooled} in WeCom’s pool${unread ? `, ${refused} that could not be read (they are with their next message)` : ''}`,
    },
    openKfId,
  );
}

/** Contact ways on which we only look on. Pure. */
export function judgeWayDuties(observed: readonly string[]): Finding[] {
  if (observed.length === 0) return [];
  const ways = observed.map((one) => `way:${one}`);
  const what = {
    zh: `只观察这些联系方式：${listed(ways)}：不发欢迎语、标签与备注，不更改码的成员`,
    en: `these contact ways are only observed: ${listed(ways)}; no welcome, tags or remark is sent, and no code made or changed`,
  };
  const mend = {
    zh: '接手：对每个运行 npm run ops -- observe off way:ID；若只是观察，无需处理',
    en: 'npm run ops -- observe off way:ID for each, to take over; nothing to do while you look on',
  };
  return [notOk('ways-duty', 19, 'failed', what, { mend })];
}

const iso = (at: Instant): string => new Date(at).toISOString();

function sinceIn(language: 'zh' | 'en', since: Instant | undefined): string {
  if (since === undefined) return '';
  return language === 'zh' ? `（自 ${iso(since)}）` : ` (since ${iso(since)})`;
}
