import { SECOND } from '../platform/clock.ts';
import { dayOf } from '../platform/wall-clock.ts';
import { questionKey } from '../replies/asked.ts';
import { chooseReply, isCourtesy } from '../replies/choose-reply.ts';
import type { FaqIndex } from '../replies/faq-index.ts';
import type { FaqThresholds } from '../replies/find-faq.ts';
import type { Language } from '../replies/language.ts';
import { asksToLeave, placeText } from '../replies/line-terms.ts';
import { isMediaReply, mediaContent } from '../replies/media-reply.ts';
import type { ModelTerms } from '../replies/model-terms.ts';
import { openingOf } from '../replies/opening-hours.ts';
import { type Filling, fillPlaceholders } from '../replies/placeholders.ts';
import type { Said } from '../replies/reply.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import { type Content, cutText, TEXT_BYTES } from '../wecom/outgoing-messages.ts';
import type { Answer, HouseRules } from './decide.ts';
import type { ModelRules } from './model.ts';
import type { TeamRules } from './team-rules.ts';

/** WeCom: kf/send_msg, a menu's head_content. */
const MENU_HEAD_BYTES = 1024;

/**
 * A rule set and a team, as decisions see them. `version` is the rule set's, `zone` the corp's time zone. `faq` is the index of the list
 * that the rule set names.
 */
export function houseRules(
  {
    ruleSet,
    version,
    faq,
    hasModel,
  }: {
    readonly ruleSet: RuleSet;
    readonly version: number;
    readonly faq?: FaqIndex | undefined;
    /** The stage has a model, so that a rule set may ask it. */
    readonly hasModel?: boolean;
  },
  team: TeamSettings | undefined,
  zone: string,
  language?: Language,
): HouseRules {
  const accountFaq = faq && { index: faq, terms: termsOfFaq(ruleSet) };
  return {
    ...(ruleSet.greeting && { greeting: plainContent(ruleSet.greeting) }),
    fallback: textContent(ruleSet.fallback),
    handOverAfterFallbacks: ruleSet.handOverAfterFallbacks,
    grace: ruleSet.graceSeconds * 1000,
    texts: {
      waiting: textContent(ruleSet.texts.waiting),
      connecting: textContent(ruleSet.texts.connecting),
      ended: textContent(ruleSet.texts.ended),
      nobody: textContent(ruleSet.texts.nobody),
    },
    ...(team && { team: teamRulesOf(team) }),
    ...(ruleSet.rating && { rating: ruleSet.rating }),
    ...(hasModel && ruleSet.model && { model: modelRulesOf(ruleSet.model, zone) }),
    line: {
      every: ruleSet.line.everySeconds * SECOND,
      left: textContent(ruleSet.texts.left),
      asksToLeave: (question) => asksToLeave(ruleSet, question),
      text(place) {
        const text = placeText(ruleSet, place);
        return text === undefined ? undefined : textContent(text);
      },
    },
    isCourtesy: (question) => isCourtesy(ruleSet, question),
    keyOf: questionKey,
    closedAt(at) {
      const opening = openingOf(ruleSet, zone, at);
      if (!opening || opening.open) return undefined;
      const { opensAt } = opening;
      const { closed, nobody } = ruleSet.texts;
      const text = opensAt === undefined ? nobody : fillPlaceholders(closed, { now: at, zone, opensAt });
      return { text: textContent(text), ...(opensAt !== undefined && { opensAt }) };
    },
    answer(questions, known, now): Answer {
      const opening = openingOf(ruleSet, zone, now);
      const opensAt = opening && !opening.open ? opening.opensAt : undefined;
      const chosen = chooseReply(
        ruleSet,
        { ...(language && { language }), ...known, questions, ...(opening && { open: opening.open }) },
        accountFaq,
      );
      if (chosen.do !== 'reply') return chosen;
      return {
        do: 'reply',
        contents: contentsOf(
          chosen.replies.map(({ reply }) => reply),
          { now, zone, opensAt },
        ),
        rule: [...new Set(chosen.replies.map(({ rule }) => rule))].join(','),
        ruleSetVersion: version,
        ...quickOf(chosen.replies),
        ...(chosen.insteadOfFallback && { insteadOfFallback: true }),
        ...(chosen.tags && { tags: chosen.tags }),
        ...(chosen.endsBy !== undefined && { endsBy: chosen.endsBy }),
      };
    },
  };
}

function modelRulesOf({ deadlineSeconds, perConversationPerDay }: ModelTerms, zone: string): ModelRules {
  return { deadlineMs: deadlineSeconds * SECOND, perConversationPerDay, dayOf: (at) => dayOf(zone, at) };
}

