import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type * as z from 'zod';
import { Faq, type FaqEntry, idOfQuestion } from './faq.ts';
import { answerCell, answerOfCell, guarded, listCell, listOfCell, switchOfCell, unguarded } from './faq-cells.ts';
import { textOfBytes } from './text-of-bytes.ts';

/** Something in a file that cannot be read, where it is, and how to mend it. Lines count from 1, the names of the columns being line 1. */
export interface CsvProblem {
  readonly line: number;
  readonly column?: Column;
  readonly problem: string;
  readonly mend: string;
}

export type ReadCsv =
  | { readonly ok: true; readonly faq: Faq }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] };

const COLUMNS = ['id', 'question', 'similar', 'answer', 'answer_zh', 'answer_en', 'tags', 'enabled'] as const;
type Column = (typeof COLUMNS)[number];

/** What people call the columns in Chinese. */
const NAMES: Readonly<Record<string, Column>> = {
  ...Object.fromEntries(COLUMNS.map((column) => [column, column])),
  编号: 'id',
  问题: 'question',
  标准问题: 'question',
  相似问题: 'similar',
  相似问法: 'similar',
  答案: 'answer',
  回答: 'answer',
  中文答案: 'answer_zh',
  英文答案: 'answer_en',
  标签: 'tags',
  启用: 'enabled',
};

/**
 * Writes a list as a file that Excel opens: UTF-8 with its mark, one line per entry. Reading it gives the same list; line
 * ends within answers become `\n`.
 */
