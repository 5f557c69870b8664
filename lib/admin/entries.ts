import type { Visits } from '../conversations/visit.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer } from '../platform/http-door.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import { type Entrance, withChannel } from '../replies/entrance.ts';
import { codeAsPng, codeAsSvg } from '../wecom/code-drawing.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import { pageOf } from './paging.ts';

/** What the admin API needs for the ways into the accounts. `zone` says when a day begins. */
export interface AdminEntries {
  readonly zone: string;
  readonly store: {
    entrances(): Promise<readonly Entrance[]>;
    link(account: string, scene: string): Promise<string | undefined>;
    /** The one that is kept, which is an earlier one where there is one. */
    keepLink(account: string, scene: string, url: string): Promise<string>;
  };
  visitsOf(entrance: string, day: Day): Promise<{ readonly today: Visits; readonly total: Visits }>;
  /** Asks WeCom for a link. Every one is another. */
  newLink(account: string, scene: string): Promise<string>;
}

/** How many entries are read side by side. */
const READ_AT_ONCE = 20;

/** The ways into the accounts: their links, codes and counts. A link is made when it is first asked for, and is the same from then on. */
export function entryRoutes(
  { zone, store, visitsOf, newLink }: AdminEntries,
  clock: Clock,
): Readonly<Record<string, Route>> {
  const today = (): Day => dayOf(zone, clock());

  async function view(entrance: Entrance, link: string | undefined) {
    const { id, account, scene, channel, team, language, rules } = entrance;
    const day = today();
    const visits = await visitsOf(id, day);
    return { id, account, scene, channel, team, language, rules, link, day, ...visits };
  }

  async function linkOf({ account, scene, channel }: Entrance): Promise<string> {
    const kept = await store.link(account, scene);
    return withChannel(kept ?? (await store.keepLink(account, scene, await newLink(account, scene))), channel);
  }

  /** An entrance with its link, or why it has none. */
  async function withLink(
    id: string | undefined,
    show: (entrance: Entrance, link: string) => HttpAnswer | Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const entrance = (await store.entrances()).find((one) => one.id === id);
    if (!entrance) return NO_ENTRY;
    let link: string;
    try {
      link = await linkOf(entrance);
    } catch (error) {
      if (!isOutage(error) && !(error instanceof WeComError)) throw error;
      log.warn('no link', { entry: entrance.id, ...errorFields(error) });
      return problem(
        503,
        `WeCom makes no link for account ${entrance.account} now: ${reasonOf(error)} Try again later.`,
      );
    }
    return show(entrance, link);
  }

  return {
    /** Links as far as they were asked for: nobody waits for WeCom here. */
    'GET /entries': async (request) => {
      const page = pageOf(request, await store.entrances(), (entrance) => entrance.id);
      if ('status' in page) return page;
      const entries: object[] = [];
      for (const some of inChunks(page.items, READ_AT_ONCE)) {
        entries.push(
          ...(await Promise.all(
            some.map(async (entrance) => {
              const kept = await store.link(entrance.account, entrance.scene);
              return view(entrance, kept && withChannel(kept, entrance.channel));
            }),
          )),
        );
      }
      return jsonAnswer({ entries, ...(page.next !== undefined && { next: page.next }) });
    },

    'GET /entries/{id}': (_, { id }) => withLink(id, async (entrance, link) => jsonAnswer(await view(entrance, link))),

    'GET /entries/{id}/code.svg': (_, { id }) =>
      withLink(id, (_entrance, link) => picture('image/svg+xml', { body: codeAsSvg(link) })),
    'GET /entries/{id}/code.png': (_, { id }) =>
      withLink(id, (_entrance, link) => picture('image/png', { bytes: codeAsPng(link) })),
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof WeComError ? `it answered ${error.errcode}.` : 'it does not answer.';

function picture(type: string, content: Pick<HttpAnswer, 'body' | 'bytes'>): HttpAnswer {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  return { status: 200, headers, ...content };
}

const NO_ENTRY = problem(404, 'There is no such entry. Entries are made by the business configuration.');
