import { readdir } from 'node:fs/promises';
import { AdminProblem } from './admin-client.ts';
import { type OpsCommand, type OpsIo, terminalIo } from './ops-command.ts';
import { Refusal } from './refusal.ts';
import { wrongOption } from './wrong-option.ts';

const FOLDER = new URL('./ops/', import.meta.url);

const HEAD = `npm run ops -- COMMAND [ARGUMENTS] [--stage S] [--json] [--yes]

  运维命令。每个命令用 --help 查看说明。
  Commands for operators; COMMAND --help explains one.
`;

const FOOT = `
  退出码 / Exit codes
    0 正常 well · 1 错误 error · 2 有发现 something was found

  区域、凭证与地址取自 AWS 的环境变量（AWS_REGION、AWS_PROFILE、AWS_ENDPOINT_URL …）。
  Region, credentials and endpoint come from AWS's own environment variables.
`;

/** Every file of `commands/ops/` is a command. */
async function commandNames(): Promise<string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => /^[a-z][a-z-]*\.ts$/.test(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

async function load(name: string): Promise<OpsCommand> {
  const { help, run }: OpsCommand = await import(new URL(`${name}.ts`, FOLDER).href);
  return { help, run };
}

async function overview(): Promise<string> {
  const names = await commandNames();
  const lines = await Promise.all(
    names.map(async (name) => {
      const [first = ''] = (await load(name)).help.trim().split('\n');
      return `  ${name.padEnd(14)} ${first.trim()}\n`;
    }),
  );
  return `${HEAD}\n${lines.join('')}${FOOT}`;
}

/** Runs a command; the exit code. */
async function main([name, ...args]: string[], io: OpsIo): Promise<number> {
  try {
    if (name === undefined) throw new Refusal(`A command is missing. 缺少命令。\n\n${await overview()}`);
    if (name === '--help' || name === '-h') {
      io.print(await overview());
      return 0;
    }
    if (!(await commandNames()).includes(name)) {
      throw new Refusal(`There is no command ${name}. 没有命令 ${name}。\n\n${await overview()}`);
    }
    const command = await load(name);
    if (args.includes('--help') || args.includes('-h')) {
      io.print(command.help);
      return 0;
    }
    return await command.run(args, io);
  } catch (error) {
    const message = describe(error, /(?:^| )--stage[= ](\S+)/.exec(args.join(' '))?.[1] ?? 'dev');
    if (args.includes('--json')) io.print(JSON.stringify({ error: message }, null, 2));
    else io.tell(message);
    return 1;
  }
}

/** What went wrong, in words that lead to the mend. */
function describe(error: unknown, stage: string): string {
  if (error instanceof Refusal || error instanceof AdminProblem) return error.message;
  const wrong = wrongOption(error);
  if (wrong !== undefined) return wrong;
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'ResourceNotFoundException' || error.name === 'QueueDoesNotExist') {
    return `The tables or queues of stage ${stage} are not there. Is it deployed, in this region and this account? --stage names another. 环境 ${stage} 的表或队列不存在；--stage 指定其他环境。`;
  }
  if (error.message === 'Region is missing') return 'No region: set AWS_REGION to the stage’s. 请设置 AWS_REGION。';
  if (error.name === 'CredentialsProviderError') {
    return 'No credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its fellows. 缺少 AWS 凭证。';
  }
  return `${error.name}: ${error.message}`;
}

process.exitCode = await main(process.argv.slice(2), terminalIo());
