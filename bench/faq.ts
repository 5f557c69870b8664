import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Faq } from '../lib/replies/faq.ts';
import { faqIndex } from '../lib/replies/faq-index.ts';
import { findFaq } from '../lib/replies/find-faq.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const ENTRIES = 1000;
const SIMILAR = 4;
const BUILDS = 5;

export const faq: Bench = {
  name: 'faq',
  about: `one question against ${ENTRIES * (1 + SIMILAR)} wordings of ${ENTRIES} frequent questions; building their index, and its memory`,
  async run({ runs = 2000, say }): Promise<readonly Row[]> {
    const list = bigList();
    say(`building the index ${BUILDS} times`);
    const before = heapInUse();
    const built: number[] = [];
    let index = faqIndex([]);
    for (let n = 0; n < BUILDS; n += 1) {
      const began = performance.now();
      index = faqIndex(list);
      built.push(performance.now() - began);
    }
    const memory = heapInUse() - before;
    say(`${runs} questions of each kind`);
    return QUESTIONS.map(([kind, texts]) => {
      const took: number[] = [];
      for (let n = 0; n < runs; n += 1) {
        const text = texts[n % texts.length] ?? '';
        const began = performance.now();
        findFaq(index, text);
        took.push(performance.now() - began);
      }
      return {
        question: kind,
        'p50 ms': rounded(percentile(took, 50), 3),
        'p99 ms': rounded(percentile(took, 99), 3),
        'build p50 ms': rounded(percentile(built, 50)),
        'index MB': rounded(memory / 1_000_000, 1),
      };
    });
  },
};

const THINGS =
  '订单 发票 运费 退款 快递 尺码 优惠券 积分 会员 地址 密码 账户 保修 配件 电池 屏幕 包装 赠品 客服 门店'.split(' ');
const DEEDS = '修改 取消 查询 申请 开通 关闭 兑换 退回 更换 绑定'.split(' ');
const OPENINGS = '怎么 如何 可以 能不能 请问怎么 多久可以 在哪里 为什么不能'.split(' ');
const EN_THINGS = 'order invoice parcel refund coupon points account battery screen address'.split(' ');
const EN_DEEDS = 'change cancel find request open close return replace'.split(' ');

/** As many combinations as wordings are wanted: four in five Chinese, and all alike, so that the lists of the index are long. */
function bigList(): Faq {
  const pick = (list: readonly string[], n: number): string => list[n % list.length] ?? '';
  const zh = (n: number) =>
    `${pick(OPENINGS, n)}${pick(DEEDS, Math.floor(n / 8))}第${n % 97}号${pick(THINGS, Math.floor(n / 3))}的${pick(THINGS, n * 7 + 1)}`;
  const en = (n: number) =>
    `How do I ${pick(EN_DEEDS, n)} the ${pick(EN_THINGS, Math.floor(n / 8))} number ${n} of my ${pick(EN_THINGS, n * 3 + 1)}`;
  return Faq.parse(
    Array.from({ length: ENTRIES }, (_, n) => ({
      id: `q${n}`,
      question: `${zh(n * (1 + SIMILAR))}（${n}）`,
      similar: Array.from({ length: SIMILAR }, (_, m) => (m === 0 ? en(n) : zh(n * (1 + SIMILAR) + m))),
      answer: { text: `answer ${n}` },
    })),
  );
}

const STORY = '您好，我上个月在你们店里买了一台机器，用了两个星期屏幕就不亮了，打过电话也没有人接。';
const QUESTIONS: readonly (readonly [kind: string, texts: readonly string[]])[] = [
  ['short, Chinese', ['怎么修改订单的地址', '退款多久到账', '可以申请优惠券吗', '在哪里查询快递']],
  ['short, English', ['how do I cancel my order', 'where is the refund', 'change the address of my parcel']],
  ['a story of 500 characters', [`${STORY.repeat(12)}请问怎么申请保修？`]],
  ['unrelated', ['今天天气怎么样', 'tell me a joke']],
];

/** Bytes, after what is not used any more was taken away. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
