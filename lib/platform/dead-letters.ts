import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Clock, type Instant, SECOND } from './clock.ts';

/**
 * What functions gave up on, for operators. SQS's own redrive (StartMessageMoveTask) is not there in every region, and it keeps no order,
 * so messages are moved by hand: received, sent where they came from, deleted. Who is killed between the last two sends the same again,
 * with the same deduplication id.
 */

/** The queues that have dead letters, by the names in serverless.yml. */
export const QUEUES = [
  'signals.fifo',
  'conversations.fifo',
  'assignments.fifo',
  'contacts.fifo',
  'rotations.fifo',
  'timers',
  'cards',
  'notices',
  'model',
  'media',
] as const;
export type QueueName = (typeof QUEUES)[number];

export interface DeadLetter {
  /** SQS's MessageId; a message keeps it when it is moved to the dead letters. */
  readonly id: string;
  readonly queue: QueueName;
  readonly group?: string;
  readonly sentAt: Instant;
  /** The allow-listed ids of its body; never text, codes or tokens. */
  readonly ids: Readonly<Record<string, string | number>>;
  /** Why it lies here. `set-aside`: a function put a note of an entry that it left, which may still lie in its owner's inbox. */
  readonly kind: 'wake' | 'set-aside';
  readonly reason: string;
}

export interface Moved {
  readonly moved: number;
  /** Notes of what was set aside, and cannot be put back: they stay, behind the others of their group and under a new id. */
  readonly left: number;
}

/**
 * Puts what a note is about back where it was. What has to be woken then; `nothing` where it was handled since; `left` where it cannot be
 * put back. May be repeated: whoever is killed afterwards does it again.
 */
export type PutBack = (
  letter: DeadLetter,
) => Promise<{ readonly group: string; readonly wake: object } | 'nothing' | 'left'>;

export interface DeadLetters {
  /** How many there are, also those that somebody else is just looking at. Undefined: the stage has no such queue. */
  count(queue: QueueName): Promise<number | undefined>;
  /** Looks, and changes nothing. Of a group in FIFO order only the first ten can be seen, because SQS hides what stands behind them. */
  look(queue: QueueName): Promise<DeadLetter[]>;
  /**
   * Sends wakes back to their queue, each group in its order, and wakes the owners of what is put back. `ids` absent: all of them. May be
   * killed and repeated.
   */
  redrive(
    queue: QueueName,
    ids?: ReadonlySet<string>,
    told?: (letter: DeadLetter) => void,
    putBack?: PutBack,
  ): Promise<Moved>;
  /** Deletes. `ids` absent: all of them. */
  drop(queue: QueueName, ids?: ReadonlySet<string>, told?: (letter: DeadLetter) => void): Promise<number>;
}

/** SQS gives at most so many at once. */
const BATCH = 10;
/** How long a received message is hidden from others. A batch that is not done by then is left for the next round. */
const HIDDEN_SECONDS = 20;
const LOOK_HIDDEN_SECONDS = 10;
const MARGIN = 5 * SECOND;

