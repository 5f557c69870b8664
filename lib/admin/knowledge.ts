import * as z from 'zod';
import { type Clock, SECOND } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { compareKnowledge, groupWithRoom, type KnowledgeStep, listOfKnowledge } from '../replies/compare-knowledge.ts';
import type { Faq } from '../replies/faq.ts';
import { WeComError } from '../wecom/errors.ts';
import { type KnowledgeApi, KnowledgeError } from '../wecom/knowledge-api.ts';
import { readJson } from './read-json.ts';
import { answering } from './wecom-answers.ts';
import { wrongBody } from './wrong-body.ts';

/** What the routes of WeCom's knowledge base ask of the rooms. */
export interface AdminKnowledge {
  /** The stage's list of frequent questions; undefined where there is none. */
  faq(): Promise<Faq | undefined>;
  knowledge(): Promise<KnowledgeApi>;
}

/** The gateway waits no longer than the function lives; what is left then is done by the next call. */
const WORK_FOR = 8 * SECOND;

export const KnowledgeWish = z.strictObject({ dryRun: z.boolean().default(false), remove: z.boolean().default(false) });

/** WeCom's own knowledge base (知识库) beside the stage's frequent questions. Only functions have the address that WeCom trusts. */
export function knowledgeRoutes({ faq, knowledge }: AdminKnowledge, clock: Clock): Readonly<Record<string, Route>> {
  async function look() {
    const api = await knowledge();
    const groups = await api.listGroups();
    return { api, groups, items: await api.listItems() };
  }

  return {
    /** WeCom's items as frequent questions. */
    'GET /knowledge': () =>
      answering(async () => {
        const { items } = await look();
        return jsonAnswer(listOfKnowledge(items));
      }),

    /** Brings WeCom's knowledge base to the stage's list. May be repeated; `more` says that it has to be. */
    'POST /knowledge': ({ body }) =>
      answering(async () => {
        const wish = KnowledgeWish.safeParse(body.byteLength === 0 ? {} : readJson(body));
        if (!wish.success) return wrongBody(wish.error, '{"dryRun":true|false,"remove":true|false}, or nothing');
        const list = await faq();
        if (!list) return NO_FAQ;
        const until = clock() + WORK_FOR;
        const { api, groups, items } = await look();
        const steps = compareKnowledge(list, items, groups);
        const doing = steps.filter((step) => step.do !== 'leave' && (step.do !== 'remove' || wish.data.remove));
        const shown = steps.map(stepView);
        if (wish.data.dryRun) return jsonAnswer({ steps: shown, done: 0, refused: [], more: doing.length > 0 });

        const refused: { id: string; problem: string }[] = [];
        let done = 0;
        const room = { groups: [...groups], items: [...items] };
        for (const step of doing) {
          // One at least, so that repeating comes to an end.
          if (done + refused.length > 0 && clock() >= until) break;
          const trouble = await refusalOf(() => take(api, room, step));
          if (trouble === undefined) done += 1;
          else refused.push({ id: idOf(step), problem: trouble });
        }
        return jsonAnswer({ steps: shown, done, refused, more: done + refused.length < doing.length });
      }),
  };

  async function take(
    api: KnowledgeApi,
    room: { groups: { groupId: string; name: string }[]; items: { groupId: string }[] },
    step: KnowledgeStep,
  ): Promise<void> {
    switch (step.do) {
      case 'change':
        return api.changeItem(step.intentId, step.parts);
      case 'remove':
        return api.deleteItem(step.intentId);
      case 'leave':
        return;
      case 'add': {
        const free = groupWithRoom(room.groups, room.items);
        const groupId = 'groupId' in free ? free.groupId : await api.addGroup(free.name);
        if ('name' in free) room.groups.push({ groupId, name: free.name });
        await api.addItem(groupId, step.item);
        room.items.push({ groupId });
      }
    }
  }
}

/** Why WeCom does not take this one item. What concerns them all is thrown. */
async function refusalOf(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof KnowledgeError) return error.problems.join('; ');
    if (error instanceof WeComError && error.class !== 'configuration' && error.class !== 'frequency') {
      return `WeCom refused it with errcode ${error.errcode}`;
    }
    throw error;
  }
}

const idOf = (step: KnowledgeStep): string => (step.do === 'remove' ? step.intentId : step.id);

/** Ids and parts, no wording. */
function stepView(step: KnowledgeStep): object {
  const base = { do: step.do, id: idOf(step) };
  switch (step.do) {
    case 'add':
      return { ...base, leftOut: step.leftOut };
    case 'change':
      return { ...base, parts: Object.keys(step.parts), leftOut: step.leftOut };
    case 'leave':
      return { ...base, problems: step.problems };
    case 'remove':
      return base;
  }
}

const NO_FAQ = problem(404, 'The stage has no frequent questions: write some in the section faq and apply the file.');