/** The library's quick replies among them, each once. */
function quickOf(replies: readonly { readonly quick?: string }[]): { quick?: readonly string[] } {
  const quick = [...new Set(replies.flatMap((one) => one.quick ?? []))];
  return quick.length > 0 ? { quick } : {};
}

export interface TeamSettings {
  /** As they are written; they hold where the rule set has none. */
  readonly openingHours?: unknown;
  readonly teamId: string;
  readonly endAfterSilenceSeconds: number;
  readonly offer?:
    | {
        readonly seconds: number;
        readonly mode?: 'direct' | 'card' | undefined;
        readonly language?: 'zh' | 'en' | undefined;
      }
    | undefined;
}

export function teamRulesOf(team: TeamSettings): TeamRules {
  const { teamId, endAfterSilenceSeconds, offer } = team;
  const card = offer?.mode === 'card' && { card: { language: offer.language ?? 'zh' } };
  const answerWithin = offer && { answerWithin: offer.seconds * SECOND, ...card };
  return { teamId, endAfterSilence: endAfterSilenceSeconds * SECOND, ...(answerWithin && { offer: answerWithin }) };
}

/** What an account wishes; the rest is as the list's defaults are. */
export function termsOfFaq({ faq: { threshold, closeBy, lowest } = { list: '' } }: RuleSet): Partial<FaqThresholds> {
  return {
    ...(threshold !== undefined && { threshold }),
    ...(closeBy !== undefined && { closeBy }),
    ...(lowest !== undefined && { lowest }),
  };
}

const textContent = (text: string): Content => ({ type: 'text', text: cutText(text) });

type Menu = Extract<Said, { menu: unknown }>;
type Text = Extract<Said, { text: unknown }>;

const plainContent = (reply: Menu | Text): Content =>
  'text' in reply ? textContent(reply.text) : { type: 'menu', ...reply.menu };

function contentOf(reply: Said): Content {
  if ('text' in reply || 'menu' in reply) return plainContent(reply);
  if ('card' in reply) return { type: 'business-card', agentId: reply.card };
  if ('acquisitionLink' in reply) return { type: 'acquisition-link', url: reply.acquisitionLink };
  return isMediaReply(reply) ? mediaContent(reply) : { type: 'location', ...reply.location };
}

function filled(reply: Said, filling: Filling): Said {
  if ('text' in reply) return { text: fillPlaceholders(reply.text, filling) };
  if (!('menu' in reply)) return reply;
  const { head, tail, items } = reply.menu;
  return {
    menu: {
      items,
      ...(head !== undefined && { head: fillPlaceholders(head, filling) }),
      ...(tail !== undefined && { tail: fillPlaceholders(tail, filling) }),
    },
  };
}

/** What is sent for these replies. */
export const contentsOf = (replies: readonly Said[], filling: Filling): Content[] =>
  merge(replies.map((reply) => filled(reply, filling)));

/**
 * As few messages as lose nothing (rule 6), because the window takes five: texts follow one another in one message, and a
 * single menu comes last, with the texts above it. What does not fit, and what cannot be merged, are messages in their order.
 */
export function merge(replies: readonly Said[]): Content[] {
  const texts = replies.flatMap((reply) => ('text' in reply ? [reply.text] : []));
  const menus = replies.flatMap((reply) => ('menu' in reply ? [reply.menu] : []));
  const [menu] = menus;
  if (menu && menus.length === 1 && texts.length === replies.length - 1) {
    const head = [...texts, ...(menu.head ? [menu.head] : [])].join(BETWEEN_TEXTS);
    if (Buffer.byteLength(head) <= MENU_HEAD_BYTES) return [{ type: 'menu', ...menu, ...(head !== '' && { head }) }];
  }
  const contents: Content[] = [];
  for (const reply of replies) {
    const content = contentOf(reply);
    const before = contents.at(-1);
    const joined = before && joinedTexts(before, content);
    if (joined) contents.splice(-1, 1, joined);
    else contents.push(content);
  }
  return contents;
}

const BETWEEN_TEXTS = '\n\n';

/** Two texts as one; undefined where WeCom would not take it, or one of them is none. */
function joinedTexts(before: Content, after: Content): Content | undefined {
  if (before.type !== 'text' || after.type !== 'text') return undefined;
  const text = `${before.text}${BETWEEN_TEXTS}${after.text}`;
  return Buffer.byteLength(text) <= TEXT_BYTES ? { type: 'text', text } : undefined;
}
