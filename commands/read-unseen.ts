import { on } from 'node:events';
import { text } from 'node:stream/consumers';
import { Refusal } from './refusal.ts';

const ENTER = new Set(['\r', '\n']);
/** Ctrl-C and Ctrl-D */
const STOP = new Set(['\u0003', '\u0004']);
const ERASE = new Set(['\u007f', '\b']);

/** The keyboard, or what is piped in. */
export interface Keys extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/**
 * One line from the terminal, without showing what is typed, or the first line of what is piped in. The terminal can be asked again
 * afterwards. Throws `Refusal` when it is stopped.
 */
export async function readUnseen(
  question: string,
  { stdin, stderr }: { stdin: Keys; stderr: Pick<NodeJS.WritableStream, 'write'> } = process,
): Promise<string> {
  if (!stdin.isTTY) return (await text(stdin)).split('\n')[0] ?? '';
  // The terminal shows only what it edits itself. Before the question, since somebody may answer at once.
  stdin.setRawMode?.(true);
  stderr.write(`${question} `);
  stdin.resume();
  let typed = '';
  try {
    // Iterating over the stream itself would close it.
    for await (const [keys] of on(stdin, 'data')) {
      for (const key of String(keys)) {
        if (ENTER.has(key)) return typed;
        if (STOP.has(key)) throw new Refusal('Stopped; nothing was changed. 已中止，未更改。');
        typed = ERASE.has(key) ? typed.slice(0, -1) : typed + key;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}
