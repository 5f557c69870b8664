import type { Conversation } from '../conversations/conversation.ts';
import type { OwnEntry } from '../conversations/entries.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import type { Agent, WaitingRequest } from '../routing/agent.ts';

/** What showing a conversation's standing needs of the rooms. */
export interface AdminStanding {
  readonly conversations: {
    read(conversationId: string, now: Instant): Promise<Conversation>;
    readonly inbox: { unread(owner: string, limit: number): Promise<{ entries: readonly unknown[]; more: boolean }> };
  };
  readonly routing: {
    configured(): Promise<{ agents: readonly Agent[] }>;
    agents(agentIds: readonly string[]): Promise<readonly Agent[]>;
    line(teamId: string): Promise<readonly WaitingRequest[]>;
  };
  /** Puts the entry into the conversation's inbox, and wakes it. */
  tell(conversationId: string, entry: Extract<OwnEntry, { kind: 'place-asked' }>): Promise<unknown>;
}

const UNREAD_AT_MOST = 100;

interface TakenPlace {
  readonly agentId: string;
  readonly element: string;
  /** The conversation knows of it. */
  readonly held: boolean;
}

/** Where a conversation stands with the other owners, and how places come back that nothing holds. */
export function standingRoutes(
  { conversations, routing, tell }: AdminStanding,
  clock: Clock,
): Readonly<Record<string, Route>> {
  async function find(conversationId = ''): Promise<Conversation | undefined> {
    const conversation = await conversations.read(conversationId, clock());
    return conversation.version > 0 ? conversation : undefined;
  }

  /** Agents know their places by elements that begin with the conversation's id. */
  async function placesOf(conversation: Conversation): Promise<TakenPlace[]> {
    const { conversationId, session, place } = conversation;
    const { agents } = await routing.configured();
    // Somebody whom the configuration does not name any more may still hold one.
    const others = [session.agentId, place?.agentId].filter((id) => id !== undefined);
    const unlisted = others.filter((id) => !agents.some(({ agentId }) => agentId === id));
    const all = [...agents, ...(unlisted.length > 0 ? await routing.agents([...new Set(unlisted)]) : [])];
    return all.flatMap(({ agentId, serving }) =>
      [...serving]
        .filter((element) => element.startsWith(`${conversationId}#`))
        .map((element) => ({ agentId, element, held: isHeld(conversation, agentId, element) })),
    );
  }

  return {
    'GET /conversations/{id}/standing': async (_, { id }) => {
      const conversation = await find(id);
      if (!conversation) return NO_CONVERSATION;
      const { request } = conversation;
      const [unread, places, line] = await Promise.all([
        conversations.inbox.unread(conversation.conversationId, UNREAD_AT_MOST),
        placesOf(conversation),
        request && routing.line(request.teamId),
      ]);
      const ahead = line?.findIndex(({ r }) => r === request?.r) ?? -1;
      return jsonAnswer({
        id: conversation.conversationId,
        unread: unread.entries.length,
        moreUnread: unread.more,
        places: places.map(({ agentId, held }) => ({ agentId, held })),
        ...(request && {
          line: { teamId: request.teamId, waiting: line?.length ?? 0, ...(ahead >= 0 && { place: ahead + 1 }) },
        }),
      });
    },

    /** Asks the conversation about every place that it seems not to hold: it gives back what it does not know of. */
    'POST /conversations/{id}/free-places': async (_, { id }) => {
      const conversation = await find(id);
      if (!conversation) return NO_CONVERSATION;
      const loose = (await placesOf(conversation)).filter(({ held }) => !held);
      const at = clock();
      for (const { agentId, element } of loose) {
        await tell(conversation.conversationId, { kind: 'place-asked', agentId, element, at });
      }
      return jsonAnswer({ id: conversation.conversationId, asked: loose.map(({ agentId }) => agentId) }, 202);
    },
  };
}

const isHeld = ({ place, request }: Conversation, agentId: string, element: string): boolean =>
  (place?.agentId === agentId && place.element === element) ||
  (request?.assigned?.agentId === agentId && request.assigned.element === element);

const NO_CONVERSATION = problem(
  404,
  'There is no such conversation. Its id is the account and the customer: open_kfid:external_userid.',
);
