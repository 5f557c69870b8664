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

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;

/** The addresses below /admin/v1. Whoever comes here has been let in by the gateway. */
export function adminApi({
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
}: AdminApi): (request: HttpRequest) => Promise<HttpAnswer> {
  async function find(conversationId: string | undefined): Promise<Conversation | undefined> {
    if (!conversationId) return undefined;
    const conversation = await conversations.read(conversationId, clock());
    return conversation.version > 0 ? conversation : undefined;
  }

  async function isTeam(teamId: string): Promise<boolean> {
    return (await routing.configured()).teams.some((team) => team.teamId === teamId);
  }

  return httpRouter({
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

    'GET /conversations/{id}/history': async ({ query }, { id }) => {
      const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
      if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
        return problem(400, `limit has to be a whole number from 1 to ${LARGEST_LIMIT}.`);
      }
      const conversation = await find(id);
      if (!conversation) return NO_CONVERSATION;
      const after = query.after === undefined ? undefined : readCursor(query.after);
      if (after === null) return problem(400, 'after has to be the `next` of an earlier answer, unchanged.');
      const page = await conversations.history(conversation.conversationId, { limit, ...(after && { after }) });
      const entries = historyView(page.items, clock());
      return jsonAnswer({
        id: conversation.conversationId,
        entries,
        more: page.next !== undefined,
        ...(page.next && { next: writeCursor(page.next) }),
      });
    },
  });
}

/** Where the next page begins, as text that means nothing to others. */
const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function readCursor(text: string): Cursor | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Key.parse(read);
  } catch {
    return null;
  }
}

const Key = z.record(z.string(), z.union([z.string(), z.number()]));

const NO_CONVERSATION = problem(
  404,
  'There is no such conversation. Its id is the account and the customer: open_kfid:external_userid.',
);
