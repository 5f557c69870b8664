import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/platform/clock.ts';
import { runGroup } from '../../lib/platform/group-id.ts';
import { sqsQueue } from '../../lib/platform/queues.ts';
import type { ConversationWake, NoticeWake, Signal, TeamWake, WayWake } from '../../lib/platform/wakes.ts';

/** Wakes supervisors' desks. */
export function deskWakes(sqs: SQSClient, url: string) {
  const notices = sqsQueue<NoticeWake>(sqs, url);
  return (supervisorId: string) => notices.send({ v: 1, supervisorId });
}

/** The four owners and how to wake each: what timers and the sweep do. */
export function ownerWakes(
  sqs: SQSClient,
  urls: Record<
    'SIGNALS_QUEUE_URL' | 'CONVERSATIONS_QUEUE_URL' | 'ASSIGNMENTS_QUEUE_URL' | 'ROTATIONS_QUEUE_URL',
    string
  >,
  clock: Clock,
) {
  const signals = sqsQueue<Signal>(sqs, urls.SIGNALS_QUEUE_URL);
  const conversations = sqsQueue<ConversationWake>(sqs, urls.CONVERSATIONS_QUEUE_URL);
  const teams = sqsQueue<TeamWake>(sqs, urls.ASSIGNMENTS_QUEUE_URL);
  const ways = sqsQueue<WayWake>(sqs, urls.ROTATIONS_QUEUE_URL);
  return {
    wakeConversation: (conversationId: string) =>
      conversations.send({ v: 1, conversationId }, { group: conversationId }),
    wakeTeam: (teamId: string) => teams.send({ v: 1, teamId }, { group: teamId }),
    wakeWay: (wayId: string) => ways.send({ v: 1, wayId }, { group: wayId }),
    goOn: (app: string, openKfId: string, run: string) =>
      signals.send(
        { v: 1, kind: 'run', app, openKfId, run, createdAt: clock(), receivedAt: clock() },
        { group: runGroup(openKfId) },
      ),
    pull: (
      app: string,
      openKfId: string,
      { token, receivedAt = clock() }: { token?: string | undefined; receivedAt?: number | undefined } = {},
    ) =>
      signals.send(
        { v: 1, kind: 'pull', app, openKfId, createdAt: clock(), receivedAt, ...(token !== undefined && { token }) },
        { group: openKfId },
      ),
  };
}
