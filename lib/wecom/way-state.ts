import { ContactFieldError, LINK_CHANNEL_BYTES, WAY_STATE_CHARACTERS } from './contact-limits.ts';

/**
 * How an add finds its contact way: WeCom gives a code's `state`, or an acquisition link's `customer_channel`, back in the
 * event. Ours are `cc:<stage>:<wayId>` or `cc:<stage>:<wayId>:<part>`, to be read by people and told from all others:
 * those of other systems, of other stages on the same app, and WeCom's own (`wb:1:4285486` after some re-adds).
 */
const PREFIX = 'cc';
/** What stands between colons. */
const WORD = /^[0-9A-Za-z_.-]+$/;

/** The state of codes that are made to see whether WeCom takes their members, and deleted at once: nobody ever sees them. */
export const trialState = (stage: string): string => `cc-trial:${stage}`;

/**
 * The `state` of a code: at most 30 characters. `part` tells the codes of one way apart, e.g. the member's number in it.
 * Throws `ContactFieldError` naming `stage`, `wayId` or `part`.
 */
export function wayState(stage: string, wayId: string, part?: string): string {
  return joined(stage, wayId, part, WAY_STATE_CHARACTERS);
}

/**
 * The `customer_channel` of an acquisition link: at most 64 bytes. `part` is the turn that this opening took.
 * Throws `ContactFieldError` naming `stage`, `wayId` or `part`.
 */
export function wayChannel(stage: string, wayId: string, part?: string): string {
  return joined(stage, wayId, part, LINK_CHANNEL_BYTES);
}

export type Attribution = { readonly wayId: string; readonly part?: string } | { readonly unattributed: true };

/** Whose the state of an add is, as this stage sees it: everything that this stage did not make is unattributed. */
export function parseState(stage: string, state: string | undefined): Attribution {
  const [prefix, ofStage, wayId, part, ...more] = (state ?? '').split(':');
  const ours = prefix === PREFIX && ofStage === stage && wayId !== undefined && WORD.test(wayId);
  if (!ours || more.length > 0 || (part !== undefined && !WORD.test(part))) return { unattributed: true };
  return part === undefined ? { wayId } : { wayId, part };
}

/** The stages, other than this one, that made codes with these states. WeCom shows an app all of its codes, whoever made them. */
export function otherStages(stage: string, states: readonly (string | undefined)[]): string[] {
  const found = states.flatMap((state) => /^cc(?:-trial)?:([0-9A-Za-z_.-]+)(?::|$)/.exec(state ?? '')?.[1] ?? []);
  return [...new Set(found)].filter((one) => one !== stage).sort();
}

/**
 * An acquisition link with its channel, as WeChat's browser opens it; and in the form that leads into WeChat without
 * a page in between.
 * https://developer.work.weixin.qq.com/document/path/97297
 */
export function linkAddress(url: string, channel: string): { readonly web: string; readonly wechat: string } {
  const web = `${url}${url.includes('?') ? '&' : '?'}customer_channel=${encodeURIComponent(channel)}`;
  return { web, wechat: `weixin://biz/ww/profile/${encodeURIComponent(web)}` };
}

/** All parts are ASCII, so that bytes and characters are the same. */
function joined(stage: string, wayId: string, part: string | undefined, atMost: number): string {
  const parts = { stage, wayId, ...(part === undefined ? {} : { part }) };
  for (const [field, text] of Object.entries(parts)) {
    if (WORD.test(text)) continue;
    throw new ContactFieldError(field, 'cannot stand in a state', 'use letters, digits, "_", "-" and "." only');
  }
  const state = [PREFIX, ...Object.values(parts)].join(':');
  if (state.length <= atMost) return state;
  const rest = atMost - (state.length - wayId.length);
  const mend = rest > 0 ? `with this stage it may have ${rest}` : 'give the stage a shorter name';
  throw new ContactFieldError('wayId', `has ${wayId.length} characters, too many for a state of ${atMost}`, mend);
}
