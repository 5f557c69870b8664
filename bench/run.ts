import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { awsCalls } from './aws-calls.ts';
import type { Bench, Row } from './bench.ts';
import { callback } from './callback.ts';
import { chooseAgents } from './choose-agent.ts';
import { coldStart } from './cold-start.ts';
import { companyDay } from './company-day.ts';
import { deskDay } from './desk-day.ts';
import { faq } from './faq.ts';
import { messages } from './messages.ts';
import { openings } from './openings.ts';
import { rules } from './rules.ts';

const BENCHES: readonly Bench[] = [
  ...[coldStart, callback, messages, awsCalls, openings],
  ...[companyDay, chooseAgents, faq, rules],
  deskDay,
];

const HELP = `npm run bench [-- OPTIONS]    measures on this machine; asserts nothing

  --only NAME   one bench (may be given several times)
  --runs N      how often each bench repeats, instead of its default
  --json        prints one JSON object
  --help        prints this

Benches:
${BENCHES.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const only = options.only ?? BENCHES.map(({ name }) => name);
  const runs = options.runs === undefined ? undefined : Number(options.runs);
  const unknown = only.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0 || (runs !== undefined && !(Number.isInteger(runs) && runs > 0))) {
    process.stderr.write(`There is no such bench, or number of runs.\n\n${HELP}`);
    return 2;
  }
  // The service is packaged from the current folder.
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    platform: `${platform()} ${arch()}`,
    loadBefore: loadavg()[0]?.toFixed(2) ?? '',
  };
  const results: Record<string, readonly Row[]> = {};
  if (!options.json) process.stdout.write(`${Object.values(machine).join(', ')} (load)\n`);
  for (const { name, about, run } of BENCHES.filter((bench) => only.includes(bench.name))) {
    const rows = await run({ runs, say: (line) => process.stderr.write(`  ${line}\n`) });
    results[name] = rows;
    if (!options.json) process.stdout.write(`\n${name}: ${about}\n\n${tableOf(rows)}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  return 0;
}

/** As Markdown, which reads well in a terminal, too. */
function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells
      .map((cell, index) =>
        typeof cell === 'number' ? String(cell).padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(columns), rule, ...rows.map((row) => line(columns.map((column) => row[column] ?? '')))].join('\n');
}
