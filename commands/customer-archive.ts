import { wayPost } from '../lib/contact-me/way-post.ts';
import { conversationPost } from '../lib/conversations/deliver.ts';
import { forgetCustomer } from '../lib/notices/forget.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { DAY, MINUTE, systemClock } from '../lib/platform/clock.ts';
import { sqsClient, sqsQueue } from '../lib/platform/queues.ts';
import type { ContactWake, ConversationWake, WayWake } from '../lib/platform/wakes.ts';
import { customerOf } from '../lib/privacy/customer.ts';
import type { EraseCustomer } from '../lib/privacy/erase-customer.ts';
import type { Archive, House } from '../lib/privacy/find-traces.ts';
import { scanTable } from '../lib/store/dynamo-scan.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import type { TableShape } from '../lib/store/table.ts';
import { contactWaysShape, conversationsShape, customersShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { openBucket } from './media-bucket.ts';
import type { OpsIo } from './ops-command.ts';
import { queueUrlOf } from './queue-url.ts';
import { Refusal } from './refusal.ts';

/** The customer of a command's words. Throws `Refusal`. */
export function readCustomer(words: readonly string[], help: string): string {
  const [text, ...more] = words;
  const customerId = text === undefined || more.length > 0 ? undefined : customerOf(text);
  if (customerId === undefined) {
    throw new Refusal(
      `Name one CUSTOMER: an external_userid, or the id of a conversation. 请给出一位客户。\n\n${help}`,
    );
  }
  return customerId;
}

/** All that a stage keeps, and the ways to its owners. `close` ends the connections. */
export async function openArchive(stage: string, io: OpsIo) {
  const dynamo = dynamoClient();
  const sqs = sqsClient();
  const prefix = `wecom-concierge-${stage}`;
  const house = (shape: TableShape): House => ({
    table: dynamoTable(dynamo, shape),
    scan: () => scanTable(dynamo, shape.name),
  });
  const conversations = dynamoTable(dynamo, conversationsShape(`${prefix}-conversations`));
  const archive: Archive = {
    conversations,
    customers: dynamoTable(dynamo, customersShape(`${prefix}-customers`)),
    houses: {
      'contact-ways': house(contactWaysShape(`${prefix}-contact-ways`)),
      routing: house(routingShape(`${prefix}-routing`)),
      wecom: house(wecomShape(`${prefix}-wecom`)),
    },
    files: await openBucket(dynamo, stage),
    progress: (place, items) => io.progress(`${place}: ${items} …`),
  };

  /** The ways to the owners; the queues are looked up by their names. */
  async function owners(): Promise<
    Pick<EraseCustomer, 'forgetConversation' | 'forgetContact' | 'rewriteWay' | 'forgetAtDesk'>
  > {
    const wakes = sqsQueue<ConversationWake>(sqs, await queueUrlOf(sqs, `${prefix}-conversations.fifo`));
    const contacts = sqsQueue<ContactWake>(sqs, await queueUrlOf(sqs, `${prefix}-contacts.fifo`));
    const settings = { attentionAfterMs: MINUTE, keepMs: 14 * DAY };
    const post = conversationPost({ inbox: inbox(conversations, settings), wakes, clock: systemClock });
    const ways = wayPost({
      inbox: inbox(archive.houses['contact-ways'].table, settings),
      wakes: sqsQueue<WayWake>(sqs, await queueUrlOf(sqs, `${prefix}-rotations.fifo`)),
      clock: systemClock,
    });
    const desks = noticesStore(archive.houses.wecom.table);
    return {
      // That its configuration may have changed is news that changes nothing, and every news makes the way be written anew.
      rewriteWay: (wayId, id) => ways.tell(wayId, [{ kind: 'configured', id, at: systemClock() }]),
      forgetAtDesk: (supervisorId, isHis) => desks.rewrite(supervisorId, (desk) => forgetCustomer(desk, isHis)),
      forgetConversation: post.forget,
      forgetContact: (customerId, at) => contacts.send({ v: 1, kind: 'forget', customerId, at }, { group: customerId }),
    };
  }

  return {
    archive,
    owners,
    close: () => {
      dynamo.destroy();
      sqs.destroy();
    },
  };
}
