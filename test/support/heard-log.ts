import * as z from 'zod';

const Line = z.looseObject({ level: z.string(), message: z.string() });

/** What came of it, and the lines that were logged meanwhile. For tests of what is logged; all others keep quiet (`quiet-output.ts`). */
export async function heardLog<T>(
  use: () => Promise<T>,
): Promise<{ result: T; lines: readonly z.infer<typeof Line>[]; text: string }> {
  const before = process.stdout.write;
  const written: string[] = [];
  process.stdout.write = (text) => {
    written.push(String(text));
    return true;
  };
  try {
    const result = await use();
    const text = written.join('');
    const lines = text.split('\n').filter((line) => line !== '');
    return { result, text, lines: lines.flatMap((line) => Line.safeParse(JSON.parse(line)).data ?? []) };
  } finally {
    process.stdout.write = before;
  }
}
