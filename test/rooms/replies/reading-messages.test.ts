import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { chooseReply } from '../../../lib/replies/choose-reply.ts';
import { languageOf } from '../../../lib/replies/language.ts';
import { DISTINCTIONS, fold, foldWhole } from '../../../lib/replies/normalize.ts';
import { compilePattern, foldForPatterns } from '../../../lib/replies/pattern.ts';
import { fillPlaceholders } from '../../../lib/replies/placeholders.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { simplify } from '../../../lib/replies/simplify.ts';

describe('folding', () => {
  const letters = fc.oneof(
    fc.constantFrom('營', '业', '龜', '薴', '苧', '乾', 'Ａ', 'a', 'İ', 'ß', '１', '　', ' ', '！', '㎏', 'ﬁ', 'Σ'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const text = fc.array(letters, { maxLength: 12 }).map((all) => all.join(''));
  const distinguish = fc.subarray([...DISTINCTIONS]);

  test('folding twice is folding once, whatever is told apart', () => {
    fc.assert(
      fc.property(text, distinguish, (words, apart) => {
        expect(fold(fold(words, apart), apart)).toBe(fold(words, apart));
        expect(foldWhole(foldWhole(words, apart), apart)).toBe(foldWhole(words, apart));
      }),
      { numRuns: 2000 },
    );
  });

  test('traditional characters become simplified ones, and stay so', () => {
    expect(simplify('請問營業時間？開門嗎')).toBe('请问营业时间？开门吗');
    expect(simplify('营业时间 opening hours 一')).toBe('营业时间 opening hours 一');
    fc.assert(fc.property(text, (words) => expect(simplify(simplify(words))).toBe(simplify(words))));
  });

  test.each([
    ['width', 'ａｂｃ', 'abc'],
    ['case', 'ABC', 'abc'],
    ['script', '營業', '营业'],
  ] as const)('%s is told apart only when a rule says so, alone or as part of literal', (distinction, other, usual) => {
    const matches = (rule: object) => {
      const set = RuleSet.parse({ rules: [{ id: 'one', exact: [usual], reply: { text: 'a' }, ...rule }] });
      return chooseReply(set, { questions: [{ type: 'text', text: other }] }).do === 'reply';
    };
    expect(matches({})).toBe(true);
    expect(matches({ distinguish: [distinction] })).toBe(false);
    expect(matches({ distinguish: DISTINCTIONS.filter((one) => one !== distinction) })).toBe(true);
    expect(matches({ literal: true })).toBe(false);
  });
});

describe('patterns', () => {
  const CATASTROPHIC = [
    '(a+)+$',
    '(a|a)*b',
    '(a|aa)+$',
    '(.*)*x',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(x+x+)+y',
    '(?:a?){300}a{300}',
  ];

  test.each(CATASTROPHIC)('%s reads a long text to its end', (source) => {
    const pattern = compilePattern(source);
    const text = foldForPatterns(`${'a'.repeat(50_000)}!`, []);
    expect(typeof pattern.foundIn(text)).toBe('boolean');
    expect(pattern.foundIn('!')).toBe(false);
  });

  test('any pattern either is refused or reads any text', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '(a',
      ')',
      '*',
      '+',
      '?',
      '|',
      '[ab]',
      '{2,50}',
      '(?:',
      '^',
      '$',
      '营',
      '\\d',
      '\\',
    );
    const source = fc.array(piece, { minLength: 1, maxLength: 14 }).map((pieces) => pieces.join(''));
    const text = fc.constantFrom('', 'a'.repeat(3000), 'ab'.repeat(1500), '营业'.repeat(1000), '1'.repeat(3000));
    fc.assert(
      fc.property(source, text, (written, words) => {
        let pattern: ReturnType<typeof compilePattern>;
        try {
          pattern = compilePattern(written);
        } catch (error) {
          expect(error).toMatchObject({ name: 'WrongPattern' });
          return;
        }
        expect(typeof pattern.foundIn(foldForPatterns(words, []))).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['(', 'does not compile: missing closing )'],
    ['(?=a)b', 'does not compile'],
    ['(a)\\1', 'does not compile'],
    ['(?:[a-z]{1,100}[0-9]{1,100}){9}', 'steps, more than 1000'],
    [`${'a'.repeat(501)}`, 'more than 500 characters'],
    ['几点？', 'full-width'],
  ])('%s is refused with the reason', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });

  test('a range of characters keeps its ends', () => {
    expect(compilePattern('^[一-龥]+$').foundIn('龟')).toBe(true);
    expect(compilePattern('^[一-龥]+$').foundIn('a')).toBe(false);
  });

  test('a pattern that a stored rule set should not have matches nothing, and other rules go on', () => {
    const set = RuleSet.parse({
      rules: [
        { id: 'broken', regex: ['('], reply: { text: 'a' } },
        { id: 'sound', regex: ['b+'], reply: { text: 'b' } },
      ],
    });
    expect(chooseReply(set, { questions: [{ type: 'text', text: '(b' }] })).toMatchObject({
      replies: [{ rule: 'sound' }],
    });
  });
});

describe('language', () => {
  test.each([
    ['多少钱', 'zh'],
    ['iPhone 15 Pro Max 多少钱', 'zh'],
    ['how much?', 'en'],
    ['How do I pay with 微信 from abroad?', 'en'],
    ['café', 'en'],
    ['123 👍', undefined],
    ['', undefined],
    ['いくらですか', undefined],
    ['Сколько стоит iPhone?', undefined],
  ])('%s', (words, language) => expect(languageOf(words)).toBe(language));
});

test('placeholders are filled in the corp’s time zone; other braces stay as they are', () => {
  const filling = { now: Date.UTC(2026, 8, 30, 17, 5), zone: 'Asia/Shanghai' };
  expect(fillPlaceholders('{date} {time} {constructor} {Time} {} {a b}', filling)).toBe(
    '2026-10-01 01:05 {constructor} {Time} {} {a b}',
  );
});
