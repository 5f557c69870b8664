import {
  type Fields,
  invalid,
  isFields,
  optionalFields,
  optionalText,
  requiredFields,
  requiredText,
} from './fields.ts';
import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';

/** A card with buttons, as the member's WeCom shows it. */
export interface ShownCard {
  readonly task: string;
  readonly app: string;
  readonly at: number;
  readonly body: Fields;
  /** What stands in the place of the buttons, since the app changed it. */
  says?: string;
}

/** Cards that apps sent to members, and the codes for which an app may change them. */
export interface AppCards {
  /** What a member sees, oldest first. */
  seenBy(userid: string): readonly ShownCard[];
  isKnown(app: string, task: string): boolean;
  show(userid: string, card: ShownCard): void;
  /** A fresh `response_code` for this card. */
  codeFor(app: string, task: string, now: number): string;
  /** @throws Refusal for a code that is unknown, used, or older than 72 hours */
  change(app: string, code: string, userids: readonly string[], says: string, now: number): void;
}

const CODE_LIVES = 72 * 60 * 60_000;
// WeCom names no code for a bad `response_code`.
const BAD_CODE = 40058;

export function appCards(random: Random): AppCards {
  const seen = new Map<string, ShownCard[]>();
  const tasks = new Set<string>();
  const codes = new Map<string, { app: string; task: string; at: number }>();
  const of = (userid: string): ShownCard[] => seen.get(userid.toLowerCase()) ?? [];
  return {
    seenBy: of,
    isKnown: (app, task) => tasks.has(`${app} ${task}`),
    show(userid, card) {
      tasks.add(`${card.app} ${card.task}`);
      seen.set(userid.toLowerCase(), [...of(userid), card]);
    },
    codeFor(app, task, now) {
      const code = random.text(43);
      codes.set(code, { app, task, at: now });
      return code;
    },
    change(app, code, userids, says, now) {
      const known = codes.get(code);
      if (known === undefined || known.app !== app || now - known.at > CODE_LIVES) throw new Refusal(BAD_CODE);
      codes.delete(code);
      for (const card of userids.flatMap(of)) if (card.app === app && card.task === known.task) card.says = says;
    },
  };
}

/** WeCom: message/send, `template_card`. Of its kinds the one with buttons alone is played here. */
export function checkCard(card: Fields): void {
  if (card.card_type !== 'button_interaction') throw new Refusal(42031);
  requiredText(card, 'task_id', { pattern: /^[0-9A-Za-z_\-@]{1,128}$/ });
  const title = optionalFields(card, 'main_title');
  if (title) {
    optionalText(title, 'title', { maxCharacters: 36 });
    optionalText(title, 'desc', { maxCharacters: 44 });
  }
  for (const fact of listIn(card, 'horizontal_content_list', 0, 6, 42035)) {
    if (typeof fact.keyname !== 'string' || fact.keyname === '') throw new Refusal(42027);
    optionalText(fact, 'keyname', { maxCharacters: 5 });
    optionalText(fact, 'value', { maxCharacters: 30 });
  }
  const keys = listIn(card, 'button_list', 1, 6, 42037).map((button) => {
    if (typeof button.text !== 'string' || button.text === '' || [...button.text].length > 10) throw new Refusal(42038);
    if (typeof button.key !== 'string' || button.key === '' || Buffer.byteLength(button.key) > 1024) {
      throw new Refusal(42039);
    }
    return button.key;
  });
  if (new Set(keys).size < keys.length) throw new Refusal(42039);
}

export function hasButton(card: Fields, key: string): boolean {
  return listIn(card, 'button_list', 1, 6, 42037).some((button) => button.key === key);
}

/** WeCom: message/update_template_card, `button`: what greys the buttons out. */
export function wordInstead(body: Fields): string {
  return requiredText(requiredFields(body, 'button'), 'replace_name');
}

function listIn(fields: Fields, name: string, least: number, most: number, errcode: number): Fields[] {
  const list: unknown = fields[name] ?? [];
  if (!Array.isArray(list)) throw invalid(name);
  if (list.length < least || list.length > most || !list.every(isFields)) throw new Refusal(errcode, name);
  return list;
}
