import { anHttpEvent } from '../test/rooms/platform/http-event.ts';
import { envelope, KF_NEWS, sealed } from '../test/rooms/wecom/callback-samples.ts';
import { anSqsEvent } from '../test/support/sqs-events.ts';

/** What each function is mostly called with. One that is not here is only loaded. */
export const firstEvents: Readonly<Record<string, () => unknown>> = {
  'receive-callback': aCallback,
  'sync-messages': () => wake({ v: 1, kind: 'pull', app: 'main', openKfId: 'wkSUPPORT', createdAt: 0, receivedAt: 0 }),
  'route-message': () => wake({ v: 1, conversationId: 'wkSUPPORT:wmCustomer' }),
  'assign-agent': () => wake({ v: 1, teamId: 'support' }),
  'fire-timers': () => wake({ v: 1, dueAt: 0, do: { what: 'wake-team', teamId: 'support' } }, undefined),
  'admin-api': () => {
    const event = anHttpEvent({});
    const path = '/admin/v1/teams';
    const http = { ...event.requestContext.http, path };
    return {
      ...event,
      rawPath: path,
      pathParameters: { proxy: 'teams' },
      requestContext: { ...event.requestContext, http },
    };
  },
  sweep: () => ({ 'detail-type': 'Scheduled Event', source: 'aws.events', time: new Date().toISOString(), detail: {} }),
};

function wake(message: object, group: string | undefined = 'group'): unknown {
  return anSqsEvent([{ body: JSON.stringify(message), ...(group !== undefined && { group }) }]);
}

function aCallback(): unknown {
  const { encrypted, ...query } = sealed(KF_NEWS, { timestamp: String(Math.floor(Date.now() / 1000)) });
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return anHttpEvent({ method: 'POST', query: text.join('&'), body: envelope(encrypted) });
}
