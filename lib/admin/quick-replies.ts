import type { Finding } from '../configuration/business.ts';
import { readQuickReply } from '../configuration/read-quick-reply.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer } from '../platform/http-door.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { dayOf } from '../platform/wall-clock.ts';
import type { LibraryReply } from '../replies/reply.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import { pageOf } from './paging.ts';
import { etagOf, forbidden, overtaken, withEtag } from './preconditions.ts';
import { type QuickReplyFacts, quickReplyView } from './quick-reply-view.ts';
import { readJson } from './read-json.ts';

/** What the admin API needs of the replies room. */
export interface AdminQuickReplies {
  readonly zone: string;
  /** The library by id, consistently read. */
  quickReplies(): Promise<ReadonlyMap<string, LibraryReply>>;
  /** Saves or (`next` undefined) removes it, but only over what was `seen`; false: it is not that any more. */
  replaceQuickReply(id: string, seen: LibraryReply | undefined, next: LibraryReply | undefined): Promise<boolean>;
  usage(): Promise<ReadonlyMap<string, QuickReplyFacts['usage'] & object>>;
  /** The rule sets by account. */
  ruleSets(): Promise<ReadonlyMap<string, RuleSet>>;
}

/**
 * The library of quick replies, as supervisors see and change it. A rule set keeps its copy of what it names until a configuration is
 * applied, so that what customers read changes at one moment: the answers here say which rule sets have a copy.
 */
export function quickReplyRoutes(room: AdminQuickReplies, clock: Clock): Readonly<Record<string, Route>> {
  async function view(quickReply: LibraryReply) {
    const [usage, ruleSets] = await Promise.all([room.usage(), room.ruleSets()]);
    return quickReplyView({ quickReply, usage: usage.get(quickReply.id), ruleSets }, dayOf(room.zone, clock()));
  }

  async function conflict(id: string): Promise<HttpAnswer> {
    const now = (await room.quickReplies()).get(id);
    return overtaken(now && etagOf(now));
  }

  return {
    'GET /quick-replies': async (request) => {
      const [library, usage, ruleSets] = await Promise.all([room.quickReplies(), room.usage(), room.ruleSets()]);
      const today = dayOf(room.zone, clock());
      const byFolder = [...Map.groupBy(library.values(), ({ folder }) => folder).values()].flat();
      const page = pageOf(request, byFolder, ({ id }) => id);
      if ('status' in page) return page;
      const folders = Map.groupBy(page.items, ({ folder }) => folder);
      return jsonAnswer({
        ...(page.next !== undefined && { next: page.next }),
        folders: [...folders].map(([folder, quickReplies]) => ({
          folder,
          quickReplies: quickReplies.map((quickReply) => {
            const {
              folder: _,
              days,
              ...shown
            } = quickReplyView({ quickReply, usage: usage.get(quickReply.id), ruleSets }, today);
            return shown;
          }),
        })),
      });
    },

    'GET /quick-replies/{id}': async (_, { id = '' }) => {
      const quickReply = (await room.quickReplies()).get(id);
      return quickReply ? withEtag(jsonAnswer(await view(quickReply)), etagOf(quickReply)) : NO_QUICK_REPLY;
    },

    'PUT /quick-replies/{id}': async (request, { id = '' }) => {
      const written = readJson(request.body);
      if (written === undefined) return problem(400, 'The body has to be JSON in UTF-8.');
      const read = readQuickReply(withId(written, id));
      if (!read.ok) return notSaved(read.problems);
      const { quickReply } = read;
      if (quickReply.id !== id) return ANOTHER_ID;
      const known = (await room.quickReplies()).get(id);
      const refused = forbidden(request, known && etagOf(known));
      if (refused) return refused;
      if (!(await room.replaceQuickReply(id, known, quickReply))) return conflict(id);
      return withEtag(jsonAnswer(await view(quickReply), known ? 200 : 201), etagOf(quickReply));
    },

    /** What rule sets have copied they go on saying. */
    'DELETE /quick-replies/{id}': async (request, { id = '' }) => {
      const quickReply = (await room.quickReplies()).get(id);
      if (!quickReply) return NO_QUICK_REPLY;
      const refused = forbidden(request, etagOf(quickReply));
      if (refused) return refused;
      if (!(await room.replaceQuickReply(id, quickReply, undefined))) return conflict(id);
      const { namedBy } = await view(quickReply);
      return jsonAnswer({ id, removed: true, namedBy });
    },
  };
}

const NO_QUICK_REPLY = problem(404, 'There is no such quick reply. PUT makes one.');
const ANOTHER_ID = notSaved([
  { path: 'id', problem: 'is not the id of this address', mend: 'leave it out, or write the same id' },
]);

function notSaved(errors: readonly Finding[]): HttpAnswer {
  return problem(422, 'The quick reply cannot be saved; nothing was changed.', { errors });
}

/** The address says which one it is; the body may leave it out. */
function withId(written: unknown, id: string): unknown {
  const isObject = typeof written === 'object' && written !== null && !Array.isArray(written);
  return isObject ? { id, ...written } : written;
}