export function faqToCsv(faq: Faq): string {
  const rows = faq.map(cellsOf);
  const used = COLUMNS.filter(
    (column) => ['id', 'question', 'similar', 'answer', 'enabled'].includes(column) || rows.some((row) => row[column]),
  );
  const lines = rows.map((row) => used.map((column) => row[column]));
  // A cell with any line end needs quotes, not only one with the file's own.
  return stringify([used, ...lines], { bom: true, record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

function cellsOf(entry: FaqEntry): Record<Column, string> {
  return {
    id: guarded(entry.id),
    question: guarded(entry.question),
    similar: guarded(listCell(entry.similar)),
    answer: guarded(answerCell(entry.answer)),
    answer_zh: guarded(answerCell(entry.answers?.zh)),
    answer_en: guarded(answerCell(entry.answers?.en)),
    tags: guarded(listCell(entry.tags)),
    enabled: String(entry.enabled),
  };
}

/**
 * Reads a list from a file: UTF-8, or what Excel writes in China (GBK), separated by commas, semicolons or tabs. `question`
 * and `answer` are needed; an entry without an id gets one that stays as long as its question does. Never throws.
 */
export function faqFromCsv(file: string | Uint8Array): ReadCsv {
  const text = typeof file === 'string' ? file : textOfBytes(file);
  if (typeof text !== 'string') return { ok: false, problems: [{ line: 1, ...text }] };
  const read = recordsOf(text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'));
  if (!read.ok) return read;
  const [header, ...records] = read.records;
  const columns = columnsOf(header?.cells ?? []);
  if (!columns.ok) return columns;
  const rows = records
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    .map((record) => rowOf(record, columns.names));
  const problems = rows.flatMap((row) => row.problems);
  const shaped = Faq.safeParse(rows.map(({ entry }) => entry));
  if (!shaped.success) problems.push(...shaped.error.issues.flatMap((issue) => placed(issue, rows)));
  if (shaped.success && problems.length === 0) return { ok: true, faq: shaped.data };
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line) };
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** @param text with `\n` as its only line end, because csv-parse counts others twice within quotes */
function recordsOf(
  text: string,
): { ok: true; records: CsvRecord[] } | { ok: false; problems: [CsvProblem, ...CsvProblem[]] } {
  const records: CsvRecord[] = [];
  let lines = 0;
  try {
    parse(text, {
      delimiter: delimiterOf(text),
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], info) => {
        lines = info.lines;
        // csv-parse counts to the record's end.
        records.push({ line: lines - (cells.join('').split('\n').length - 1), cells });
        return null;
      },
    });
    return { ok: true, records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { ok: false, problems: [quoteProblem(error, lines + 1)] };
  }
}

function quoteProblem(error: CsvError, line: number): CsvProblem {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return { line, problem: 'opens a quote (") that is never closed', mend: 'close it, or write " in a text as ""' };
  }
  const at = typeof error.lines === 'number' ? error.lines : line;
  const mend = 'put the whole cell in quotes, and write " within it as ""';
  return { line: at, problem: 'has a quote (") in the middle of a cell', mend };
}

/** Excel writes semicolons or tabs where the system's list separator is one. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split('\n', 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((most, one) => (count(one) > count(most) ? one : most));
}

function columnsOf(
  header: readonly string[],
): { ok: true; names: readonly (Column | undefined)[] } | { ok: false; problems: CsvProblem[] } {
  const written = header.map((name) => name.trim().toLowerCase());
  const names = written.map((name) => (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined));
  const problems: CsvProblem[] = [];
  const problem = (text: string, mend: string) => problems.push({ line: 1, problem: text, mend });
  written.forEach((name, at) => {
    const column = names[at];
    if (column === undefined && name !== '') {
      problem(
        `column ${at + 1} has a name that is not known`,
        `remove the column, or name it one of ${COLUMNS.join(', ')}`,
      );
    }
    if (column !== undefined && names.indexOf(column) < at) problem(`there are two columns ${column}`, 'keep one');
  });
  for (const needed of ['question', 'answer'] as const) {
    if (!names.includes(needed)) problem(`there is no column ${needed}`, 'name the columns in the first line');
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, names };
}

interface Row {
  readonly line: number;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly problems: readonly CsvProblem[];
}

function rowOf({ line, cells }: CsvRecord, names: readonly (Column | undefined)[]): Row {
  const problems: CsvProblem[] = [];
  if (cells.some((cell, at) => names[at] === undefined && cell.trim() !== '')) {
    const mend = 'put a cell with a separator in quotes, or name its column';
    problems.push({ line, problem: 'has a cell in a column without a name', mend });
  }
  const textOf = (column: Column): string => {
    const at = names.indexOf(column);
    return unguarded(at < 0 ? '' : (cells[at] ?? ''));
  };
  const answerOf = (column: Column): unknown => {
    const answer = answerOfCell(textOf(column));
    if (answer.ok) return answer.reply;
    problems.push({ line, column, problem: answer.problem, mend: answer.mend });
    return undefined;
  };
  const enabled = switchOfCell(textOf('enabled'));
  if (enabled === undefined) {
    problems.push({ line, column: 'enabled', problem: 'is neither yes nor no', mend: 'write true or false, 是 or 否' });
  }
  const question = textOf('question');
  const answer = answerOf('answer');
  const answers = (['zh', 'en'] as const).flatMap((language) => {
    const reply = answerOf(`answer_${language}`);
    return reply === undefined ? [] : [[language, reply] as const];
  });
  const entry = {
    id: textOf('id').trim() || idOfQuestion(question),
    question,
    similar: listOfCell(textOf('similar')),
    answer,
    ...(answers.length > 0 && { answers: Object.fromEntries(answers) }),
    tags: listOfCell(textOf('tags')),
    enabled: enabled ?? true,
  };
  return { line, entry, problems };
}

/** What the schema says against an entry, where its line says it. What reading the row said against a cell is not said twice. */
function placed({ path, message }: z.core.$ZodIssue, rows: readonly Row[]): CsvProblem[] {
  const [index, field, part] = path;
  const row = typeof index === 'number' ? rows[index] : undefined;
  if (!row) return [{ line: 1, ...divided(message) }];
  const name = field === 'answers' && typeof part === 'string' ? `answer_${part}` : String(field);
  const column = COLUMNS.find((known) => known === name);
  if (column && row.problems.some((problem) => problem.column === column)) return [];
  if (column === 'answer' && row.entry.answer === undefined) {
    return [{ line: row.line, column, problem: 'is empty', mend: 'write what customers are to read' }];
  }
  return [{ line: row.line, ...(column && { column }), ...divided(message, field !== column ? undefined : part) }];
}

/** Messages of `Faq` are `problem: mend`. */
function divided(message: string, part?: PropertyKey): { problem: string; mend: string } {
  const [problem = '', ...mend] = message.split(': ');
  const which = typeof part === 'number' ? `in number ${part + 1}, ` : '';
  return { problem: `${which}${problem}`, mend: mend.join(': ') || 'correct it' };
}
