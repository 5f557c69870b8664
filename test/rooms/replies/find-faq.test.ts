import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Faq } from '../../../lib/replies/faq.ts';
import { faqIndex } from '../../../lib/replies/faq-index.ts';
import { FAQ_DEFAULTS, findFaq, rankFaq } from '../../../lib/replies/find-faq.ts';
import { HELD_BACK, NEAR_TIES, SHOP, TUNED } from './faq-questions.ts';

const shop = faqIndex(SHOP);
/** A list with an entry per line: `id: wording | wording`. */
const listOf = (...lines: string[]) =>
  Faq.parse(
    lines.map((line) => {
      const [id = '', wordings = ''] = line.split(': ');
      const [question, ...similar] = wordings.split('|');
      return { id, question, similar, answer: { text: id } };
    }),
  );
const indexOf = (...lines: string[]) => faqIndex(listOf(...lines));
const outcome = (index: typeof shop, text: string) => {
  const found = findFaq(index, text);
  if (found.is === 'answer') return found.entry.id;
  return found.is === 'menu' ? found.entries.map(({ entry }) => entry.id) : 'none';
};

describe('the sample list', () => {
  test.each([
    ['tuned', TUNED, 5 / 6],
    ['held back', HELD_BACK, 5 / 6],
  ])('the right entry answers most questions (%s), and no wrong one does', (_, { right }, share) => {
    const answered = right.filter(([text, entry]) => outcome(shop, text) === entry);
    expect(answered.length / right.length).toBeGreaterThanOrEqual(share);
    expect(right.filter(([text, entry]) => ![entry, 'none'].includes(String(outcome(shop, text))))).toEqual([]);
  });

  test.each([...TUNED.right, ...HELD_BACK.right])('%s comes first to %s', (text, entry) => {
    expect(rankFaq(shop, text)[0]?.entry.id).toBe(entry);
  });

  test.each([...TUNED.unrelated, ...HELD_BACK.unrelated])('%s is not answered', (text) => {
    expect(outcome(shop, text)).toBe('none');
  });

  test.each(NEAR_TIES)('%s is asked back', (text, entries) => {
    const offered = outcome(shop, text);
    expect(Array.isArray(offered) ? offered.toSorted() : offered).toEqual(entries);
  });

  test('the defaults stand between right and wrong', () => {
    const wrong = TUNED.unrelated.map((text) => rankFaq(shop, text)[0]?.score ?? 0);
    expect(Math.max(...wrong)).toBeLessThan(FAQ_DEFAULTS.threshold - 0.05);
  });
});

describe('word for word', () => {
  test.each(['怎么退货？', '怎么 退货', '  怎么退货', '怎么退货!!!', '『怎么退货』'])('%s scores 1', (text) => {
    expect(findFaq(shop, text)).toMatchObject({ is: 'answer', entry: { id: 'returns' }, score: 1 });
  });

  test.each(['HOW DO I RETURN AN ITEM', 'Ｈｏｗ　ｄｏ Ｉ return an item??', 'hi! how do I return an item, please'])(
    'so does %s, whatever its case, width and marks',
    (text) => expect(findFaq(shop, text)).toMatchObject({ is: 'answer', entry: { id: 'returns' }, score: 1 }),
  );

  test('a wording within the text scores 1, however long the story around it', () => {
    const story = `${'我上个月在你们店里买了三双鞋，有一双穿了两天鞋底就开了。'.repeat(8)}请问优惠券用不了怎么处理`;
    expect(findFaq(shop, story)).toMatchObject({ is: 'answer', entry: { id: 'coupon' }, score: 1 });
  });

  test('a shorter wording within a longer one was not asked', () => {
    const index = indexOf('paper: 发票', 'electronic: 电子发票');
    expect(outcome(index, '我要电子发票')).toBe('electronic');
    expect(outcome(index, '我要发票')).toBe('paper');
  });

  test('two questions in one message are both offered', () => {
    expect(outcome(shop, '怎么退货？运费多少钱？')).toEqual(['returns', 'shipping-cost']);
  });

  test('words of letters are contained as whole words, and one Chinese character only as the whole text', () => {
    const index = indexOf('cat: cat', 'back: 退');
    expect(outcome(index, 'do you have a cat')).toBe('cat');
    expect(rankFaq(index, 'concatenate')).toEqual([]);
    expect(outcome(index, '退')).toBe('back');
    expect(rankFaq(index, '我想退')[0]?.score).toBeLessThan(1);
  });

  test('asked word for word beats what is merely close', () => {
    const index = indexOf('mine: 怎么修改我的收货地址', 'hers: 怎么修改她的收货地址');
    expect(outcome(index, '怎么修改她的收货地址')).toBe('hers');
  });

  test('nothing but a wording scores 1: the same words in another order are only close', () => {
    expect(rankFaq(indexOf('a: order my cancel'), 'cancel my order')[0]?.score).toBeLessThan(1);
  });
});

