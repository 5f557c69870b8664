import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { faqToCsv } from '../lib/replies/faq-csv.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { repliesShape } from '../lib/store/tables.ts';
import { type KnowledgeWish, moveKnowledge } from './knowledge.ts';
import { readFaqCsv } from './read-file.ts';
import { print, Refusal } from './refusal.ts';
import { wrongOption } from './wrong-option.ts';

export const FAQ_HELP = `npm run config -- faq export FILE.csv [--stage S]
npm run config -- faq import FILE.csv
npm run config -- faq export --to wecom [--dry-run] [--remove] [--stage S] [--admin-url URL]
npm run config -- faq import --from wecom [--stage S] [--admin-url URL]

  export  把该环境的常见问题写入表格（Excel 可打开）。  Writes the stage's frequent questions to a table that Excel opens.
  import  检查表格，并按业务配置的写法输出。            Checks a table and prints it as the section faq of a configuration.
          也可在业务配置中直接引用：faq: { file: FILE.csv }   A configuration may also name the table itself.
  --to wecom    更新企业微信知识库（分组 Concierge 1、2…）；--dry-run 只显示差异；--remove 删除我们分组中多余的
                Brings WeCom's knowledge base up to the stage's list, in groups of our own; other groups are left alone.
  --from wecom  按业务配置的写法输出企业微信知识库。    Prints WeCom's knowledge base as the section faq.
`;

/** Moves frequent questions between a stage, a table and a configuration. The exit code. */
export async function moveFaq(args: string[]): Promise<number> {
  const options = readOptions(args);
  if ('wecom' in options) return moveKnowledge(options);
  const { command, file, stage } = options;
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

type Options = { command: 'export' | 'import'; file: string; stage: string } | (KnowledgeWish & { wecom: true });

function readOptions(args: string[]): Options {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new Refusal(wrongOption(error) ?? `${error instanceof Error ? error.message : error}\n\n${FAQ_HELP}`);
  }
  const [, command, file, ...more] = parsed.positionals;
  if (command !== 'export' && command !== 'import') throw new Refusal(`Export or import?\n\n${FAQ_HELP}`);
  const { stage, to, from, 'admin-url': adminUrl, 'dry-run': dryRun, remove } = parsed.values;
  const other = command === 'export' ? to : from;
  if (other !== undefined) {
    if (other !== 'wecom' || file !== undefined) throw new Refusal(`A FILE.csv, or wecom?\n\n${FAQ_HELP}`);
    return { wecom: true, command, stage, adminUrl, dryRun, remove };
  }
  if (file === undefined || more.length > 0) throw new Refusal(`One FILE.csv is needed.\n\n${FAQ_HELP}`);
  return { command, file, stage };
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      stage: { type: 'string', default: 'dev' },
      to: { type: 'string' },
      from: { type: 'string' },
      'admin-url': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
    },
  });
