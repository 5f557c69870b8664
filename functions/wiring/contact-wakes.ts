import type { SQSClient } from '@aws-sdk/client-sqs';
import { contactGroup } from '../../lib/platform/group-id.ts';
import { sqsQueue } from '../../lib/platform/queues.ts';
import type { LabelWake, ReconcileWake } from '../../lib/platform/wakes.ts';

/** How what we ask of ourselves comes to contacts.fifo. */
export function contactWakes(sqs: SQSClient, queueUrl: string) {
  const contacts = sqsQueue<LabelWake | ReconcileWake>(sqs, queueUrl);
  return (wake: LabelWake | ReconcileWake): Promise<void> => contacts.send(wake, { group: contactGroup(wake) });
}
