import type { BusinessStores } from '../lib/configuration/apply-business.ts';
import { contactWayStore } from '../lib/contact-me/contact-way-store.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { type Clock, DAY, MINUTE, systemClock } from '../lib/platform/clock.ts';
import { entranceStore } from '../lib/replies/entrance-store.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { quickReplyStore } from '../lib/replies/quick-reply-store.ts';
import { ruleSetStore } from '../lib/replies/rule-set-store.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import type { Objects } from '../lib/store/objects.ts';
import type { Table } from '../lib/store/table.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { mediaLibrary, openBucket } from './media-bucket.ts';

/**
 * The stage's stores. Files of media lie beside `configuration`. `close` ends the connections, so that the process can end.
 */
export function openStores(
  stage: string,
  configuration: string,
): {
  stores: BusinessStores;
  bucket: () => Promise<Objects>;
  close: () => void;
} {
  const client = dynamoClient();
  const prefix = `wecom-concierge-${stage}`;
  const replies = dynamoTable(client, repliesShape(`${prefix}-replies`));
  return {
    stores: businessStores({
      routing: dynamoTable(client, routingShape(`${prefix}-routing`)),
      replies,
      ways: dynamoTable(client, contactWaysShape(`${prefix}-contact-ways`)),
      wecom: dynamoTable(client, wecomShape(`${prefix}-wecom`)),
      media: mediaLibrary(replies, client, stage, configuration),
      clock: systemClock,
    }),
    bucket: () => openBucket(client, stage),
    close: () => client.destroy(),
  };
}

/** What a configuration is written to, over these tables. */
export function businessStores<Media>({
  routing,
  replies,
  ways,
  wecom,
  media,
  clock,
}: {
  readonly routing: Table;
  readonly replies: Table;
  readonly ways: Table;
  readonly wecom: Table;
  readonly media: Media;
  readonly clock: Clock;
}) {
  const inboxSettings = { attentionAfterMs: MINUTE, keepMs: 14 * DAY };
  return {
    people: routingStore(routing, inbox(routing, inboxSettings)),
    replies: {
      ...ruleSetStore(replies),
      ...quickReplyStore(replies),
      ...faqStore(replies),
      ...entranceStore(replies),
    },
    ways: contactWayStore(ways, inbox(ways, inboxSettings)),
    notices: noticesStore(wecom),
    media,
    clock,
  };
}
