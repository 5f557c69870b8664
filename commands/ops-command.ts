import { createInterface } from 'node:readline/promises';
import { readUnseen } from './read-unseen.ts';
import { Refusal } from './refusal.ts';

/** What every file of `commands/ops/` exports: `npm run ops -- NAME …` is the file of that name. */
export interface OpsCommand {
  /** How it is called and what it does, in Chinese and English; the first line is the one of the overview. */
  readonly help: string;
  /**
   * Does it; the exit code: 0 well, 1 an error, 2 something was found. `args` come without the command's name.
   * Throws `Refusal` for what the person can mend; the frame prints it.
   */
  run(args: string[], io: OpsIo): Promise<number>;
}

/** Where a command reads and writes. Results go to stdout, so that `--json` leaves nothing but JSON there; all else to stderr. */
export interface OpsIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A result, on stdout; ends its line. */
  print(text: string): void;
  /** Progress, warnings and questions, on stderr; ends its line. */
  tell(text: string): void;
  /** The one line of progress, rewritten in place where there is a terminal and left out where there is none; '' ends it. */
  progress(text: string): void;
  /** Whether the person agrees. With `yes`, nobody is asked. Throws `Refusal` where there is no terminal to ask at. */
  confirm(question: string, options?: { readonly yes?: boolean }): Promise<boolean>;
  /** Whether a person reads what is printed, and not a file or another program. */
  readonly isTerminal: boolean;
  /** One line that must not be seen: typed without an echo, or piped in. Throws `Refusal` when nothing is given. */
  askSecret(question: string): Promise<string>;
}

/** The io of this process. */
export function terminalIo(): OpsIo {
  let rewriting = false;
  const { stdin, stdout, stderr } = process;
  const endLine = () => {
    if (rewriting) stderr.write('\n');
    rewriting = false;
  };
  return {
    env: process.env,
    print: (text) => {
      endLine();
      stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    tell: (text) => {
      endLine();
      stderr.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) return;
      if (text === '') return endLine();
      stderr.write(`\r\u001b[2K${text}`);
      rewriting = true;
    },
    isTerminal: Boolean(stdout.isTTY),
    async askSecret(question) {
      endLine();
      const given = await readUnseen(question);
      if (given.trim() === '') throw new Refusal('Nothing was given, nothing was changed. 未输入内容，未更改。');
      return given.trim();
    },
    async confirm(question, { yes = false } = {}) {
      if (yes) return true;
      endLine();
      if (!stdin.isTTY)
        throw new Refusal('Nothing was changed: there is no terminal to ask at. Add --yes. 未更改，请加 --yes。');
      const terminal = createInterface({ input: stdin, output: stderr });
      const answer = await terminal.question(`${question} [y/N] `);
      terminal.close();
      return /^(y|yes|是)$/i.test(answer.trim());
    },
  };
}

/** The options that every command has; a command adds its own for `parseArgs`. */
export const COMMON_OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The same for people. */
export const COMMON_HELP = `  --stage S   环境名，默认 dev                       The stage; dev unless named
  --json      输出 JSON                              Prints JSON
  --yes       不再询问（没有终端时必需）             Does not ask (needed where there is no terminal)
  --help      显示本说明                             Shows this`;
