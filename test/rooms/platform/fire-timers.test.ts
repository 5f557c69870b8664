import { expect, test } from '@jest/globals';
import { HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { fireTimers } from '../../../lib/platform/fire-timers.ts';
import { contactGroup } from '../../../lib/platform/group-id.ts';
import { type ReconcileWake, Timer } from '../../../lib/platform/wakes.ts';
import { memoryQueue } from '../../support/memory-queues.ts';

const NOW = 1_000_000;
const step: ReconcileWake = {
  v: 1,
  kind: 'reconcile',
  step: 'adds',
  app: 'main',
  night: '2026-10-02',
  since: 1,
  agentIds: ['amy'],
  tries: 1,
};

async function fired(timer: Timer) {
  const woken: unknown[] = [];
  const sent: unknown[] = [];
  const note = async (...what: unknown[]) => void woken.push(...what);
  const timers = memoryQueue<Timer>({ clock: () => NOW });
  const fire = fireTimers({
    clock: () => NOW,
    timers: { ...timers, send: async (message, options) => void sent.push({ message, ...options }) },
    wakeConversation: note,
    wakeTeam: note,
    wakeWay: note,
    wakeContact: note,
    goOn: note,
    pull: note,
  });
  await fire(Timer.parse(JSON.parse(JSON.stringify(timer))));
  return { woken, sent };
}

test.each<[Timer['do'], unknown]>([
  [{ what: 'wake-way', wayId: 'fair' }, 'fair'],
  [
    { what: 'label-contact', customerId: 'wmOne', app: 'main' },
    { v: 1, kind: 'label', app: 'main', customerId: 'wmOne' },
  ],
  [{ what: 'reconcile', wake: step }, step],
])('a timer that is due wakes its owner: %j', async (what, owner) => {
  expect(await fired({ v: 1, dueAt: NOW, do: what })).toEqual({ woken: [owner], sent: [] });
});

test('a timer further away than SQS can delay goes on its way in hops', async () => {
  const timer: Timer = { v: 1, dueAt: NOW + 6 * HOUR, do: { what: 'label-contact', customerId: 'wmOne', app: 'main' } };
  expect(await fired(timer)).toEqual({ woken: [], sent: [{ message: timer, delaySeconds: (15 * MINUTE) / 1000 }] });
});

test('what is a customer’s goes into his group, and steps of the night into a few of their own', () => {
  expect(contactGroup({ v: 1, kind: 'label', app: 'main', customerId: 'wmOne' })).toBe('wmOne');
  const groups = Array.from({ length: 50 }, (_, n) => contactGroup({ ...step, agentIds: [`agent${n}`] }));
  expect([...new Set(groups)].sort()).toEqual(['reconcile#0', 'reconcile#1', 'reconcile#2']);
  expect(contactGroup({ v: 1, kind: 'reconcile', step: 'codes', app: 'main', night: 'n', reads: 1, tries: 0 })).toBe(
    'reconcile#codes',
  );
});
