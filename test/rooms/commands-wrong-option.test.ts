import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { expect, test } from '@jest/globals';
import { type OpsCommand, terminalIo } from '../../commands/ops-command.ts';
import { wrongOption } from '../../commands/wrong-option.ts';

const FOLDER = new URL('../../commands/ops/', import.meta.url);
const COMMANDS = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
const load = async (name: string): Promise<OpsCommand> => import(new URL(`${name}.ts`, FOLDER).href);

async function errorOf(doing: () => unknown): Promise<unknown> {
  try {
    await doing();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each([
  [['--nope'], 'There is no option --nope; --help names those that there are. 没有选项 --nope，见 --help。'],
  [['-x'], 'There is no option -x; --help names those that there are. 没有选项 -x，见 --help。'],
  [['--stage'], /^Option '--stage <value>' argument missing; --help .*见 --help。$/],
  [['--json=1'], /^Option '--json' does not take an argument; --help .*见 --help。$/],
  [['--stage', '--json'], /^Option '--stage' argument is ambiguous; --help .*见 --help。$/],
])('%j is answered by one line in both languages that leads to the help', async (args, line) => {
  const options = { stage: { type: 'string' }, json: { type: 'boolean' } } as const;
  for (const allowPositionals of [true, false]) {
    const said = wrongOption(await errorOf(() => parseArgs({ args, allowPositionals, options })));
    expect(said).toMatch(line);
    expect(said).not.toContain('\n');
  }
});

test('what else goes wrong is not taken for a wrong option', () => {
  expect([new Error("Unknown option '--nope'"), 'no', undefined].map(wrongOption)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each(COMMANDS)('%s refuses an option that it does not have before it asks anybody', async (name) => {
  const { run } = await load(name);
  expect(wrongOption(await errorOf(() => run(['--nope'], terminalIo())))).toContain('--nope');
});

/** The words behind `--` in a text. */
const optionsIn = (text: string) => [...new Set([...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, name = '']) => name))];

test.each(COMMANDS)(
  'the help of %s: both languages, how it is called, its exit codes, and no option that it refuses',
  async (name) => {
    const { help, run } = await load(name);
    const [first = ''] = help.split('\n');
    expect(first).toMatch(/\p{Script=Han}.* · [a-z]/u);
    expect(help).toContain(`npm run ops -- ${name} `);
    expect(help).toContain('退出码 / Exit codes');
    for (const option of optionsIn(help)) {
      // With an unknown one beside it, nothing is ever asked or done; of the two the first is named.
      const wrong = wrongOption(await errorOf(() => run([`--${option}`, '1', '--nope'], terminalIo())));
      expect(wrong).toBeDefined();
      expect(wrong).not.toContain(`no option --${option};`);
    }
  },
);
