import * as z from 'zod';
import { callAws } from './aws-call.ts';

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

const Depth = z.object({
  Attributes: z.object({
    ApproximateNumberOfMessages: z.coerce.number(),
    ApproximateNumberOfMessagesNotVisible: z.coerce.number(),
    ApproximateNumberOfMessagesDelayed: z.coerce.number(),
  }),
});

/** Whether something is still to come of a queue. */
export const isLeft = ({ visible, inFlight, delayed }: QueueDepth, allowDelayed: boolean): boolean =>
  visible + inFlight + (allowDelayed ? 0 : delayed) > 0;

export async function depthOf(endpoint: string, queueUrl: string): Promise<QueueDepth> {
  const asked = Object.keys(Depth.shape.Attributes.shape);
  const answer = await callAws(endpoint, 'sqs', 'GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames: asked });
  const { Attributes } = Depth.parse(answer);
  return {
    visible: Attributes.ApproximateNumberOfMessages,
    inFlight: Attributes.ApproximateNumberOfMessagesNotVisible,
    delayed: Attributes.ApproximateNumberOfMessagesDelayed,
  };
}
