import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { faqToCsv } from '../lib/replies/faq-csv.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { repliesShape } from '../lib/store/tables.ts';
import { readFaqCsv } from './read-file.ts';
import { print, Refusal } from './refusal.ts';

export const FAQ_HELP = `npm run config -- faq export FILE.csv [--stage S]
npm run config -- faq import FILE.csv

  export  把该环境的常见问题写入表格（Excel 可打开）。  Writes the stage's frequent questions to a table that Excel opens.
  import  检查表格，并按业务配置的写法输出。            Checks a table and prints it as the section faq of a configuration.
          也可在业务配置中直接引用：faq: { file: FILE.csv }   A configuration may also name the table itself.
`;

/** Moves frequent questions between a stage, a table and a configuration. The exit code. */
export async function moveFaq(args: string[]): Promise<number> {
  const { command, file, stage } = readOptions(args);
  if (command === 'import') {
    const read = readFaqCsv(file, file);
    if (!read) throw new Refusal(`${file} cannot be read. Is the path right?`);
    if ('problems' in read) throw new Refusal(`${file} is no list of frequent questions.`, read.problems);
    print(stringify({ faq: read.list }));
    return 0;
  }
  const client = dynamoClient();
  try {
    const faq = await faqStore(dynamoTable(client, repliesShape(`wecom-concierge-${stage}-replies`))).faq();
    if (!faq) throw new Refusal(`Stage ${stage} has no frequent questions.`);
    try {
      // Never over what somebody has been working on.
      await writeFile(file, faqToCsv(faq), { flag: 'wx' });
    } catch {
      throw new Refusal(`${file} cannot be written. Is it there already?`);
    }
    print(`${faq.length} frequent questions of stage ${stage} are in ${file}. 已导出。\n`);
    return 0;
  } finally {
    client.destroy();
  }
}

function readOptions(args: string[]): { command: 'export' | 'import'; file: string; stage: string } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n\n${FAQ_HELP}`);
  }
  const [, command, file, ...more] = parsed.positionals;
  if (command !== 'export' && command !== 'import') throw new Refusal(`Export or import?\n\n${FAQ_HELP}`);
  if (file === undefined || more.length > 0) throw new Refusal(`One FILE.csv is needed.\n\n${FAQ_HELP}`);
  return { command, file, stage: parsed.values.stage };
}

const parse = (args: string[]) =>
  parseArgs({ args, allowPositionals: true, options: { stage: { type: 'string', default: 'dev' } } });
