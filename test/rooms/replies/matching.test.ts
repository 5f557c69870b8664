import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Asked, questionKey } from '../../../lib/replies/asked.ts';
import { type Chosen, chooseReply, explainRules } from '../../../lib/replies/choose-reply.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';

/** Rules that say their own names. */
const rules = (...written: object[]): RuleSet =>
  RuleSet.parse({
    rules: written.map((rule, index) => ({ id: `r${index}`, reply: { text: `r${index}` }, ...rule })),
    person: { exact: [], contains: [] },
  });
const said = (...texts: string[]): Asked => ({ questions: texts.map((text) => ({ type: 'text', text })) });
const ruleOf = (ruleSet: RuleSet, asked: Asked): string => named(chooseReply(ruleSet, asked));
const named = (chosen: Chosen): string =>
  chosen.do === 'reply' ? chosen.replies.map(({ rule }) => rule).join() : chosen.do;

describe('words', () => {
  test('all: every word has to be there, in any order; of a list among them one is enough', () => {
    const set = rules({ all: ['退', ['运费', 'postage']] });
    expect(ruleOf(set, said('运费怎么退'))).toBe('r0');
    expect(ruleOf(set, said('退 POSTAGE'))).toBe('r0');
    expect(ruleOf(set, said('怎么退'))).toBe('nothing-matched');
    expect(ruleOf(set, said('运费'))).toBe('nothing-matched');
  });

  test('regex: found anywhere, in half width and any case; a pattern may be written in traditional characters', () => {
    const set = rules({ regex: ['訂單\\s*[a-z]{2}\\d{4,}'] });
    for (const words of ['我的订单 AB1234 呢', '訂單ab99999', '订单ＡＢ１２３４'])
      expect(ruleOf(set, said(words))).toBe('r0');
    expect(ruleOf(set, said('订单 A1'))).toBe('nothing-matched');
  });

  test('ways are alternatives, conditions all have to hold', () => {
    const set = rules({ exact: ['a'], contains: ['bb'], types: ['voice'], scene: ['shop'], language: 'en' });
    expect(ruleOf(set, { ...said('bb'), scene: 'shop' })).toBe('r0');
    expect(ruleOf(set, { ...said('a'), scene: 'shop' })).toBe('r0');
    expect(ruleOf(set, { questions: [{ type: 'voice' }], scene: 'shop', language: 'en' })).toBe('r0');
    expect(ruleOf(set, { ...said('bb'), scene: 'web' })).toBe('nothing-matched');
    expect(ruleOf(set, { ...said('bb 好的好的'), scene: 'shop' })).toBe('nothing-matched');
  });

  test('a rule with neither ways nor conditions matches nothing', () => {
    expect(ruleOf(rules({}), said('a'))).toBe('nothing-matched');
  });

  test('a message of a kind that objects have by themselves finds nothing', () => {
    expect(
      ruleOf(rules({ exact: ['a'], click: ['b'] }), { questions: [{ type: 'constructor', text: '__proto__' }] }),
    ).toBe('nothing-matched');
  });
});

describe('conditions', () => {
  const cases: [string, object, Partial<Asked>, Partial<Asked>][] = [
    ['scene', { scene: ['shop', 'app'] }, { scene: 'app' }, { scene: 'web' }],
    ['channel', { channel: ['poster-3'] }, { channel: 'poster-3' }, { channel: 'poster' }],
    ['tags', { tags: ['vip', 'gold'] }, { tags: ['new', 'gold'] }, { tags: ['new'] }],
    ['hours, open', { hours: 'open' }, { open: true }, { open: false }],
    ['hours, closed', { hours: 'closed' }, { open: false }, { open: true }],
    ['first ever', { first: 'ever' }, { firstEver: true }, { firstEver: false, firstOfSession: true }],
    ['first of the session', { first: 'session' }, { firstOfSession: true }, { firstOfSession: false }],
    ['unmatched', { nth: { unmatched: 2 } }, { repeats: { unmatched: 1 } }, { repeats: { unmatched: 0 } }],
  ];
  test.each(cases)('%s: holds, does not hold, and does not hold while nobody knows', (_, rule, yes, no) => {
    const set = rules(rule);
    expect(ruleOf(set, { ...said('anything'), ...yes })).toBe('r0');
    expect(ruleOf(set, { ...said('anything'), ...no })).toBe('nothing-matched');
    expect(ruleOf(set, said('anything'))).toBe('nothing-matched');
  });

  test('language goes by the message; where that does not tell, by the customer', () => {
    const set = rules({ language: 'zh' }, { language: 'en' });
    expect(ruleOf(set, said('多少钱'))).toBe('r0');
    expect(ruleOf(set, { ...said('how much'), language: 'zh' })).toBe('r1');
    expect(ruleOf(set, { ...said('123'), language: 'zh' })).toBe('r0');
    expect(ruleOf(set, said('123'))).toBe('nothing-matched');
  });

  test('only the first message of a burst is the first', () => {
    const set = rules({ first: 'session' }, { contains: ['price'] });
    expect(ruleOf(set, { ...said('hi', 'price'), firstOfSession: true })).toBe('r0,r1');
    expect(ruleOf(set, { ...said('hi', 'there'), firstOfSession: true })).toBe('r0');
  });

  test('nth: from the nth time on that the same is asked, however it is written, this burst included', () => {
    const set = rules({ contains: ['发货'], nth: { same: 3 } }, { contains: ['发货'] });
    const key = questionKey({ type: 'text', text: '發貨了嗎？' }) ?? '';
    const asked = (before: number): Asked => ({ ...said('发货了吗'), repeats: { same: { [key]: before } } });
    expect([0, 1, 2, 7].map((before) => ruleOf(set, asked(before)))).toEqual(['r1', 'r1', 'r0', 'r0']);
    const twice = said('发货了吗', '发货了吗');
    expect(ruleOf(set, { ...twice, repeats: { same: { [key]: 1 } } })).toBe('r1,r0');
    expect(ruleOf(set, { ...twice, repeats: { same: {} } })).toBe('r1');
    expect(key).not.toContain('发货');
  });
});

