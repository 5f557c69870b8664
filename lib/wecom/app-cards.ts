import * as z from 'zod';
import type { WeComApi } from './api.ts';
import { WeComError } from './errors.ts';

/** A card with buttons for one member of the corp, in the name of an app. */
export interface AppCard {
  /** The app's AgentId, a number of WeCom's. */
  readonly agentId: number;
  readonly user: string;
  /** WeCom's `task_id`; its tap comes back with it. */
  readonly task: string;
  readonly title: string;
  readonly hint: string;
  /** At most six. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** The first one stands out. At most six. */
  readonly buttons: readonly { readonly text: string; readonly key: string }[];
}

export interface CardChange {
  readonly agentId: number;
  readonly user: string;
  /** WeCom's `response_code`, of the sending or of a tap: good once, for 72 hours. */
  readonly code: string;
  /** What stands in the place of the buttons. */
  readonly says: string;
}

/** How long WeCom shows the same message to the same member only once; in seconds, the longest there is. */
const REPEATS_FOR_SECONDS = 4 * 60 * 60;
/** WeCom: UserID, department and tag all invalid, or outside the app's visible range. */
export const NOBODY_REACHED = 81013;

const text = z.string().nullish();
const Sent = z.object({ invaliduser: text, response_code: text });
const Done = z.object({});

/**
 * WeCom: message/send, `template_card` of the kind button_interaction. The same card within four hours is shown once, so that one of
 * which nobody knows whether it went out may be sent again. https://developer.work.weixin.qq.com/document/path/90236
 *
 * @returns the code that buys one change of the card, where WeCom gives one
 * @throws WeComError 81013 where the member does not exist or does not see the app; what `WeComApi` throws
 */
export async function sendAppCard(
  api: WeComApi,
  app: string,
  { agentId, user, task, title, hint, facts, buttons }: AppCard,
): Promise<{ code?: string }> {
  const card = {
    card_type: 'button_interaction',
    task_id: task,
    main_title: { title, desc: hint },
    horizontal_content_list: facts.map(({ name, value }) => ({ keyname: name, value })),
    button_list: buttons.map(({ text: label, key }, index) => ({ text: label, style: index === 0 ? 1 : 2, key })),
  };
  const message = {
    touser: user,
    agentid: agentId,
    msgtype: 'template_card',
    template_card: card,
    enable_duplicate_check: 1,
    duplicate_check_interval: REPEATS_FOR_SECONDS,
  };
  const { invaliduser, response_code: code } = await api.call(app, 'message/send', message, Sent);
  if (invaliduser) throw new WeComError({ api: 'message/send', errcode: NOBODY_REACHED });
  return code ? { code } : {};
}

/** WeCom: message/update_template_card. The buttons give way to a word. */
export async function changeAppCard(
  api: WeComApi,
  app: string,
  { agentId, user, code, says }: CardChange,
): Promise<void> {
  const change = { userids: [user], agentid: agentId, response_code: code, button: { replace_name: says } };
  await api.call(app, 'message/update_template_card', change, Done);
}
