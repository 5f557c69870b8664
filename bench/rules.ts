import type { Asked } from '../lib/replies/asked.ts';
import { chooseReply } from '../lib/replies/choose-reply.ts';
import { readyRules } from '../lib/replies/compile-rules.ts';
import { RuleSet } from '../lib/replies/rule-set.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const RULES = 1000;
const WARM_UP = 500;

export const rules: Bench = {
  name: 'rules',
  about: `which of ${RULES} rules answers one message; the message matches none, the last one, or comes in a burst of five`,
  async run({ runs = 5000 }): Promise<readonly Row[]> {
    const words = ruleSetOf((index) => wordRule(index));
    const mixed = ruleSetOf((index) => (index % 10 === 0 ? patternRule(index) : wordRule(index)));
    const conditions = ruleSetOf((index) => ({ ...wordRule(index), scene: [`scene-${index % 7}`], language: 'zh' }));
    const patterns = ruleSetOf((index) => patternRule(index));
    return [
      measure('words', 'matches none', words, said('请问你们周末几点开门，可以带宠物吗'), runs),
      measure('words', 'matches the last', words, said(`請問商品${RULES - 1}號還有貨嗎`), runs),
      measure(
        'words',
        'a burst of five',
        words,
        said('在吗', '商品17号', 'hello there', '商品900号', '谢谢你啊亲'),
        runs,
      ),
      measure('words, a scene, a language', 'matches the last', conditions, said(`商品${RULES - 1}号`), runs),
      measure('one in ten a pattern', 'matches none', mixed, said('请问你们周末几点开门，可以带宠物吗'), runs),
      measure(
        'patterns alone',
        'matches none',
        patterns,
        said('请问你们周末几点开门，可以带宠物吗'),
        Math.min(runs, 1000),
      ),
    ];
  },
};

const said = (...texts: string[]): Asked => ({
  questions: texts.map((text) => ({ type: 'text', text })),
  scene: `scene-${(RULES - 1) % 7}`,
});

const wordRule = (index: number) => ({
  exact: [`问题${index}`, `question ${index}`, `q${index}`],
  contains: [`商品${index}号`, `item no. ${index}.`, `型号 X-${index}-B`],
  all: [[`退货${index}`, `refund ${index}`], '多久'],
});

const patternRule = (index: number) => ({ regex: [`(订单|order)\\s*#?${index}[a-z]{2}\\d{4,8}`] });

function ruleSetOf(rule: (index: number) => object): RuleSet {
  const written = Array.from({ length: RULES }, (_, index) => ({
    id: `rule-${index}`,
    reply: { text: `answer ${index}` },
    ...rule(index),
  }));
  return RuleSet.parse({ rules: written });
}

function measure(what: string, message: string, ruleSet: RuleSet, asked: Asked, runs: number): Row {
  const made = performance.now();
  readyRules(ruleSet);
  const ready = performance.now() - made;
  for (let index = 0; index < Math.min(WARM_UP, runs); index++) chooseReply(ruleSet, asked);
  const took: number[] = [];
  for (let index = 0; index < runs; index++) {
    const began = performance.now();
    chooseReply(ruleSet, asked);
    took.push((performance.now() - began) * 1000);
  }
  return {
    rules: what,
    message,
    'p50 µs': rounded(percentile(took, 50), 1),
    'p99 µs': rounded(percentile(took, 99), 1),
    'made ready ms': rounded(ready, 1),
  };
}
