import * as z from 'zod';
import type { Conversation } from '../conversations/conversation.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { httpRouter, jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import type { Cursor, Item } from '../store/table.ts';
import { type AdminWays, contactWayRoutes } from './contact-ways.ts';
import { conversationView, historyView } from './conversation-view.ts';
import { type AdminEntries, entryRoutes } from './entries.ts';
import { type AdminFigures, figureRoutes } from './figures.ts';
import { type AdminHandOvers, handOverRoutes } from './hand-overs.ts';
import { type AdminMedia, mediaRoutes } from './media-routes.ts';
import { readPage, SortKey, writeCursor } from './paging.ts';
import { type AdminQuickReplies, quickReplyRoutes } from './quick-replies.ts';
import { type AdminRouting, routingRoutes } from './routing-routes.ts';

/** What the admin API looks at, and what it changes: contact ways, and who is on duty. */
export interface AdminApi {
  readonly clock: Clock;
  readonly routing: AdminRouting;
  /** Lets a team look at its line. */
  wakeTeam(teamId: string): Promise<void>;
  readonly conversations: {
    /** A conversation that was never saved has version 0. */
    read(conversationId: string, now: Instant): Promise<Conversation>;
    history(conversationId: string, page: { limit: number; after?: Cursor }): Promise<{ items: Item[]; next?: Cursor }>;
  };
  readonly media: AdminMedia;
  readonly figures: AdminFigures;
  readonly ways: AdminWays;
  /** What needs WeCom's credentials beside all this, from a door that has them. */
  readonly withWeCom?: Readonly<Record<string, Route>>;
  /** Absent: its addresses are not there. */
  readonly quickReplies?: AdminQuickReplies;
  readonly entries: AdminEntries;
  readonly handOvers: AdminHandOvers;
}

/** The addresses below /admin/v1, for whoever has been let in. */
export const adminApi = (room: AdminApi): ((request: HttpRequest) => Promise<HttpAnswer>) =>
  httpRouter(adminRoutes(room));

/** The same, each by itself, so that somebody can stand before them (`guardedRoutes`). */
export function adminRoutes({
  clock,
  routing,
  wakeTeam,
  conversations,
  media,
  figures,
  ways,
  withWeCom,
  quickReplies,
  entries,
  handOvers,
}: AdminApi): Readonly<Record<string, Route>> {
  async function find(conversationId: string | undefined): Promise<Conversation | undefined> {
    if (!conversationId) return undefined;
    const conversation = await conversations.read(conversationId, clock());
    return conversation.version > 0 ? conversation : undefined;
  }

  async function isTeam(teamId: string): Promise<boolean> {
    return (await routing.configured()).teams.some((team) => team.teamId === teamId);
  }

  return {
    ...contactWayRoutes(ways, clock),
    ...figureRoutes(figures, isTeam, clock),
    ...routingRoutes(routing, wakeTeam, clock),
    ...withWeCom,
    ...(quickReplies && quickReplyRoutes(quickReplies, clock)),
    ...entryRoutes(entries, clock),
    ...mediaRoutes(media, clock),
    ...handOverRoutes(handOvers, routing, find, clock),

    /** Whether this API reaches its tables. */
    'GET /health': async () => {
      try {
        await routing.configured();
        return jsonAnswer({ status: 'ok' });
      } catch (error) {
        log.error('not healthy', errorFields(error));
        return problem(503, 'The routing table does not answer.');
      }
    },

    'GET /conversations/{id}': async (_, { id }) => {
      const conversation = await find(id);
      return conversation ? jsonAnswer(conversationView(conversation)) : NO_CONVERSATION;
    },

    'GET /conversations/{id}/history': async (request, { id }) => {
      const wanted = readPage(request, placeInHistory(id));
      if ('status' in wanted) return wanted;
      const conversation = await find(id);
      if (!conversation) return NO_CONVERSATION;
      const page = await conversations.history(conversation.conversationId, wanted);
      const entries = historyView(page.items, clock());
      return jsonAnswer({
        id: conversation.conversationId,
        entries,
        more: page.next !== undefined,
        ...(page.next && { next: writeCursor(page.next) }),
      });
    },
  };
}

/** A page begins after an entry of this very conversation: a table refuses a place that lies elsewhere. */
const placeInHistory = (conversationId = '') =>
  z.strictObject({ conversationId: z.literal(conversationId), entry: SortKey, arrivedAt: z.int() });

const NO_CONVERSATION = problem(
  404,
  'There is no such conversation. Its id is the account and the customer: open_kfid:external_userid.',
);
