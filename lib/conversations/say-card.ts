import { MINUTE, SECOND } from '../platform/clock.ts';
import type { CardJob } from '../platform/wakes.ts';
import type { AppCard } from '../wecom/app-cards.ts';
import type { CardEnding } from './card.ts';

type Show = Extract<CardJob, { kind: 'show' }>;
type Language = CardJob['language'];
export type CardText = Omit<AppCard, 'agentId' | 'user' | 'task'>;

/** WeCom: what a value on a card shows, in characters. */
const LONGEST_VALUE = 30;

interface Words {
  readonly title: string;
  hint(seconds: number): string;
  readonly names: { readonly account: string; readonly waited: string; readonly why: string };
  waited(minutes: number): string;
  readonly why: Readonly<Record<string, string>>;
  readonly otherwise: string;
  readonly take: string;
  readonly pass: string;
  readonly endings: Readonly<Record<CardEnding, string>>;
}

const WORDS: Readonly<Record<Language, Words>> = {
  zh: {
    title: '有客户等待接待',
    hint: (seconds) => `请在 ${seconds} 秒内选择`,
    names: { account: '客服账号', waited: '已等待', why: '原因' },
    waited: (minutes) => (minutes === 0 ? '不到 1 分钟' : `${minutes} 分钟`),
    why: {
      customer: '客户要求人工',
      fallbacks: '机器人未能解答',
      rule: '规则转人工',
      pool: '在接待池中',
      'offer-expired': '其他同事未及时回复',
      'hand-over': '同事转交',
      model: '机器人未能解答',
    },
    otherwise: '需要人工',
    take: '接待',
    pass: '让给同事',
    endings: {
      taken: '已接待',
      passed: '已让给同事',
      expired: '已超时，转给同事',
      refused: '无法接待',
      gone: '已由他人处理',
    },
  },
  en: {
    title: 'A customer is waiting',
    hint: (seconds) => `Please choose within ${seconds} seconds`,
    names: { account: 'Desk', waited: 'Wait', why: 'Why' },
    waited: (minutes) => (minutes === 0 ? 'less than a minute' : `${minutes} min`),
    why: {
      customer: 'asks for a person',
      fallbacks: 'the bot had no answer',
      rule: 'a rule hands over',
      pool: 'stands in the pool',
      'offer-expired': 'a colleague did not answer',
      'hand-over': 'handed over by a colleague',
      model: 'the bot had no answer',
    },
    otherwise: 'a person is wanted',
    take: 'Take',
    pass: 'Pass',
    endings: {
      taken: 'Taken',
      passed: 'Passed on',
      expired: 'Too late, passed on',
      refused: 'Not possible',
      gone: 'Gone to somebody else',
    },
  },
};

/** What the card says: which account, how long, why; nothing of the customer. */
export function sayCard({ language, because, waitedMs, answerWithin }: Show, accountName: string): CardText {
  const words = WORDS[language];
  const { account, waited, why } = words.names;
  return {
    title: words.title,
    hint: words.hint(Math.round(answerWithin / SECOND)),
    facts: [
      { name: account, value: [...accountName].slice(0, LONGEST_VALUE).join('') },
      { name: waited, value: words.waited(Math.floor(waitedMs / MINUTE)) },
      { name: why, value: words.why[because] ?? words.otherwise },
    ],
    buttons: [
      { text: words.take, key: 'take' },
      { text: words.pass, key: 'pass' },
    ],
  };
}

/** What stands in the place of the buttons afterwards. */
export const sayEnding = (language: Language, ending: CardEnding): string => WORDS[language].endings[ending];