export function deadLetters(
  client: SQSClient,
  stage: string,
  clock: Clock,
  hiddenSeconds = HIDDEN_SECONDS,
): DeadLetters {
  const urls = new Map<string, Promise<string | undefined>>();

  function urlOf(name: string): Promise<string | undefined> {
    const known = urls.get(name) ?? findUrl(`wecom-concierge-${stage}-${name}`);
    urls.set(name, known);
    return known;
  }

  async function findUrl(QueueName: string): Promise<string | undefined> {
    try {
      return (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
    } catch (error) {
      if (error instanceof Error && error.name === 'QueueDoesNotExist') return undefined;
      throw error;
    }
  }

  async function countAt(url: string): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
  }

  async function receive(url: string, hiddenSeconds: number, wait: number): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: hiddenSeconds,
        WaitTimeSeconds: wait,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  const giveBack = (url: string, { ReceiptHandle }: Message) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));

  /** In order and each once, as many as there were at the beginning; `act` says whether it was taken out. */
  async function goThrough(
    queue: QueueName,
    act: (message: Message, letter: DeadLetter, url: string) => Promise<boolean>,
  ): Promise<void> {
    const url = await urlOf(deadName(queue));
    if (url === undefined) return;
    const kept: Message[] = [];
    const seen = new Set<string>();
    // What fails again and comes back must not be sent round for ever.
    let left = await countAt(url);
    while (left > 0) {
      const until = clock() + hiddenSeconds * SECOND - MARGIN;
      const messages = await receive(url, hiddenSeconds, 2);
      // What an earlier run that was killed had received is hidden for a while; it comes.
      if (messages.length === 0 && (await countAt(url)) - kept.length <= 0) break;
      if (messages.length === 0 && kept.length > 0) break;
      for (const message of messages) {
        const letter = letterOf(queue, message);
        if (seen.has(letter.id)) {
          // Its time ran out before the others were done.
          kept.push(message);
          left = 0;
          continue;
        }
        if (clock() >= until) break;
        seen.add(letter.id);
        left -= 1;
        if (await act(message, letter, url)) {
          await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
        } else kept.push(message);
      }
    }
    // What cannot be given back comes again by itself, when its time is over.
    await Promise.all(kept.map((message) => giveBack(url, message).catch(() => undefined)));
  }

  return {
    async count(queue) {
      const url = await urlOf(deadName(queue));
      return url === undefined ? undefined : countAt(url);
    },

    async look(queue) {
      const url = await urlOf(deadName(queue));
      if (url === undefined) return [];
      const found: Message[] = [];
      const seen = new Set<string | undefined>();
      for (;;) {
        const messages = await receive(url, LOOK_HIDDEN_SECONDS, 0);
        const news = messages.filter(({ MessageId }) => !seen.has(MessageId));
        for (const { MessageId } of news) seen.add(MessageId);
        found.push(...news);
        if (news.length === 0) break;
      }
      await Promise.all(found.map((message) => giveBack(url, message).catch(() => undefined)));
      return found.map((message) => letterOf(queue, message));
    },

    async redrive(queue, ids, told, putBack = async () => 'left') {
      const target = await urlOf(queue);
      let moved = 0;
      let left = 0;
      if (target === undefined) return { moved, left };
      await goThrough(queue, async (message, letter, url) => {
        if (ids && !ids.has(letter.id)) return false;
        const back = letter.kind === 'set-aside' ? await putBack(letter) : undefined;
        if (back === 'left') {
          left += 1;
          if (!queue.endsWith('.fifo')) return false;
          // SQS shows nothing of a group behind a message that is only kept, so the note goes to the end of its group.
          await client.send(new SendMessageCommand({ QueueUrl: url, ...again(queue, message) }));
          return true;
        }
        if (back !== 'nothing') {
          const once = back === undefined ? again(queue, message) : wakeFor(message, back);
          await client.send(new SendMessageCommand({ QueueUrl: target, ...once }));
        }
        moved += 1;
        told?.(letter);
        return true;
      });
      return { moved, left };
    },

    async drop(queue, ids, told) {
      let dropped = 0;
      await goThrough(queue, async (_, letter) => {
        if (ids && !ids.has(letter.id)) return false;
        dropped += 1;
        told?.(letter);
        return true;
      });
      return dropped;
    },
  };
}

const deadName = (queue: QueueName): string =>
  queue.endsWith('.fifo') ? `${queue.slice(0, -'.fifo'.length)}-dead-letters.fifo` : `${queue}-dead-letters`;

/**
 * The message once more. Its deduplication id follows from the old one, so that a repeat after a crash is the same; it is not the old
 * one itself, because SQS remembers that for five minutes and would take a message that failed quickly for a repeat and swallow it.
 */
function again(queue: QueueName, { MessageId, Body, Attributes }: Message) {
  if (!queue.endsWith('.fifo')) return { MessageBody: Body };
  const cause = `${Attributes?.MessageDeduplicationId ?? ''}\n${MessageId}`;
  return {
    MessageBody: Body,
    MessageGroupId: Attributes?.MessageGroupId,
    MessageDeduplicationId: createHash('sha256').update(`again\n${cause}`).digest('hex'),
  };
}

/** A wake for what was put back, once for each note. Only queues in FIFO order have owners with an inbox. */
function wakeFor({ MessageId, Attributes }: Message, { group, wake }: { group: string; wake: object }) {
  const cause = `${Attributes?.MessageDeduplicationId ?? ''}\n${MessageId}`;
  return {
    MessageBody: JSON.stringify(wake),
    MessageGroupId: group,
    MessageDeduplicationId: createHash('sha256').update(`put back\n${cause}`).digest('hex'),
  };
}

/** What may be shown of a body: who it is about. Contents, codes and tokens never are. */
const SHOWN = [
  'kind',
  'what',
  'step',
  'app',
  'openKfId',
  'conversationId',
  'teamId',
  'wayId',
  'agentId',
  'supervisorId',
  'customerId',
  'messageId',
  'event',
  'changeType',
  'entry',
  'itemId',
  'night',
  'brief',
  'task',
  'a',
];

function letterOf(queue: QueueName, { MessageId = '', Body = '', Attributes }: Message): DeadLetter {
  const body = recordOf(Body);
  const group = Attributes?.MessageGroupId;
  const reason = typeof body.reason === 'string' && body.v === undefined ? body.reason : undefined;
  return {
    id: MessageId,
    queue,
    ...(group !== undefined && { group }),
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
    ids: Object.fromEntries(
      [...Object.entries(body), ...Object.entries(nested(body.do))].flatMap(([name, value]) =>
        SHOWN.includes(name) && (typeof value === 'string' || typeof value === 'number') ? [[name, value]] : [],
      ),
    ),
    kind: reason === undefined ? 'wake' : 'set-aside',
    reason: reason ?? 'a function failed with it again and again',
  };
}

const nested = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

function recordOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return nested(JSON.parse(text));
  } catch {
    return {};
  }
}
