import * as z from 'zod';
import { LANGUAGES } from './language.ts';

/**
 * A way into a kf account, e.g. the code on a poster: what customers who come by it are met with. An account, a scene and a channel lead to one
 * entrance at most (`checkEntries`).
 */
export const Entrance = z.strictObject({
  id: z.string(),
  /** The account's open_kfid. */
  account: z.string(),
  /** WeCom: kf/add_contact_way, `scene`. */
  scene: z.string(),
  /** WeCom: `scene_param`, which we append to the link. Absent: every channel of the scene that has no entrance of its own. */
  channel: z.string().optional(),
  /** In place of the account's. */
  team: z.string().optional(),
  /** For messages that do not tell their language. */
  language: z.enum(LANGUAGES).optional(),
  /** The name of a rule set, in place of the account's. */
  rules: z.string().optional(),
});
export type Entrance = z.infer<typeof Entrance>;

/** What brought the customer: `scene` and `scene_param` of WeCom's `enter_session`. */
export interface Origin {
  readonly scene?: string | undefined;
  readonly channel?: string | undefined;
}

/** The entrance of an account that somebody of this origin came by; of those of the scene the one with his channel before the one with none. */
export function entranceOf<E extends Entrance>(entrances: readonly E[], { scene, channel }: Origin): E | undefined {
  const ofScene = entrances.filter((one) => one.scene === scene);
  const own = channel === undefined ? undefined : ofScene.find((one) => isChannel(one.channel, channel));
  return own ?? ofScene.find((one) => one.channel === undefined);
}

/** WeCom does not say whether it decodes what comes back, so both count. */
const isChannel = (channel: string | undefined, given: string): boolean =>
  channel !== undefined && (channel === given || encodeURIComponent(channel) === given);

/** WeCom's link with the channel: appended, and nothing else of it changed, or no `enter_session` would come of it. */
export function withChannel(url: string, channel: string | undefined): string {
  return channel === undefined ? url : `${url}&scene_param=${encodeURIComponent(channel)}`;
}

/** Under which name a rule set lies that entrances name. No account's id begins so. */
export const namedRuleSet = (name: string): string => `@${name}`;

/** Under which name the rule set lies that holds for whoever came to this account by this way. */
export function ruleSetNameOf(entrances: readonly Entrance[], account: string, origin: Origin): string {
  const here = entrances.filter((one) => one.account === account);
  const rules = entranceOf(here, origin)?.rules;
  return rules === undefined ? account : namedRuleSet(rules);
}
