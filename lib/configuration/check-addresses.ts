import type { Reply } from '../replies/reply.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import type { Finding } from './business.ts';
import { pathsOfReplies } from './find-unreached.ts';

type Menu = Extract<Reply, { menu: unknown }>['menu'];

/**
 * A menu item opens its address in WeChat's browser: https, or http where there is nothing else. WeCom takes any text (kf/send_msg,
 * `view.url`), and the customer would touch an item that does nothing. Pure.
 */
export function checkAddresses({ items }: Menu, path: string): Finding[] {
  return items.flatMap((item, index): Finding[] => {
    if (item.type !== 'view' || item.url.trim() === '') return [];
    const known = /^https?:\/\/\S+$/i.test(item.url) && URL.parse(item.url) !== null;
    const mend = 'write the whole address, e.g. https://example.com/help; a mini program is an item of its own type';
    const problem = 'is no https address, so that nothing would open';
    return known ? [] : [{ path: `${path}.items[${index}].url`, problem, mend }];
  });
}

/** Addresses of menus that anybody on the way can read and change. Pure. */
export function findPlainAddresses({ greeting, rules }: Pick<RuleSet, 'greeting' | 'rules'>, path: string): Finding[] {
  return [
    ...(greeting ? plainIn(greeting, `${path}.greeting`) : []),
    ...rules.flatMap((rule, index) =>
      pathsOfReplies(rule).flatMap(({ at, reply }) => plainIn(reply, `${path}.rules[${index}].${at}`)),
    ),
  ];
}

/** The same in one reply. */
export function plainIn(reply: Reply, path: string): Finding[] {
  if (!('menu' in reply)) return [];
  return reply.menu.items.flatMap((item, index): Finding[] => {
    if (item.type !== 'view' || !/^http:/i.test(item.url)) return [];
    const problem = 'is not encrypted, and WeChat may warn who opens it';
    return [{ path: `${path}.menu.items[${index}].url`, problem, mend: 'write https:// where the site has it' }];
  });
}
