/**
 * What WeCom would refuse, found before calling: customer contact answers most of this with 40058 or 40063, which name no
 * field, and cuts the rest off silently.
 * https://developer.work.weixin.qq.com/document/path/92228
 */

/** A value that WeCom would not take. Says which field, what is wrong, and how to mend it, and never quotes the value. */
export class ContactFieldError extends Error {
  override readonly name = 'ContactFieldError';
  readonly field: string;
  readonly problem: string;
  readonly mend: string;

  constructor(field: string, problem: string, mend: string) {
    super(`${field} ${problem}: ${mend}.`);
    this.field = field;
    this.problem = problem;
    this.mend = mend;
  }
}

/** WeCom: externalcontact/add_contact_way, which counts the members of its departments as well. */
export const WAY_MEMBERS = 100;
export const WAY_REMARK_CHARACTERS = 30;
export const WAY_STATE_CHARACTERS = 30;
/** WeCom: externalcontact/customer_acquisition/create_link. */
export const LINK_MEMBERS = 500;
export const LINK_NAME_CHARACTERS = 30;
/** WeCom cuts off what is longer in an acquisition link's `customer_channel`, so that the add comes from nowhere. */
export const LINK_CHANNEL_BYTES = 64;
/** WeCom: externalcontact/remark. */
export const CUSTOMER_REMARK_CHARACTERS = 20;
export const CUSTOMER_DESCRIPTION_CHARACTERS = 150;

/**
 * A list of members as WeCom is to get it: in lower case, every one once, in the order given. Throws `ContactFieldError` for
 * an empty list (what WeCom makes of one is not documented, and the code is printed), a long one, and what is no userid.
 */
export function checkedMembers(field: string, members: readonly string[], atMost: number): string[] {
  const unique = [...new Set(members.map((member) => member.toLowerCase()))];
  const odd = unique.findIndex((member) => !/^[0-9a-z_\-@.]{1,64}$/.test(member));
  if (odd >= 0) {
    const mend = 'a userid has 1 to 64 characters of A-Z, a-z, 0-9, "_", "-", "@" and "."';
    throw new ContactFieldError(`${field}[${odd}]`, 'is no userid', mend);
  }
  if (unique.length === 0) {
    throw new ContactFieldError(field, 'is empty', 'list at least one member, e.g. the last good list or a backup');
  }
  if (unique.length > atMost) {
    const problem = `has ${unique.length} members, at most ${atMost} are allowed`;
    throw new ContactFieldError(field, problem, 'divide the team among several codes');
  }
  return unique;
}

/**
 * Throws `ContactFieldError` when a text is longer than WeCom allows. WeCom does not say how it counts a character outside the
 * basic plane (most emoji), so such a one counts twice, which is right either way.
 */
export function checkCharacters(field: string, text: string, atMost: number): void {
  if (text.length <= atMost) return;
  const problem = `has ${text.length} characters, at most ${atMost} are allowed`;
  throw new ContactFieldError(field, problem, 'shorten it; an emoji counts as two');
}

/** The beginning of a text, as long as `checkCharacters` allows, and never half an emoji: WeCom refuses what is no character. */
export function cutCharacters(text: string, atMost: number): string {
  let cut = '';
  for (const character of text) {
    if (cut.length + character.length > atMost) break;
    cut += character;
  }
  return cut;
}

/** Throws `ContactFieldError` for a text of blanks alone. */
export function checkPresent(field: string, text: string, mend: string): void {
  if (text.trim() === '') throw new ContactFieldError(field, 'is empty', mend);
}
