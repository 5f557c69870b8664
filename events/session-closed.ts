import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

export const SessionClosed = defineEvent({
  type: 'session.closed.v1',
  says: 'A rule ended a session that no person had: in WeCom, too, or where WeCom does not allow it only with us.',
  data: z.object({ rule: z.string().min(1), inWeCom: z.boolean() }),
  example: { rule: 'goodbye', inWeCom: true },
});
