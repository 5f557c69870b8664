import { ANY_ACCOUNT, type Finding } from '../lib/configuration/business.ts';
import { DAY, MINUTE } from '../lib/platform/clock.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { routingShape, wecomShape } from '../lib/store/tables.ts';
import { accountDutyStore } from '../lib/wecom/account-duty-store.ts';
import { stagesBeside } from './stages-beside.ts';

type Client = ReturnType<typeof dynamoClient>;

/** What is seen of the stages beside this one: accounts that both would answer, and stages that could not be looked at. */
export interface Elsewhere {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * Looks whether another stage of this checkout, in this region and AWS account, serves an account that is wanted here. One that only
 * observes the account, or has released it, does not; nor is it a conflict while this stage itself only observes.
 */
export async function accountsElsewhere(
  stage: string,
  wanted: Iterable<string>,
  beside: readonly string[] = stagesBeside(stage),
  open: () => Client = dynamoClient,
): Promise<Elsewhere> {
  const named = [...wanted].filter((account) => account !== ANY_ACCOUNT);
  if (named.length === 0 || beside.length === 0) return { problems: [], warnings: [] };
  const client = open();
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  try {
    for (const other of beside) {
      try {
        const theirs = await accountsOf(client, other);
        for (const account of named.filter((one) => theirs.has(one))) {
          const both = (await answers(client, other, account)) && (await answers(client, stage, account));
          if (both) problems.push(conflict(account, other));
        }
      } catch (error) {
        const trouble = error instanceof Error ? error.name : String(error);
        if (trouble !== 'ResourceNotFoundException') warnings.push(unseen(other, trouble));
      }
    }
  } finally {
    client.destroy();
  }
  return { problems, warnings };
}

async function accountsOf(client: Client, stage: string): Promise<ReadonlySet<string>> {
  const table = dynamoTable(client, routingShape(`wecom-concierge-${stage}-routing`));
  const { accounts } = await routingStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: DAY })).configured();
  return new Set(accounts.map(({ openKfId }) => openKfId));
}

async function answers(client: Client, stage: string, account: string): Promise<boolean> {
  const table = dynamoTable(client, wecomShape(`wecom-concierge-${stage}-wecom`));
  const { mode } = await accountDutyStore(table).duty(account);
  return mode === 'serves' || mode === 'adopting';
}

const conflict = (account: string, other: string): Finding => ({
  path: `account ${account}`,
  problem: `stage ${other} serves it, too, so that both would answer its customers`,
  mend: `npm run ops -- release ${account} --stage ${other} first, or look on here with npm run ops -- observe on ${account}`,
});

const unseen = (other: string, trouble: string): Finding => ({
  path: 'accounts',
  problem: `stage ${other} cannot be looked at (${trouble}), so it is not known whether it serves them, too`,
  mend: 'let somebody plan who may read its tables, or see that it has an app and accounts of its own',
});
