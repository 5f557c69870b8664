import { SECOND } from '../platform/clock.ts';
import { chooseReply, isCourtesy } from '../replies/choose-reply.ts';
import type { Reply, RuleSet } from '../replies/rule-set.ts';
import { type Content, cutText } from '../wecom/outgoing-messages.ts';
import type { Answer, HouseRules } from './decide.ts';

/** WeCom: kf/send_msg, a menu's head_content. */
const MENU_HEAD_BYTES = 1024;

/** A rule set and a team, as decisions see them. */
export function houseRules(
  ruleSet: RuleSet,
  team:
    | {
        readonly teamId: string;
        readonly endAfterSilenceSeconds: number;
        readonly offer?: { readonly seconds: number };
      }
    | undefined,
): HouseRules {
  return {
    ...(ruleSet.greeting && { greeting: contentOf(ruleSet.greeting) }),
    fallback: textContent(ruleSet.fallback),
    handOverAfterFallbacks: ruleSet.handOverAfterFallbacks,
    grace: ruleSet.graceSeconds * 1000,
    texts: {
      waiting: textContent(ruleSet.texts.waiting),
      connecting: textContent(ruleSet.texts.connecting),
      ended: textContent(ruleSet.texts.ended),
      nobody: textContent(ruleSet.texts.nobody),
    },
    ...(team && { team: termsOf(team) }),
    isCourtesy: (question) => isCourtesy(ruleSet, question),
    answer(questions): Answer {
      const chosen = chooseReply(ruleSet, questions);
      if (chosen.do !== 'reply') return chosen;
      return {
        do: 'reply',
        content: merge(chosen.replies.map(({ reply }) => reply)),
        rule: chosen.replies.map(({ rule }) => rule).join(','),
      };
    },
  };
}

function termsOf(team: {
  readonly teamId: string;
  readonly endAfterSilenceSeconds: number;
  readonly offer?: { readonly seconds: number };
}): NonNullable<HouseRules['team']> {
  const { teamId, endAfterSilenceSeconds, offer } = team;
  const answerWithin = offer && { answerWithin: offer.seconds * SECOND };
  return { teamId, endAfterSilence: endAfterSilenceSeconds * SECOND, ...(answerWithin && { offer: answerWithin }) };
}

const textContent = (text: string): Content => ({ type: 'text', text: cutText(text) });

function contentOf(reply: Reply): Content {
  return 'text' in reply ? textContent(reply.text) : { type: 'menu', ...reply.menu };
}

/**
 * One message out of several replies (rule 6): texts follow one another; a menu comes last with the texts above it. Of several
 * menus the last one stands, as it would on the phone.
 */
export function merge(replies: readonly Reply[]): Content {
  const texts = replies.flatMap((reply) => ('text' in reply ? [reply.text] : []));
  const menu = replies.findLast((reply) => 'menu' in reply);
  if (!menu) return textContent(texts.join('\n\n'));
  const head = [...texts, ...(menu.menu.head ? [menu.menu.head] : [])].join('\n\n');
  return { type: 'menu', ...menu.menu, ...(head !== '' && { head: cutText(head, MENU_HEAD_BYTES) }) };
}
