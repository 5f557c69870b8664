import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ConciergeEvent, parseEvent, takeNews } from '../../../events/index.ts';
import { holdersTable } from '../holders-table.ts';

const table = holdersTable(process.env.HOLDERS_TABLE ?? '');

/** Every record has its own outcome: what fails comes again, and lies with the dead letters after ten times. */
export async function handler(batch: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  // One after the other: two events of one conversation side by side would only get in each other's way.
  for (const { messageId, body } of batch.Records) {
    try {
      await follow(parseEvent(JSON.parse(body)));
    } catch (error) {
      console.error(JSON.stringify({ messageId, error: error instanceof Error ? error.name : 'unknown' }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

async function follow(event: ConciergeEvent | undefined): Promise<void> {
  // An event that came into being after this was written.
  if (!event) return;
  const verdict = await takeNews(table, event, () =>
    event.type === 'conversation.erased.v1' ? table.forget(event) : table.hold(event, holderAfter(event)),
  );
  console.log(JSON.stringify({ event: event.id, type: event.type, verdict }));
}

/** Who has the conversation after this. */
function holderAfter(event: ConciergeEvent): string {
  switch (event.type) {
    case 'conversation.assigned.v1':
    case 'conversation.transferred.v1':
      return event.data.agentId;
    case 'conversation.waiting.v1':
      return `in line at ${event.data.teamId}`;
    default:
      return 'nobody';
  }
}
