import { type Instant, MINUTE } from '../platform/clock.ts';
import { timeOfDay } from '../platform/wall-clock.ts';
import { APP_TEXT_BYTES } from '../wecom/app-messages.ts';
import type { Gathered } from './desk.ts';
import type { NoticeKind } from './notice.ts';

/** Who waits for a team now. */
export interface Line {
  readonly count: number;
  /** Since when the first of them waits. */
  readonly since: Instant;
  /** How many of the team's agents receive; undefined when that is not known. */
  readonly receiving?: number | undefined;
}

export interface Saying {
  readonly language: 'zh' | 'en';
  readonly zone: string;
  readonly now: Instant;
  readonly lines: ReadonlyMap<string, Line>;
  readonly link?: string;
}

/**
 * One message of several notices, as many of the first as WeCom takes; `count` says how many. It begins with the time, so that two messages
 * with the same news are not the same text, which WeCom would show once. Pure.
 */
export function sayAll(gathered: readonly Gathered[], saying: Saying): { text: string; count: number } {
  const { language, zone, now, link } = saying;
  const heading = `${timeOfDay(zone, now)} ${language === 'zh' ? '客服提醒' : 'Customer service'}`;
  const foot = link === undefined ? [] : [`<a href="${link}">${language === 'zh' ? '查看详情' : 'Have a look'}</a>`];
  let count = 0;
  let text = '';
  while (count < gathered.length) {
    const lines = gathered.slice(0, count + 1).map((one) => `• ${say(one, saying)}`);
    const longer = [heading, ...lines, ...foot].join('\n');
    if (count > 0 && Buffer.byteLength(longer) > APP_TEXT_BYTES) break;
    text = longer;
    count += 1;
  }
  return { text, count };
}

type Sentence = (one: Gathered, saying: Saying) => string;

const say: Sentence = (one, saying) => SENTENCES[saying.language][one.kind](one, saying);

const minutesOf = (from: Instant, to: Instant): number => Math.max(0, Math.floor((to - from) / MINUTE));

/** Who waits now, where that is known; otherwise what was heard. */
function lineOf({ teamId, about, since }: Gathered, { lines }: Saying): Line {
  return lines.get(teamId ?? '') ?? { count: about.length, since };
}

function agentsText(agents: Readonly<Record<string, number>>, comma: string): string {
  return Object.entries(agents)
    .map(([agentId, times]) => (times > 1 ? `${agentId} ×${times}` : agentId))
    .join(comma);
}

const zhAgents = ({ agents }: Gathered): string => agentsText(agents, '、');
const enAgents = ({ agents }: Gathered): string => agentsText(agents, ', ');
const zhTeam = ({ teamId }: Gathered): string => (teamId === undefined ? '' : `${teamId} 组`);
const enTeam = ({ teamId }: Gathered): string => (teamId === undefined ? '' : ` in team ${teamId}`);
const zhReason = ({ reason }: Gathered): string => (reason === undefined ? '' : `（${reason}）`);
const enReason = ({ reason }: Gathered): string => (reason === undefined ? '' : ` (${reason})`);
const customers = (count: number): string => (count === 1 ? '1 customer' : `${count} customers`);
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const SENTENCES: Readonly<Record<'zh' | 'en', Readonly<Record<NoticeKind, Sentence>>>> = {
  zh: {
    waiting(one, saying) {
      const { count, since, receiving } = lineOf(one, saying);
      const minutes = minutesOf(since, saying.now);
      const longest = minutes > 0 ? `，最久已等 ${minutes} 分钟` : '';
      return `${zhTeam(one)}有 ${count} 位客户在排队${longest}${receiving === 0 ? '，目前无人接待' : ''}。`;
    },
    closing(one, { zone }) {
      const closes = one.closesAt === undefined ? '' : `，最早 ${timeOfDay(zone, one.closesAt)} 到期`;
      return `${zhTeam(one)}有 ${one.about.length} 位排队客户的 48 小时回复时限将到${closes}。`;
    },
    'offer-expired': (one) => `${zhTeam(one)}有 ${one.events} 次分配超时未接：${zhAgents(one)}。`,
    refused: (one) => `企业微信拒绝了${zhTeam(one)}的 ${one.events} 次分配${zhReason(one)}：${zhAgents(one)}。`,
    'off-duty': (one) => `${zhTeam(one)}客服已转为下线${zhReason(one)}：${zhAgents(one)}。`,
    way: (one) => `联系方式 ${one.wayId ?? ''} 需要处理${zhReason(one)}。`,
    'agent-left': (one) => `客服已离职或不再是接待人员，会话将转给他人${zhReason(one)}：${zhAgents(one)}。`,
    'member-refused': (one) => `企业微信不接受联系方式 ${one.wayId ?? ''} 的成员${zhReason(one)}：${zhAgents(one)}。`,
  },
  en: {
    waiting(one, saying) {
      const { count, since, receiving } = lineOf(one, saying);
      const minutes = minutesOf(since, saying.now);
      const longest = minutes > 0 ? `, ${count === 1 ? '' : 'the longest '}for ${minutes} min` : '';
      const nobody = receiving === 0 ? '; nobody receives there' : '';
      return `${customers(count)} ${count === 1 ? 'waits' : 'wait'}${enTeam(one)}${longest}${nobody}.`;
    },
    closing(one, { zone }) {
      const closes = one.closesAt === undefined ? '' : `, the first at ${timeOfDay(zone, one.closesAt)}`;
      return `The 48 hours of ${customers(one.about.length)} waiting${enTeam(one)} are almost over${closes}.`;
    },
    'offer-expired': (one) =>
      `Customers were given${enTeam(one)} and not answered in time, ${times(one.events)}: ${enAgents(one)}.`,
    refused: (one) =>
      `WeCom refused an assignment${enTeam(one)} ${times(one.events)}${enReason(one)}: ${enAgents(one)}.`,
    'off-duty': (one) => `Now off duty${enTeam(one)}${enReason(one)}: ${enAgents(one)}.`,
    way: (one) => `Contact way ${one.wayId ?? ''} wants attention${enReason(one)}.`,
    'agent-left': (one) => `Left, customers are given to others${enReason(one)}: ${enAgents(one)}.`,
    'member-refused': (one) =>
      `WeCom does not take members of contact way ${one.wayId ?? ''}${enReason(one)}: ${enAgents(one)}.`,
  },
};
