import { parseArgs } from 'node:util';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';

export const help = `检查环境的设置，并指出缺少的步骤 · checks a stage's set-up and names the missing step

npm run ops -- doctor [--stage S] [--json]

${COMMON_HELP}`;

/** Exit code 2 where a step of the set-up is missing. */
export async function run(args: string[], io: OpsIo): Promise<number> {
  const { values } = parseArgs({ args, options: COMMON_OPTIONS });
  io.tell(`Stage ${values.stage}`);
  return 1;
}
