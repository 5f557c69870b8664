import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { chooseReply, isCourtesy } from '../../../lib/replies/choose-reply.ts';
import { fold, foldWhole } from '../../../lib/replies/normalize.ts';
import { defaultRuleSet, RuleSet } from '../../../lib/replies/rule-set.ts';

const ruleSet = RuleSet.parse({
  rules: [
    { id: 'hi', exact: ['hello', '你好'], reply: { text: 'Hi' } },
    { id: 'hours', contains: ['opening hours', '营业时间'], reply: { text: 'Nine to five' } },
    { id: 'code', contains: ['123'], reply: { text: 'Code 123' } },
    { id: 'yes', click: ['y'], reply: { text: 'Good' } },
    { id: 'service', contains: ['service', '服务'], reply: { text: 'Our services' } },
    { id: 'voice', types: ['voice'], handOver: true },
  ],
});
const text = (words: string) => ({ type: 'text', text: words });
const rulesOf = (...words: string[]) => {
  const chosen = chooseReply(ruleSet, { questions: words.map(text) });
  return chosen.do === 'reply' ? chosen.replies.map(({ rule }) => rule) : chosen.do;
};

describe('matching', () => {
  test('exact: the whole message, marks, spaces, case and width aside; not a part of it', () => {
    for (const words of ['hello', 'Hello!', '  HELLO ', 'ｈｅｌｌｏ', '你好！', '「你好」'])
      expect(rulesOf(words)).toEqual(['hi']);
    expect(rulesOf('hello there')).toBe('nothing-matched');
  });

  test('contains: anywhere, in Chinese and English, full and half width', () => {
    expect(rulesOf('What are your OPENING　HOURS?')).toEqual(['hours']);
    expect(rulesOf('请问营业时间？')).toEqual(['hours']);
    expect(rulesOf('my code is １２３')).toEqual(['code']);
  });

  test('a click is a choice: its caption sets off no word rule, and its own rule wins whatever the caption says', () => {
    const click = (menuId: string, words: string) =>
      chooseReply(ruleSet, { questions: [{ type: 'text', text: words, menuId }] });
    expect(click('y', '人工')).toMatchObject({ do: 'reply', replies: [{ rule: 'yes' }] });
    expect(click('other', 'opening hours')).toEqual({ do: 'nothing-matched' });
  });

  test('a rule may match the type of a message', () => {
    expect(chooseReply(ruleSet, { questions: [{ type: 'voice' }] })).toEqual({
      do: 'hand-over',
      because: 'rule',
      rule: 'voice',
    });
    expect(chooseReply(ruleSet, { questions: [{ type: 'image' }] })).toEqual({ do: 'nothing-matched' });
  });
});

describe('a burst', () => {
  test('every matched rule answers once, in the order of the questions; what matched nothing needs no fallback', () => {
    expect(rulesOf('opening hours?', 'hm', 'hello', '营业时间')).toEqual(['hours', 'hi']);
  });

  test.each(['人工', '转人工', '我要转人工服务', 'human', 'Agent!', 'I want to talk to a person', 'ＨＵＭＡＮ'])(
    'asking for a person beats everything else: %s',
    (words) => {
      expect(chooseReply(ruleSet, { questions: [text('hello'), text(words), text('123')] })).toMatchObject({
        do: 'hand-over',
        because: 'customer',
      });
    },
  );

  test('asking for a person also beats a word rule that the same message sets off', () => {
    expect(rulesOf('转人工服务')).toBe('hand-over');
    expect(rulesOf('your service hours')).toEqual(['service']);
  });
});

describe('courtesy', () => {
  test.each([
    '谢谢',
    '好的，谢谢！',
    '好的谢谢👍',
    'OK',
    'Thank you very much!',
    '[强][强]',
    '👍🏽',
    '🙏 🙏',
    '嗯嗯 收到',
  ])('%s opens nothing', (words) => expect(isCourtesy(defaultRuleSet, text(words))).toBe(true));
  test.each(['谢谢，多少钱？', '好贵', 'ok but when', '?', '！！'])('%s is a question', (words) =>
    expect(isCourtesy(defaultRuleSet, text(words))).toBe(false),
  );
  test('a chosen menu item and a picture are no courtesy', () => {
    expect(isCourtesy(defaultRuleSet, { type: 'text', text: 'ok', menuId: 'y' })).toBe(false);
    expect(isCourtesy(defaultRuleSet, { type: 'image' })).toBe(false);
  });
});

describe('any text', () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 40 });
  test('folding twice is folding once, and choosing never fails', () => {
    fc.assert(
      fc.property(words, (said) => {
        expect(fold(fold(said))).toBe(fold(said));
        expect(foldWhole(foldWhole(said))).toBe(foldWhole(said));
        expect(['reply', 'hand-over', 'nothing-matched']).toContain(
          chooseReply(ruleSet, { questions: [text(said)] }).do,
        );
        expect(typeof isCourtesy(ruleSet, text(said))).toBe('boolean');
      }),
    );
  });
});
