import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { answerIn, Faq, FaqEntry } from '../../../lib/replies/faq.ts';
import { bareWords } from '../../../lib/replies/word-segments.ts';

const entry = { id: 'returns', question: '怎么退货？', answer: { text: '七天内' } };
const aMenuOf = (items: number) => ({
  menu: { items: Array.from({ length: items }, () => ({ type: 'text', content: 'x' })) },
});
const problems = (value: unknown) => {
  const read = Faq.safeParse(value);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('a list of frequent questions', () => {
  test('needs an id, a question and an answer; the rest has defaults', () => {
    expect(Faq.parse([entry])).toEqual([{ ...entry, similar: [], tags: [], enabled: true }]);
  });

  test.each([
    ['an odd id', { id: '退货' }, /^0\.id: an id has 1 to 48 of/],
    ['a long id', { id: 'x'.repeat(49) }, /^0\.id: an id has 1 to 48 of/],
    ['a blank question', { question: '  ' }, /^0\.question: a wording is empty/],
    ['a question of marks', { question: '？？' }, /^0\.question: a wording needs a letter/],
    ['a long question', { question: '退'.repeat(201) }, /^0\.question: a wording has at most 200 characters/],
    ['two lines in one wording', { similar: ['a\nb'] }, /^0\.similar\.0: a wording is one line/],
    [
      '101 similar wordings',
      { similar: Array.from({ length: 101 }, (_, n) => `退${n}`) },
      /^0\.similar: .* at most 100/,
    ],
    ['a blank tag', { tags: [' '] }, /^0\.tags\.0: a tag is empty/],
    ['a tag of two lines', { tags: ['a\nb'] }, /^0\.tags\.0: a tag is one line/],
    [
      'an answer of 2049 bytes',
      { answer: { text: 'x'.repeat(2049) } },
      /^0\.answer: WeCom would refuse this answer .*2048/,
    ],
    ['a blank answer', { answer: { text: ' ' } }, /^0\.answer: .*text is empty/],
    ['a menu too long', { answers: { en: aMenuOf(11) } }, /^0\.answers\.en: .*at most 10 items/],
    ['answers in no language', { answers: {} }, /^0\.answers: answers name no language/],
    ['an unknown field', { category: 'x' }, /category/],
  ])('does not take %s, and says the mend', (_, change, message) => {
    const found = problems([{ ...entry, ...change }]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  test('has every id and every question once; a similar wording may belong to several', () => {
    expect(problems([entry, { ...entry, question: '换货' }])).toEqual([
      '1.id: entry 1 has the id returns already: give this one another',
    ]);
    expect(problems([entry, { ...entry, id: 'again', question: '怎么 退货!' }])).toEqual([
      '1.question: entry 1 asks the same: make one entry of the two, or word the question otherwise',
    ]);
    expect(
      problems([
        { ...entry, similar: ['退'] },
        { ...entry, id: 'b', question: '换货', similar: ['退'] },
      ]),
    ).toEqual([]);
  });

  test('is at most 2000 entries long', () => {
    const many = Array.from({ length: 2001 }, (_, n) => ({ ...entry, id: `q${n}`, question: `第${n}个` }));
    expect(problems(many)).toEqual([': a list has at most 2000 entries: divide it among the accounts']);
    expect(problems(many.slice(1))).toEqual([]);
  });

  test('answers in the customer’s language where there is such an answer', () => {
    const both = FaqEntry.parse({ ...entry, answers: { en: { text: 'seven days' } } });
    expect(answerIn(both, 'en')).toEqual({ text: 'seven days' });
    expect(answerIn(both, 'zh')).toEqual({ text: '七天内' });
    expect(answerIn(both)).toEqual({ text: '七天内' });
  });
});

describe('bare words', () => {
  test.each([
    ['怎么 退货？', '怎么退货'],
    ['用iPhone１５付款', '用 iphone15 付款'],
    ['  What’s   NEW?! ', 'what s new'],
    ['7-day「退货」', '7 day 退货'],
    ['？！👍', ''],
  ])('%s is "%s"', (text, bare) => expect(bareWords(text)).toBe(bare));

  test('have letters, digits and single spaces between them, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        expect(bareWords(text)).toMatch(/^([\p{L}\p{M}\p{N}]+( [\p{L}\p{M}\p{N}]+)*)?$/u);
      }),
    );
  });
});
