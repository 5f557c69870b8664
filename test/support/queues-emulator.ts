import type { SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { sqsClient } from '../../lib/platform/queues.ts';
import { localAccess } from './dynalite.ts';

/** An emulator of SQS, and a client of it. */
export interface QueuesEmulator {
  readonly fauxqs: FauxqsServer;
  readonly client: SQSClient;
  readonly stop: () => Promise<void>;
}

export async function startQueues(): Promise<QueuesEmulator> {
  const fauxqs = await startFauxqs({ port: 0, logger: false });
  const client = sqsClient(localAccess(`http://127.0.0.1:${fauxqs.port}`));
  return {
    fauxqs,
    client,
    stop: async () => {
      client.destroy();
      await fauxqs.stop();
    },
  };
}
