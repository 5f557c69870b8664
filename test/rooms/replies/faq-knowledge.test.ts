import { describe, expect, test } from '@jest/globals';
import { FaqEntry } from '../../../lib/replies/faq.ts';
import { fromKnowledge, toKnowledge } from '../../../lib/replies/faq-knowledge.ts';

const entry = FaqEntry.parse({
  id: 'returns',
  question: '怎么退货？',
  similar: ['我要退货'],
  answer: { text: '七天内' },
});
const item = {
  intentId: 'I_1',
  groupId: 'G1',
  question: '怎么退货？',
  similar: ['我要退货'],
  text: '七天内',
  attachments: [],
};

describe('an entry for WeCom’s knowledge base', () => {
  test('keeps its question, its similar ones and its answer', () => {
    expect(toKnowledge(entry)).toEqual({
      ok: true,
      item: { question: '怎么退货？', similar: ['我要退货'], answer: { text: '七天内', attachments: [] } },
      leftOut: [],
    });
  });

  test('tells what there is no place for', () => {
    const rich = FaqEntry.parse({ ...entry, tags: ['after sales'], answers: { en: { text: 'seven days' } } });
    expect(toKnowledge(rich)).toMatchObject({
      ok: true,
      leftOut: ['the answer in another language (en)', 'the tags'],
    });
  });

  const menu = { items: [{ type: 'text' as const, content: 'x' }] };
  test.each([
    ['switched off', { enabled: false }, /switched off/],
    ['with a menu', { answer: { menu } }, /a menu/],
    ['with a long answer', { answer: { text: 'x'.repeat(501) } }, /answer has 501 characters, at most 500/],
  ])('cannot be one that is %s', (_, change, problem) => {
    expect(toKnowledge(FaqEntry.parse({ ...entry, ...change }))).toEqual({
      ok: false,
      problems: [expect.stringMatching(problem)],
    });
  });
});

describe('an item of WeCom’s knowledge base', () => {
  test('becomes an entry with WeCom’s id, and goes back as it came', () => {
    const read = fromKnowledge(item);
    expect(read).toEqual({ ok: true, entry: { ...entry, id: 'I_1' }, leftOut: [] });
    expect(read.ok && toKnowledge(read.entry)).toEqual(toKnowledge(entry));
  });

  test('gets an id of its question where WeCom’s is none here', () => {
    const ids = [1, 2].map(() => {
      const read = fromKnowledge({ ...item, intentId: 'x'.repeat(49) });
      return read.ok && read.entry.id;
    });
    expect(ids[0]).toMatch(/^q-[0-9a-f]{12}$/);
    expect(ids[0]).toBe(ids[1]);
  });

  test('has its wordings on one line, blank ones left out, and tells which attachments stay behind', () => {
    const read = fromKnowledge({
      ...item,
      question: '怎么\n退货？ ',
      similar: [' ', '我要\r\n退货'],
      attachments: ['image', 'link'],
    });
    expect(read).toMatchObject({
      ok: true,
      entry: { question: '怎么 退货？', similar: ['我要 退货'] },
      leftOut: ['an attachment (image)', 'an attachment (link)'],
    });
  });

  test('is none without a text to answer, or without words to ask', () => {
    expect(fromKnowledge({ ...item, text: '', attachments: ['video'] })).toEqual({
      ok: false,
      problems: ['its answer has no text'],
    });
    expect(fromKnowledge({ ...item, question: '？' })).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/needs a letter/)],
    });
  });
});
