import { type Instant, MINUTE } from '../platform/clock.ts';
import { timeOfDay } from '../platform/wall-clock.ts';
import { APP_TEXT_BYTES } from '../wecom/app-messages.ts';
import { cutText } from '../wecom/outgoing-messages.ts';

/** What an agent is told about a conversation that is his now. */
export interface Telling {
  readonly account: string;
  readonly at: Instant;
  /** Who handed it over. */
  readonly by?: string | undefined;
  readonly note?: string | undefined;
  readonly waitedMs?: number | undefined;
  /** Replies that did not reach the customer: how many, by reason. */
  readonly unsent: Readonly<Record<string, number>>;
}

export interface BriefTerms {
  readonly language: 'zh' | 'en';
  readonly zone: string;
  /** Where the history is. */
  readonly link?: string | undefined;
}

/**
 * One message, the same for the same brief, so that WeCom shows a repeat once. It names the account and who handed over, never the customer; the note
 * gives way where it does not fit. Pure.
 */
export function sayBrief(telling: Telling, { language, zone, link }: BriefTerms): string {
  const words = WORDS[language];
  const { account, at, by, note, waitedMs, unsent } = telling;
  const minutes = Math.floor((waitedMs ?? 0) / MINUTE);
  const lines = [
    `${timeOfDay(zone, at)} ${words.heading(account)}`,
    ...(by === undefined ? [] : [words.handedOver(by)]),
    ...(minutes > 0 ? [words.waited(minutes)] : []),
    ...(Object.keys(unsent).length > 0 ? [words.unsent(unsent)] : []),
  ];
  const foot = link === undefined ? [] : [`<a href="${link}">${words.link}</a>`];
  if (note === undefined) return [...lines, ...foot].join('\n');
  const room = APP_TEXT_BYTES - Buffer.byteLength([...lines, words.note, ...foot].join('\n'));
  return [...lines, `${words.note}${cutText(note, Math.max(1, room))}`, ...foot].join('\n');
}

const ZH_REASONS: Readonly<Record<string, string>> = {
  window: '48 小时或 5 条的限制已到',
  'session-ended': '会话已结束',
  'not-delivered': '企业微信未能送达',
  late: '发送已过时',
  uncertain: '可能未送达',
  'set-aside': '多次失败',
};
const EN_REASONS: Readonly<Record<string, string>> = {
  window: "WeCom's limit of 48 hours or 5 messages",
  'session-ended': 'the session was over',
  'not-delivered': 'WeCom could not deliver',
  late: 'it was too late',
  uncertain: 'may not have arrived',
  'set-aside': 'failed repeatedly',
};

function reasons(unsent: Telling['unsent'], words: Readonly<Record<string, string>>, other: string, comma: string) {
  const said = Object.entries(unsent).map(([reason, count]) => {
    const text = Object.hasOwn(words, reason) ? (words[reason] ?? reason) : `${other} ${reason}`;
    return count > 1 ? `${text} ×${count}` : text;
  });
  return said.join(comma);
}

const total = (unsent: Telling['unsent']): number => Object.values(unsent).reduce((sum, one) => sum + one, 0);

interface Words {
  heading(account: string): string;
  handedOver(by: string): string;
  waited(minutes: number): string;
  unsent(unsent: Telling['unsent']): string;
  readonly note: string;
  readonly link: string;
}

const WORDS: Readonly<Record<'zh' | 'en', Words>> = {
  zh: {
    heading: (account) => `客服账号 ${account} 的会话现在由您接待`,
    handedOver: (by) => `• 由 ${by} 转交给您`,
    waited: (minutes) => `• 客户已等待 ${minutes} 分钟`,
    unsent: (unsent) => `• 有 ${total(unsent)} 条回复未能发出：${reasons(unsent, ZH_REASONS, '企业微信错误', '、')}`,
    note: '• 备注：',
    link: '查看会话记录',
  },
  en: {
    heading: (account) => `You serve a conversation on account ${account} now`,
    handedOver: (by) => `• Handed over to you by ${by}`,
    waited: (minutes) => `• The customer has waited for ${minutes} min`,
    unsent: (unsent) =>
      `• Replies that were not sent: ${total(unsent)} (${reasons(unsent, EN_REASONS, "WeCom's error", '; ')})`,
    note: '• Note: ',
    link: 'Read the history',
  },
};
