import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { type OpeningStore, openingStore } from '../../lib/contact-me/opening-store.ts';
import { ContactWay } from '../../lib/contact-me/way.ts';
import type { WayRecord } from '../../lib/contact-me/way-record.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { callAws } from '../../local/aws-call.ts';
import type { CorpSetup, MemberSetup, WeComOptions } from '../../local/wecom/simulator.ts';
import { openYard, type Yard } from './yard.ts';

/** The whole stack with a WeCom whose members may serve customers, and contact ways in it. */
export interface ContactYard extends Yard {
  /** Configures a way as a supervisor would, and waits until WeCom has its code. */
  configure(way: Record<string, unknown>): Promise<void>;
  /** Wakes a way without any news. */
  wake(wayId: string): Promise<void>;
  record(wayId: string): Promise<WayRecord>;
  /** What openings of `link` ways read. */
  readonly openings: OpeningStore;
  /** Customers scan the way's code, one after the other; who each of them added. */
  scan(wayId: string, ...customers: string[]): Promise<string[]>;
}

export async function openContactYard(
  members: readonly (string | MemberSetup)[],
  options: {
    switches?: WeComOptions['switches'];
    apps?: CorpSetup['apps'];
    accounts?: NonNullable<CorpSetup['accounts']>;
    pace?: number;
  } = {},
): Promise<ContactYard> {
  const yard = await openYard({
    pace: options.pace ?? 1,
    wecom: {
      corp: { accounts: options.accounts ?? [], members, ...(options.apps && { apps: options.apps }) },
      ...(options.switches && { switches: options.switches }),
    },
  });
  const dynamo = dynamoClient(yard.stack.aws);
  const table = dynamoTable(dynamo, contactWaysShape(yard.stack.names.table('ContactWaysTable')));
  const store = contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  let wakes = 0;

  const contactYard: ContactYard = {
    ...yard,
    async configure(way) {
      const parsed = ContactWay.parse({ name: 'Team', ...way });
      await store.saveWay(parsed, yard.stack.now());
      await contactYard.wake(parsed.wayId);
      await yard.quiet();
    },
    async wake(wayId) {
      wakes += 1;
      await callAws(yard.stack.aws.endpoint, 'sqs', 'SendMessage', {
        QueueUrl: yard.stack.names.queueUrl('RotationsQueue'),
        MessageBody: JSON.stringify({ v: 1, wayId }),
        MessageGroupId: wayId,
        MessageDeduplicationId: `yard-${wakes}`,
      });
    },
    openings: openingStore(table),
    record: (wayId) => store.read(wayId, 'Asia/Shanghai', yard.stack.now()),
    async scan(wayId, ...customers) {
      const added: string[] = [];
      for (const customer of customers) {
        const { code } = await contactYard.record(wayId);
        const { member } = await yard.wecom.phone(customer).scan(code?.configId ?? '');
        added.push(member);
        await yard.quiet();
      }
      return added;
    },
    async close() {
      dynamo.destroy();
      await yard.close();
    },
  };
  return contactYard;
}
