import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Faq } from '../../../lib/replies/faq.ts';
import { faqFromCsv, faqToCsv } from '../../../lib/replies/faq-csv.ts';

const lines = (...rows: string[]): string => rows.join('\n');
const HEADER = 'id,question,similar,answer,enabled';
const entriesOf = (file: string | Uint8Array) => {
  const read = faqFromCsv(file);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.faq;
};
const problemsOf = (file: string | Uint8Array) => {
  const read = faqFromCsv(file);
  return read.ok ? [] : read.problems;
};

/** A text as Excel saves it in China: what TextDecoder makes of every two bytes, backwards. */
function gbk(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030');
  const bytesOf = new Map<string, number[]>();
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) bytesOf.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
  }
  return Uint8Array.from([...text].flatMap((character) => bytesOf.get(character) ?? [character.charCodeAt(0)]));
}

describe('a CSV file', () => {
  test('has an entry per line, similar questions by lines or |, and quotes where needed', () => {
    const file = lines(
      HEADER,
      'returns,怎么退货？,我要退货|可以退吗｜退货,"七天内，""免费""",true',
      'hours,营业时间,"几点开门',
      '几点关门",九点,否',
    );
    expect(entriesOf(file)).toEqual([
      {
        id: 'returns',
        question: '怎么退货？',
        similar: ['我要退货', '可以退吗', '退货'],
        answer: { text: '七天内，"免费"' },
        tags: [],
        enabled: true,
      },
      {
        id: 'hours',
        question: '营业时间',
        similar: ['几点开门', '几点关门'],
        answer: { text: '九点' },
        tags: [],
        enabled: false,
      },
    ]);
  });

  test('needs only question and answer, in any order and by their Chinese names; blank lines and columns do not matter', () => {
    const [entry] = entriesOf(lines('答案,问题,,', '七天内,怎么退货,,', ',,,', ''));
    expect(entry).toMatchObject({ question: '怎么退货', answer: { text: '七天内' }, enabled: true });
    expect(entry?.id).toMatch(/^q-[0-9a-f]{12}$/);
    expect(entriesOf(lines('question,answer', '怎么退货,另一个答案'))[0]?.id).toBe(entry?.id);
  });

  test.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])('may be separated by %s', (_, separator) => {
    const file = lines(['id', 'question', 'answer'].join(separator), ['a', '怎么退货', 'x'].join(separator));
    expect(entriesOf(file)).toMatchObject([{ id: 'a', question: '怎么退货', answer: { text: 'x' } }]);
  });

  test.each([
    ['UTF-8', Buffer.from('question,answer\r\n联通怎么付款,可以\r\n')],
    ['UTF-8 with its mark', Buffer.from('\ufeffquestion,answer\r\n联通怎么付款,可以\r\n')],
    ['GBK', gbk('question,answer\r\n联通怎么付款,可以\r\n')],
    ['UTF-16', Buffer.from('\ufeffquestion\tanswer\r\n联通怎么付款\t可以\r\n', 'utf16le')],
  ])('may be %s', (_, bytes) => {
    expect(entriesOf(bytes)).toMatchObject([{ question: '联通怎么付款', answer: { text: '可以' } }]);
  });

  test('a menu is an answer in JSON', () => {
    const menu = { head: '请选择', items: [{ type: 'click' as const, id: 'a', content: 'A' }] };
    const faq = Faq.parse([{ id: 'a', question: '怎么退货', answer: { menu }, answers: { en: { text: '{"x"}' } } }]);
    expect(entriesOf(faqToCsv(faq))).toEqual(faq);
  });

  test('a spreadsheet computes nothing of what we write', () => {
    const texts = ['=1+1', '-10%', '+86 10', '@all', "'=1", '＝1'];
    const faq = Faq.parse(texts.map((text, n) => ({ id: `q${n}`, question: `${text}${n}`, answer: { text } })));
    const written = faqToCsv(faq);
    expect(written).not.toMatch(/[,\n]"?[=+\-@＝]/);
    expect(entriesOf(written)).toEqual(faq);
  });

  test('begins with the mark by which Excel knows UTF-8, and ends lines as Windows does', () => {
    expect(faqToCsv([])).toBe('\ufeffid,question,similar,answer,enabled\r\n');
  });
});

