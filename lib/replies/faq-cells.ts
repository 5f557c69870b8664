import { PlainReply } from './reply.ts';

/** How parts of an entry are written in one cell of a table, and read from it: what was written reads as the same. */

/** What a spreadsheet would take for a formula, and compute or break: "-10%", "=…", "@all". */
const FORMULA = /^'*[=+\-@\t＝＋－＠]/;

/** A cell that a spreadsheet leaves alone. */
export function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** The text of a guarded cell; others are as they are. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** One per line. A single one with a separator of its own keeps a line end, which says that lines divide. */
export function listCell(items: readonly string[]): string {
  const [only] = items;
  return items.length === 1 && /[|｜]/.test(only ?? '') ? `${only}\n` : items.join('\n');
}

/** Divided by lines or, where there is only one, by `|`. */
export function listOfCell(cell: string): string[] {
  const items = cell.includes('\n') ? cell.split('\n') : cell.split(/[|｜]/);
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** A text is written as it is; a menu, and a text that could be taken for one, as JSON. */
export function answerCell(reply: PlainReply | undefined): string {
  if (reply === undefined) return '';
  return 'text' in reply && !looksLikeJson(reply.text) ? reply.text : JSON.stringify(reply);
}

export function answerOfCell(
  cell: string,
): { ok: true; reply: PlainReply | undefined } | { ok: false; problem: string; mend: string } {
  if (cell.trim() === '') return { ok: true, reply: undefined };
  if (!looksLikeJson(cell)) return { ok: true, reply: { text: cell } };
  const read = PlainReply.safeParse(jsonOf(cell));
  if (read.success) return { ok: true, reply: read.data };
  const mend = 'write {"menu":{"head":"…","items":[{"type":"click","id":"…","content":"…"}]}}, or a text';
  return { ok: false, problem: 'begins like JSON and is no answer', mend };
}

const looksLikeJson = (text: string): boolean => /^\s*\{\s*"/.test(text);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what is neither; an empty cell is on. */
export function switchOfCell(cell: string): boolean | undefined {
  const word = cell.normalize('NFKC').trim().toLowerCase();
  if (['', 'true', 'yes', 'y', 'on', '1', '是', '启用', '开'].includes(word)) return true;
  return ['false', 'no', 'n', 'off', '0', '否', '停用', '关'].includes(word) ? false : undefined;
}
