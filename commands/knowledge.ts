import { stringify } from 'yaml';
import * as z from 'zod';
import { FaqEntry } from '../lib/replies/faq.ts';
import { adminClient } from './admin-client.ts';
import { print } from './refusal.ts';

/** Between a stage's frequent questions and WeCom's own knowledge base, through the stage's admin API. */
export interface KnowledgeWish {
  readonly command: 'export' | 'import';
  readonly stage: string;
  readonly adminUrl: string | undefined;
  readonly dryRun: boolean;
  readonly remove: boolean;
}

const Read = z.object({
  faq: z.array(FaqEntry),
  left: z.array(z.object({ intentId: z.string(), problems: z.array(z.string()) })),
});
const Step = z.object({
  do: z.enum(['add', 'change', 'remove', 'leave']),
  id: z.string(),
  parts: z.array(z.string()).default([]),
  problems: z.array(z.string()).default([]),
  leftOut: z.array(z.string()).default([]),
});
const Written = z.object({
  steps: z.array(Step),
  done: z.number(),
  refused: z.array(z.object({ id: z.string(), problem: z.string() })),
  more: z.boolean(),
});
type Step = z.infer<typeof Step>;

/** The exit code: 3 where WeCom did not take everything; of a dry run 2 where there is something to do. */
export async function moveKnowledge({ command, stage, adminUrl, dryRun, remove }: KnowledgeWish): Promise<number> {
  const admin = await adminClient(stage, adminUrl);
  if (command === 'import') {
    const { faq, left } = await admin.ask('GET', '/knowledge', Read);
    for (const { intentId, problems } of left) process.stderr.write(`${intentId}: left out: ${problems.join('; ')}\n`);
    print(stringify({ faq }));
    return 0;
  }
  const refused = new Map<string, string>();
  let written = 0;
  for (let first = true; ; first = false) {
    const round = await admin.ask('POST', '/knowledge', Written, { dryRun, remove });
    const { steps } = round;
    if (first) print(stepsText(steps, remove));
    if (dryRun) return round.more ? 2 : 0;
    for (const { id, problem } of round.refused) refused.set(id, problem);
    written += round.done;
    if (round.more) process.stderr.write(`${written} written … 已写入 ${written} 条\n`);
    // Only what was refused before is left: asking again would bring the same.
    if (!round.more || round.done === 0) break;
  }
  for (const [id, problem] of refused) print(`! ${id}: ${problem}`);
  print(`${written} written to WeCom's knowledge base. 已写入企业微信知识库 ${written} 条。`);
  return refused.size > 0 ? 3 : 0;
}

const SIGNS = { add: '+', change: '~', remove: '-', leave: '!' };

function stepsText(steps: readonly Step[], remove: boolean): string {
  if (steps.length === 0) return 'No differences. 无差异。';
  return steps
    .map((step) => {
      const { id, parts, problems, leftOut } = step;
      const kept = step.do === 'remove' && !remove;
      const details = [
        ...(parts.length > 0 ? [parts.join(', ')] : []),
        ...problems,
        ...leftOut.map((one) => `without ${one}`),
        ...(kept ? ['is in the list no more; --remove takes it out'] : []),
      ];
      return `${kept ? '?' : SIGNS[step.do]} ${id}${details.length > 0 ? `: ${details.join('; ')}` : ''}`;
    })
    .join('\n');
}
