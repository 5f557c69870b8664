import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const count = z.int().min(0);

export const WaysAudited = defineEvent({
  type: 'ways.audited.v1',
  says: 'The codes that an app has at WeCom were compared with ours. None of those counted here was touched.',
  data: z.object({
    app: z.string().min(1),
    foreign: count.describe('Made by others: another stage, an older system.'),
    orphaned: count.describe('They bear our name, and nothing of ours knows them.'),
    unread: count.describe('Not ours, and more than are looked at.'),
  }),
  example: { app: 'main', foreign: 12, orphaned: 1, unread: 0 },
});
