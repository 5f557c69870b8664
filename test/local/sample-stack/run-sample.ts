import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { callAws } from '../../../local/aws-call.ts';
import { packageStack } from '../../../local/package-stack.ts';
import { type Stack, type StackOptions, startStack } from '../../../local/stack.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

export const packageSample = (stage = 'dev') => packageStack({ stage, root });

/** Ten times faster than the service says, for what would have to wait for a time-out or for a message to come again. */
export const FAST = { timeScale: 0.1 };

/** Runs the sample service for the length of `work`. */
export async function withSample<T>(
  work: (stack: Stack) => Promise<T>,
  options: Omit<StackOptions, 'packaged'> & { stage?: string } = {},
): Promise<T> {
  const { stage, ...rest } = options;
  const packaged = await packageSample(stage);
  const stack = await startStack({ packaged, timeScale: 1, schedules: false, ...rest });
  try {
    return await work(stack);
  } finally {
    await stack.stop();
  }
}

/** Gives the function `work` something to do (see sample-stack/functions/work.ts). */
export async function order(
  stack: Stack,
  wish: { note: string; line: string; [detail: string]: unknown },
): Promise<void> {
  await callAws(stack.aws.endpoint, 'sqs', 'SendMessage', {
    QueueUrl: stack.names.queueUrl('OrdersQueue'),
    MessageBody: JSON.stringify(wish),
    MessageGroupId: wish.note,
    MessageDeduplicationId: `${wish.note}-${wish.line}`,
  });
}

const Note = z.object({
  Item: z.object({ noted: z.object({ L: z.array(z.object({ S: z.string() })) }) }).optional(),
});

/** What `work` noted, in order. */
export async function notes(stack: Stack, note: string): Promise<string[]> {
  const answer = await callAws(stack.aws.endpoint, 'dynamodb', 'GetItem', {
    TableName: stack.names.table('NotesTable'),
    Key: { id: { S: note } },
    ConsistentRead: true,
  });
  return (Note.parse(answer).Item?.noted.L ?? []).map(({ S }) => S);
}

const Outcome = z.object({ status: z.number().optional(), body: z.unknown().optional(), lost: z.string().optional() });

/** Lets the function `call` make one call to AWS. */
export async function call(
  stack: Stack,
  service: 'dynamodb' | 'sqs' | 'events' | 'ssm',
  action: string,
  body: object,
): Promise<z.infer<typeof Outcome>> {
  return Outcome.parse(await stack.invoke('call', { do: 'call', service, action, body }));
}

const Look = z.object({
  env: z.record(z.string(), z.string()),
  invocations: z.number(),
  now: z.number(),
  made: z.number(),
  parsed: z.string(),
  isDate: z.boolean(),
  remaining: z.number(),
});

/** Lets the function `call` look around. */
export async function look(stack: Stack): Promise<z.infer<typeof Look>> {
  return Look.parse(await stack.invoke('call', { do: 'look' }));
}
