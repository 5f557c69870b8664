import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const RotationChanged = defineEvent({
  type: 'rotation.changed.v1',
  says: 'A contact way’s code lists other members than before, or the first: WeCom took the list. The openings of a `link` way give turns by themselves.',
  data: z.object({ wayId: id, agentIds: z.array(id).describe('Whom WeCom may give the next customer to.') }),
  example: { wayId: 'spring', agentIds: ['zhangsan', 'lisi'] },
});
