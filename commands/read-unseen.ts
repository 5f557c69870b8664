import { text } from 'node:stream/consumers';
import { Refusal } from './refusal.ts';

const ENTER = new Set(['\r', '\n']);
/** Ctrl-C and Ctrl-D */
const STOP = new Set(['\u0003', '\u0004']);
const ERASE = new Set(['\u007f', '\b']);

/** One line from the terminal, without showing what is typed, or the first line of what is piped in. Throws `Refusal` when it is stopped. */
export async function readUnseen(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await text(stdin)).split('\n')[0] ?? '';
  stderr.write(`${question} `);
  // The terminal shows only what it edits itself.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let typed = '';
  try {
    for await (const keys of stdin) {
      for (const key of String(keys)) {
        if (ENTER.has(key)) return typed;
        if (STOP.has(key)) throw new Refusal('Stopped; nothing was changed. 已中止，未更改。');
        typed = ERASE.has(key) ? typed.slice(0, -1) : typed + key;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}
