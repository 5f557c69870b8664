import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { cut, LONGEST_LINE, linesOf } from '../../../lib/platform/log-line.ts';

const Line = z.record(z.string(), z.union([z.string(), z.number()]));
const read = (lines: readonly string[]) => lines.map((line) => Line.parse(JSON.parse(line)));
const bytes = (text: string) => Buffer.byteLength(text);

const TRACE = '0123456789abcdef0123456789abcdef';
const always = { level: 'warn', message: 'WeCom refused a call', service: 'route-message', trace: TRACE };
const conversationId = `wk${'A'.repeat(30)}:wm${'B'.repeat(30)}`;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '张', '😀', '\ud800', '\u0000'), maxLength: 150 }),
);
const names = ['app', 'api', 'reason', 'kind', 'conversationId', 'customerId', 'effectId', 'stack', 'messageId'];
const fields = fc.array(
  fc.tuple(
    fc.constantFrom(...names),
    fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
  ),
  { maxLength: 12 },
);

test('no line is longer than it may be, whatever is logged; every part leads to the others, and no field is missing', () => {
  const anything = fc.record({
    level: fc.constantFrom('debug', 'info', 'warn', 'error'),
    message: text,
    service: text,
    trace: text,
    errcode: fc.option(fc.integer(), { nil: undefined }),
    error: fc.option(text, { nil: undefined }),
    fields,
  });
  fc.assert(
    fc.property(anything, ({ errcode, error, fields: some, ...of }) => {
      const given = [...new Map(some)];
      const lines = linesOf(of, { errcode, error }, given);
      const parts = read(lines);
      const [first] = parts;

      expect(lines.map(bytes).filter((length) => length > LONGEST_LINE)).toEqual([]);
      expect(first?.errcode).toBe(errcode);
      expect(first && 'error' in first).toBe(error !== undefined);
      // Who finds one part knows how many there are, and finds them by what all of them have.
      expect(parts.map(({ part }) => part)).toEqual(
        parts.map((_, index) => (parts.length === 1 ? undefined : `${index + 1}/${parts.length}`)),
      );
      for (const { level, message, service, trace } of parts)
        expect({ level, message, service, trace }).toEqual({
          level: of.level,
          message: first?.message,
          service: first?.service,
          trace: first?.trace,
        });
      const told = new Map(parts.flatMap((part) => Object.entries(part)));
      for (const [name, value] of given) {
        const written = told.get(name);
        // The JSON form has no half characters and no minus in front of zero.
        const meant: unknown = JSON.parse(JSON.stringify(value));
        if (written === meant || typeof written !== 'string') expect(written).toEqual(meant);
        else expect([written.endsWith('…'), String(meant).startsWith(written.slice(0, -1))]).toEqual([true, true]);
      }
    }),
  );
});

test('what has room is told in one line', () => {
  expect(linesOf(always, { errcode: 45009 }, [['app', 'main']])).toEqual([
    `{"level":"warn","message":"WeCom refused a call","service":"route-message","trace":"${TRACE}","errcode":45009,"app":"main"}`,
  ]);
});

test('what has no room goes on in a second line, whole, with the same message and trace', () => {
  const places =
    'at save (route-message.mjs:12:3456) at decide (route-message.mjs:1:22) at run (route-message.mjs:9:1)';
  const facts = [
    ['app', 'main'],
    ['conversationId', conversationId],
    ['effectId', `${conversationId}-17`],
    ['stack', places],
  ] as const;
  const parts = read(linesOf(always, { errcode: 95016, error: 'WeComRefusal' }, facts));

  expect(parts).toEqual([
    {
      ...always,
      errcode: 95016,
      error: 'WeComRefusal',
      app: 'main',
      conversationId,
      part: '1/3',
    },
    { ...always, effectId: `${conversationId}-17`, part: '2/3' },
    { ...always, stack: places, part: '3/3' },
  ]);
});

test('a value for which a whole line is too short is cut by whole characters, and says so', () => {
  const [, second] = read(
    linesOf(always, {}, [
      ['app', 'main'],
      ['reason', '😀'.repeat(100)],
    ]),
  );
  expect(second?.reason).toMatch(/^(😀)+…$/u);
  expect(cut('张三', 6)).toBe('张三');
  expect(cut('张三', 5)).toBe('…');
  expect(cut('"quoted"', 8)).toBe('"quo…');
});
