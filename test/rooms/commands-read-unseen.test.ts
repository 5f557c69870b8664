import { PassThrough, Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { readUnseen } from '../../commands/read-unseen.ts';
import { Refusal } from '../../commands/refusal.ts';

/** A terminal whose keys are pressed one after the other, with what it shows. */
function aTerminal() {
  const shown: string[] = [];
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const press = (keys: string) => void stdin.write(keys);
  return { stdin, stderr: { write: (said: string | Uint8Array) => shown.push(String(said)) > 0 }, shown, modes, press };
}

test('what is typed is read without being shown, and the terminal can be asked again', async () => {
  const terminal = aTerminal();
  const typed = readUnseen('Secret:', terminal);
  for (const keys of ['hus', 'hx', '\u007f', '!\r']) terminal.press(keys);
  expect(await typed).toBe('hush!');
  const again = readUnseen('Again:', terminal);
  terminal.press('more\n');
  expect(await again).toBe('more');
  expect(terminal.shown.join('')).toBe('Secret: \nAgain: \n');
  expect(terminal.modes).toEqual([true, false, true, false]);
});

test.each(['\u0003', '\u0004'])(
  'Ctrl-C and Ctrl-D stop it, and the terminal edits its lines again: %j',
  async (key) => {
    const terminal = aTerminal();
    const typed = readUnseen('Secret:', terminal);
    terminal.press(`hu${key}`);
    await expect(typed).rejects.toThrow(Refusal);
    expect(terminal.modes).toEqual([true, false]);
  },
);

test('of what is piped in, the first line counts', async () => {
  const { stderr, shown } = aTerminal();
  expect(await readUnseen('Secret:', { stdin: Readable.from(['hus', 'h\nmore\n']), stderr })).toBe('hush');
  expect(shown).toEqual([]);
});
