import { expect, test } from '@jest/globals';
import { Shifts } from '../../../lib/platform/shifts.ts';
import type { Agent, WaitingRequest } from '../../../lib/routing/agent.ts';
import { glanceAtLine } from '../../../lib/routing/team-glance.ts';

const NOW = 1_000_000;
const agent = (more: Partial<Agent>): Agent => ({
  agentId: 'amy',
  capacity: 1,
  duty: 'on',
  teams: ['support'],
  serving: new Set(),
  presence: {},
  ...more,
});
const request = (askedAt: number): WaitingRequest => ({
  r: `r${askedAt}`,
  conversationId: 'wk:wm',
  openKfId: 'wk',
  askedAt,
  excluded: {},
});

test('says how many wait, and since when the first of them', () => {
  expect(glanceAtLine([request(700), request(300), request(900)], [], NOW)).toMatchObject({ count: 3, since: 300 });
  expect(glanceAtLine([], [], NOW)).toEqual({ count: 0, since: NOW, receiving: 0 });
});

test.each<[string, Partial<Agent>, number]>([
  ['of whom nothing is known', {}, 1],
  ['off duty', { duty: 'off' }, 0],
  ['away', { away: { reason: 'missed-offers' } }, 0],
  ['away until later', { away: { reason: 'lunch', until: NOW + 1 } }, 0],
  ['back again', { away: { reason: 'lunch', until: NOW } }, 1],
  ['who has left, though a list still names him', { left: { at: 1, reason: 'deleted' } }, 0],
  ['off shift', { shifts: Shifts.parse({ weekly: [{ days: ['sun'], from: '09:00', to: '10:00' }] }) }, 0],
  ['who stopped everywhere', { presence: { a: { status: 'stopped', at: 1 }, b: { status: 'suspended', at: 1 } } }, 0],
  ['who receives somewhere', { presence: { a: { status: 'stopped', at: 1 }, b: { status: 'receiving', at: 1 } } }, 1],
])('counts an agent %s', (_, more, receiving) => {
  expect(glanceAtLine([], [agent(more)], NOW).receiving).toBe(receiving);
});