describe('what cannot be read names its line, its column and the mend', () => {
  test.each([
    [
      'no columns',
      '',
      [
        [1, undefined, 'there is no column question'],
        [1, undefined, 'there is no column answer'],
      ],
    ],
    ['an unknown column', 'question,answer,备注', [[1, undefined, 'column 3 has a name that is not known']]],
    ['a column twice', 'question,answer,问题', [[1, undefined, 'there are two columns question']]],
    [
      'a column of every object',
      'question,answer,constructor',
      [[1, undefined, 'column 3 has a name that is not known']],
    ],
    ['no answer', lines(HEADER, 'a,怎么退货,,,'), [[2, 'answer', 'is empty']]],
    ['no question', lines(HEADER, 'a,,,x,'), [[2, 'question', 'a wording is empty']]],
    ['an odd id', lines(HEADER, '退,怎么退货,,x,'), [[2, 'id', /^an id has 1 to 48/]]],
    ['an odd switch', lines(HEADER, 'a,怎么退货,,x,maybe'), [[2, 'enabled', 'is neither yes nor no']]],
    ['half a menu', lines(HEADER, 'a,怎么退货,,"{""menu"":1}",'), [[2, 'answer', 'begins like JSON and is no answer']]],
    [
      'one cell too many',
      lines(HEADER, 'a,怎么退货,,x,true,y'),
      [[2, undefined, 'has a cell in a column without a name']],
    ],
    [
      'a long similar question after cells of several lines',
      lines(HEADER, 'a,怎么退货,"x\r\ny\r\nz",ok,', '', `b,怎么换货,ok|${'长'.repeat(201)},ok,`),
      [[6, 'similar', /^in number 2, a wording has at most 200 characters/]],
    ],
    ['an id twice', lines(HEADER, 'a,怎么退货,,x,', 'a,怎么换货,,x,'), [[3, 'id', /^entry 1 has the id a already/]]],
    ['an open quote', lines(HEADER, 'a,怎么退货,,x,', 'b,"怎么换货,,x,', 'c,d,,x,'), [[3, undefined, /never closed/]]],
    ['a quote in a cell', lines(HEADER, 'a,怎么"退货",,x,'), [[2, undefined, /quote .* in the middle/]]],
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), [[1, undefined, /a workbook/]]],
    ['a picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0x10), [[1, undefined, /neither UTF-8 nor GBK/]]],
  ])('%s', (_, file, expected) => {
    const found = problemsOf(file);
    expect(found).toMatchObject(
      expected.map(([line, column, problem]) => ({
        line,
        ...(column !== undefined && { column }),
        problem: problem instanceof RegExp ? expect.stringMatching(problem) : problem,
      })),
    );
    for (const { mend } of found) expect(mend.length).toBeGreaterThan(5);
  });

  test('every problem of a file is told at once, in the order of its lines', () => {
    const file = lines(HEADER, 'a,怎么退货,,,maybe', 'b,,,x,', 'c,怎么换货,,x,perhaps');
    expect(problemsOf(file).map(({ line, column }) => `${line} ${column}`)).toEqual([
      '2 enabled',
      '2 answer',
      '3 question',
      '4 enabled',
    ]);
  });
});

describe('whatever the list', () => {
  const unit = fc.oneof(fc.constantFrom(...'退货abc,;|｜"\'=+-@{}\t '), fc.string({ unit: 'grapheme', maxLength: 1 }));
  const line = fc.string({ unit, minLength: 1, maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ' '));
  const wording = line.map((text) => `${text}退`);
  const text = fc
    .array(line, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('\n'))
    .filter((words) => words.trim() !== '');
  const reply = fc.oneof(
    text.map((words) => ({ text: words })),
    text.map((content) => ({ menu: { items: [{ type: 'text', content }] } })),
  );
  const answers = fc.option(
    fc.oneof(
      reply.map((zh) => ({ zh })),
      fc.record({ zh: reply, en: reply }),
    ),
    { nil: undefined },
  );
  const lists = fc
    .array(
      fc.record({
        question: wording,
        similar: fc.array(wording, { maxLength: 3 }),
        answer: reply,
        answers,
        tags: fc.array(wording, { maxLength: 2 }),
        enabled: fc.boolean(),
      }),
      { maxLength: 4 },
    )
    .map((entries) =>
      Faq.parse(
        entries.map(({ answers: others, question, ...entry }, n) => ({
          ...entry,
          id: `q${n}`,
          question: `${question}${n}`,
          ...(others && { answers: others }),
        })),
      ),
    );

  test('what was written reads as the same, as text and as bytes', () => {
    fc.assert(
      fc.property(lists, (faq) => {
        const written = faqToCsv(faq);
        expect(faqFromCsv(written)).toEqual({ ok: true, faq });
        expect(faqFromCsv(Buffer.from(written))).toEqual({ ok: true, faq });
      }),
      { numRuns: 300 },
    );
  });

  test('no file makes it throw', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const file = fc.oneof(fc.string({ unit, maxLength: 200 }), bytes);
    fc.assert(
      fc.property(file, fc.boolean(), (rest, headed) => {
        const all = typeof rest === 'string' ? (headed ? `${HEADER}\n${rest}` : rest) : rest;
        expect(typeof faqFromCsv(all).ok).toBe('boolean');
      }),
    );
  });
});
