import { expect, test } from '@jest/globals';
import { sweep } from '../../../lib/platform/sweep.ts';

function aSweep(trouble: { conversations?: boolean } = {}) {
  const woken: string[] = [];
  const run = sweep({
    clock: () => 1000,
    overdueConversations: async () => [{ owner: 'wk:wm', attentionAt: 1 }],
    overdueTeams: async () => [{ owner: 'support', attentionAt: 1 }],
    overdueWays: async () => [{ owner: 'spring-expo', attentionAt: 1 }],
    overdueDesks: async () => [{ owner: 'lead', attentionAt: 1 }],
    overdueAccounts: async () => [{ app: 'main', openKfId: 'wk', attentionAt: 1 }],
    overdueMedia: async () => [{ ref: 'poster', attentionAt: 1 }],
    wakeMedia: async ({ ref }) => void woken.push(ref),
    wakeConversation: async (id) => {
      if (trouble.conversations) throw new Error('the queue is away');
      woken.push(id);
    },
    wakeTeam: async (id) => void woken.push(id),
    wakeWay: async (id) => void woken.push(id),
    wakeDesk: async (id) => void woken.push(id),
    pull: async (app, openKfId) => void woken.push(`${app}/${openKfId}`),
  });
  return { run, woken };
}

test('the sweep wakes every owner that is overdue', async () => {
  const { run, woken } = aSweep();
  await run();
  expect(woken.toSorted()).toEqual(['lead', 'main/wk', 'poster', 'spring-expo', 'support', 'wk:wm']);
});

test('trouble with one kind of owner fails the run, and the others are woken all the same', async () => {
  const { run, woken } = aSweep({ conversations: true });
  await expect(run()).rejects.toThrow('the queue is away');
  expect(woken.toSorted()).toEqual(['lead', 'main/wk', 'poster', 'spring-expo', 'support']);
});