describe('near matches', () => {
  test('another division into words does no harm', () => {
    const index = indexOf('a: 退货退款', 'b: 会员积分', 'c: 营业时间');
    expect(outcome(index, '货退款')).toBe('a');
  });

  test('singular and plural are the same', () => {
    const index = indexOf('a: return policy for batteries', 'b: gift boxes');
    expect(outcome(index, 'battery return policies')).toBe('a');
    expect(outcome(index, 'a gift box')).toBe('b');
  });

  test('the clause that asks counts, not the greeting before it', () => {
    const text = '您好呀，麻烦帮忙看一下，昨晚十点多买的那个杯子，几天可以发货呢，谢谢';
    expect(outcome(shop, text)).toBe('delivery-time');
  });

  test('simplified and traditional are told apart unless folded', () => {
    const fold = (text: string) => text.replaceAll('運', '运').replaceAll('費', '费').replaceAll('錢', '钱');
    expect(outcome(shop, '運費多少錢')).toBe('none');
    expect(outcome(faqIndex(SHOP, { fold }), '運費多少錢')).toBe('shipping-cost');
    expect(outcome(faqIndex(listOf('a: 運費多少錢'), { fold }), '运费多少钱')).toBe('a');
  });

  test('a wording that several entries share offers them in the order of their ids, at most four', () => {
    const index = indexOf('e: 问题五|地址', 'c: 问题三|地址', 'a: 问题一|地址', 'd: 问题四|地址', 'b: 问题二|地址');
    expect(outcome(index, '地址')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('stricter thresholds answer less and offer less', () => {
    expect(findFaq(shop, '实体店在哪里', { threshold: 0.9 })).toMatchObject({
      is: 'none',
      best: { entry: { id: 'store' } },
    });
    expect(findFaq(shop, '地址').is).toBe('menu');
    expect(findFaq(shop, '地址', { closeBy: 0.01 })).toMatchObject({ is: 'answer', entry: { id: 'address' } });
    expect(findFaq(shop, '地址', { lowest: 0.7, threshold: 0.7 })).toMatchObject({ is: 'none' });
  });
});

describe('the list', () => {
  test('what is switched off is not found', () => {
    const off = SHOP.map((entry) => (entry.id === 'returns' ? { ...entry, enabled: false } : entry));
    expect(outcome(faqIndex(off), '怎么退货')).not.toBe('returns');
  });

  test('an empty list finds nothing', () => {
    expect(findFaq(faqIndex([]), '怎么退货')).toEqual({ is: 'none' });
  });

  test('marks and emoji alone find nothing', () => {
    for (const text of ['', '  ', '？！', '👍👍', '[]']) expect(findFaq(shop, text)).toEqual({ is: 'none' });
  });
});

describe('whatever the list and the text', () => {
  const character = fc.constantFrom(...'退货款发票怎么我的地址abcs ,。?15');
  const words = fc
    .string({ unit: character, minLength: 1, maxLength: 12 })
    .filter((text) => /[\p{L}\p{N}]/u.test(text));
  const lists = fc
    .uniqueArray(words, { minLength: 1, maxLength: 12, selector: (text) => text.replace(/[^\p{L}\p{N}]/gu, '') })
    .map((questions) => Faq.parse(questions.map((question, n) => ({ id: `q${n}`, question, answer: { text: 'a' } }))));
  const texts = fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 80 }));

  test('scores lie within 0 and 1, in order, and do not depend on the order of the list', () => {
    fc.assert(
      fc.property(lists, texts, (list, text) => {
        const ranked = rankFaq(faqIndex(list), text).map(({ entry, score }) => ({ id: entry.id, score }));
        for (const { score } of ranked) expect(score > 0 && score <= 1).toBe(true);
        expect(ranked).toEqual(ranked.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)));
        const turned = rankFaq(faqIndex(list.toReversed()), text).map(({ entry, score }) => ({ id: entry.id, score }));
        expect(turned).toEqual(ranked);
      }),
    );
  });

  test('every entry is found by its own question', () => {
    fc.assert(
      fc.property(lists, fc.nat(), (list, pick) => {
        const wanted = list[pick % list.length];
        const ranked = rankFaq(faqIndex(list), wanted?.question ?? '');
        expect(ranked.find(({ entry }) => entry.id === wanted?.id)?.score).toBe(1);
      }),
    );
  });

  test('a menu has two to four entries, all above the lowest score', () => {
    fc.assert(
      fc.property(lists, texts, (list, text) => {
        const found = findFaq(faqIndex(list), text);
        if (found.is !== 'menu') return;
        expect(found.entries.length).toBeGreaterThanOrEqual(2);
        expect(found.entries.length).toBeLessThanOrEqual(4);
        for (const { score } of found.entries) expect(score).toBeGreaterThanOrEqual(FAQ_DEFAULTS.lowest);
      }),
    );
  });
});
