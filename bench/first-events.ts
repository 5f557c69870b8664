import { anHttpEvent } from '../test/rooms/platform/http-event.ts';
import { envelope, KF_NEWS, sealed } from '../test/rooms/wecom/callback-samples.ts';
import { sqsEvent } from '../test/support/sqs-events.ts';

/** A plain event for each function: what it is mostly called with. A function that is not here is only loaded. */
export const firstEvents: Readonly<Record<string, () => unknown>> = {
  'receive-callback': () => {
    const { encrypted, ...query } = sealed(KF_NEWS, { timestamp: String(Math.floor(Date.now() / 1000)) });
    return anHttpEvent({ method: 'POST', query: new URLSearchParams(query).toString(), body: envelope(encrypted) });
  },
};