describe('what no rule knows', () => {
  const set = rules({ contains: ['price'] }, { nth: { unmatched: 2 }, handOver: undefined });
  test('a rule may speak in the fallback’s place, and never beside an answer', () => {
    expect(chooseReply(set, { ...said('hm'), repeats: { unmatched: 1 } })).toEqual({
      do: 'reply',
      insteadOfFallback: true,
      replies: [{ rule: 'r1', reply: { text: 'r1' } }],
    });
    expect(ruleOf(set, { ...said('hm', 'price'), repeats: { unmatched: 1 } })).toBe('r0');
  });

  test('or hand over, but not where another message of the burst was answered', () => {
    const given = rules({ contains: ['price'] }, { nth: { unmatched: 1 }, reply: undefined, handOver: true });
    expect(chooseReply(given, { ...said('hm'), repeats: { unmatched: 0 } })).toMatchObject({
      do: 'hand-over',
      rule: 'r1',
    });
    expect(ruleOf(given, { ...said('hm', 'price'), repeats: { unmatched: 0 } })).toBe('r0');
  });
});

describe('what a rule does', () => {
  test('several replies, in order; a quick reply in the language of the question, or in the one that it has', () => {
    const set = RuleSet.parse({
      quickReplies: [
        { id: 'hours', zh: '九点到六点', en: 'Nine to six' },
        { id: 'zh-only', zh: '只有中文' },
      ],
      rules: [
        { id: 'hours', exact: ['hours', '时间'], replies: [{ quick: 'hours' }, { card: 'Amy' }, { quick: 'zh-only' }] },
      ],
    });
    const texts = (words: string) => {
      const chosen = chooseReply(set, said(words));
      return chosen.do === 'reply' ? chosen.replies.map(({ reply }) => reply) : [];
    };
    expect(texts('hours')).toEqual([{ text: 'Nine to six' }, { card: 'amy' }, { text: '只有中文' }]);
    expect(texts('时间')).toEqual([{ text: '九点到六点' }, { card: 'amy' }, { text: '只有中文' }]);
  });

  test('silence says nothing, and nothing counts as not understood', () => {
    const set = rules({ exact: ['...'], reply: undefined, silent: true }, { contains: ['price'] });
    expect(chooseReply(set, said('...'))).toEqual({ do: 'nothing', rules: ['r0'] });
    expect(ruleOf(set, said('...', 'price'))).toBe('r1');
  });

  test('a hand-over may name another team', () => {
    const set = rules({ contains: ['refund'], reply: undefined, handOver: { team: 'finance' } });
    const handedOver = { do: 'hand-over', because: 'rule', rule: 'r0', team: 'finance' };
    expect(chooseReply(set, said('refund'))).toEqual({ ...handedOver, wanted: { seenLanguage: 'en' } });
    expect(
      chooseReply(rules({ types: ['image'], reply: undefined, handOver: { team: 'finance' } }), {
        questions: [{ type: 'image' }],
      }),
    ).toEqual(handedOver);
  });
});

describe('any rules, any messages', () => {
  const alphabet = fc.constantFrom('a', 'B', 'ｃ', '营', '營', '１', ' ', '?', '退');
  const word = fc.array(alphabet, { minLength: 1, maxLength: 3 }).map((letters) => letters.join(''));
  const words = fc.array(word, { minLength: 1, maxLength: 3 });
  const rule = fc
    .record(
      {
        exact: words,
        contains: words,
        all: fc.array(fc.oneof(word, words), { minLength: 1, maxLength: 2 }),
        regex: fc.constantFrom(['a+b?'], ['^营']),
        literal: fc.constant(true),
        scene: fc.constantFrom(['shop'], ['web']),
        language: fc.constantFrom('zh', 'en'),
        types: fc.constantFrom(['image']),
        click: fc.constantFrom(['x'], ['y']),
      },
      { requiredKeys: [] },
    )
    .map((fields) => fields);
  const question = fc.oneof(
    fc.array(alphabet, { maxLength: 8 }).map((letters) => ({ type: 'text', text: letters.join('') })),
    fc.constantFrom({ type: 'image' }, { type: 'text', text: 'a', menuId: 'x' }),
  );

  test('the first rule in order that matches a message answers it, and looking at few finds the same as looking at all', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 12 }),
        question,
        fc.constantFrom('shop', undefined),
        (written, one, scene) => {
          const set = rules(...written);
          const asked: Asked = { questions: [one], ...(scene && { scene }) };
          const first = explainRules(set, asked).find(({ verdicts }) => verdicts[0]?.matches);
          expect(ruleOf(set, asked)).toBe(first?.rule ?? 'nothing-matched');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a burst answers what its messages answer one by one, each rule once, in their order', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 8 }),
        fc.array(question, { minLength: 1, maxLength: 5 }),
        (written, burst) => {
          const set = rules(...written);
          const alone = burst
            .map((one) => ruleOf(set, { questions: [one] }))
            .filter((found) => found !== 'nothing-matched');
          expect(ruleOf(set, { questions: burst })).toBe([...new Set(alone)].join() || 'nothing-matched');
        },
      ),
      { numRuns: 300 },
    );
  });
});
