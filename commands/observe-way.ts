import { contactWayStore } from '../lib/contact-me/contact-way-store.ts';
import { EVERY_WAY, wayDutyStore } from '../lib/contact-me/way-duty-store.ts';
import { DAY, MINUTE, systemClock } from '../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { contactWaysShape } from '../lib/store/tables.ts';
import type { OpsIo } from './ops-command.ts';
import { Refusal } from './refusal.ts';

/** A contact way as `observe` names it; undefined where an account is meant. */
export function readWay(target: string | undefined): string | undefined {
  return /^way:(.+)$/.exec(target ?? '')?.[1];
}

interface Wish {
  readonly stage: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** Observes a contact way, or all of them, in the stage's table, as `config -- apply` writes there. May be repeated. */
export async function observeWay(
  action: 'on' | 'off' | 'show',
  wayId: string,
  { stage, json, yes }: Wish,
  io: OpsIo,
  open: () => ReturnType<typeof dynamoClient> = dynamoClient,
): Promise<number> {
  const client = open();
  try {
    const table = dynamoTable(client, contactWaysShape(`wecom-concierge-${stage}-contact-ways`));
    const duties = wayDutyStore(table);
    const ways = contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: DAY }));
    if (wayId !== EVERY_WAY && (await ways.way(wayId)) === undefined) {
      throw new Refusal(`Stage ${stage} has no contact way ${wayId}; way:* are all of them. 没有这个联系方式。`);
    }
    if (action !== 'show') {
      const whose = wayId === EVERY_WAY ? 'any contact way 所有联系方式' : `contact way ${wayId}`;
      const question =
        action === 'on'
          ? `Send no welcome, tags or list for ${whose} any more? 停止发送欢迎语、标签与成员名单？`
          : `Welcome, label and rotate for ${whose} from now on? 从现在起发送？`;
      if (!(await io.confirm(question, { yes }))) return 1;
      await duties.observe(wayId, action === 'on', systemClock());
    }
    const own = await duties.own(wayId);
    const observes = await duties.observes(wayId);
    const since = own && new Date(own.since).toISOString();
    if (json) io.print(JSON.stringify({ way: wayId, observes, ...(since && { since }) }, null, 2));
    else io.print(`way:${wayId}: ${observes ? 'observes' : 'serves'}${since ? ` since ${since}` : ''}`);
    return 0;
  } finally {
    client.destroy();
  }
}
