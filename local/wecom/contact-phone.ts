import { type AddOutcome, addMember, endRelation, type Invitation, tellLink } from './contact-adding.ts';
import { type AcquisitionLink, type ContactWay, isExpired, type Relation, type Welcome } from './contact-book.ts';
import { tellContactChange } from './contact-happenings.ts';
import { pickMember } from './contact-picks.ts';
import { relationOf } from './contact-relations.ts';
import { welcomeCodeFor } from './contact-welcome.ts';
import { memberOf } from './corp.ts';
import { cutToBytes } from './fields.ts';
import { NotPossible, type World } from './world.ts';

export interface Scan {
  member: string;
  outcome: AddOutcome;
}

export interface Friend {
  member: string;
  stage: 'requested' | 'half' | 'full';
}

/** What a customer does with members' codes and links. */
export interface ContactPhone {
  /** Scans a code, by its `config_id` or the address of its image, and adds whom it shows. */
  scan(code: string): Promise<Scan>;
  /** Scans, and leaves the profile open: adding may follow much later, or never. */
  look(code: string): Promise<Invitation>;
  /** Opens an acquisition link (`https://work.weixin.qq.com/ca/…?customer_channel=…`, or its `weixin://` form), and adds. */
  openLink(url: string): Promise<Scan>;
  lookAtLink(url: string): Promise<Invitation>;
  /** Adds the member whose profile is open. */
  add(profile: Invitation): Promise<Scan>;
  /** Deletes the member: `del_follow_user`. On the member's side nothing changes. */
  deleteMember(userid: string): Promise<void>;
  /** Writes to a member; no welcome message can follow. */
  writeTo(userid: string): Promise<void>;
  /** Agrees to the chat archive: `msg_audit_approved`, with a welcome code. */
  agreeToArchive(userid: string): Promise<void>;
  /** Is a WeCom user of another company, and not a WeChat user. */
  workFor(company: string): void;
  friends(): Friend[];
  /** The welcome messages the phone shows, oldest first. */
  welcomes(): Welcome[];
}

const MAX_CHANNEL_BYTES = 64;
// WeCom: message_from_customer is sent for the third, fifth and tenth message.
const TOLD_MESSAGES = [3, 5, 10];

export function contactPhoneOf(world: World, customer: string): ContactPhone {
  const { contacts } = world;
  const contactWith = (userid: string): Relation => {
    const relation = relationOf(world, userid, customer);
    if (relation === undefined || relation.stage === 'over') throw new NotPossible(`${userid} is no contact`);
    return relation;
  };
  const add = (profile: Invitation): Scan => ({ member: profile.member, outcome: addMember(world, customer, profile) });
  const look = (code: string): Invitation => {
    const way = wayOf(world, code);
    const list = way.before !== undefined && world.now() < way.before.until ? way.before.list : way;
    const { userid } = pickMember(world, customer, { list, adds: way.adds, exclusive: way.exclusive });
    return { member: userid, state: way.state, skipVerify: way.skipVerify, configId: way.configId };
  };
  const lookAtLink = (url: string): Invitation => {
    const { link, channel } = linkOf(world, url);
    if (link.broken) throw new NotPossible('the link is unavailable');
    const { userid } = pickMember(world, customer, { list: link, adds: link.adds, exclusive: false });
    if (world.switches.openProfileEvents) tellLink(world, 'open_profile', link.linkId, channel);
    return { member: userid, state: channel, skipVerify: link.skipVerify, linkId: link.linkId };
  };

  return {
    async scan(code) {
      return add(look(code));
    },
    async look(code) {
      return look(code);
    },
    async openLink(url) {
      return add(lookAtLink(url));
    },
    async lookAtLink(url) {
      return lookAtLink(url);
    },
    async add(profile) {
      return add(profile);
    },
    async deleteMember(userid) {
      const relation = contactWith(userid);
      if (relation.customerLeft) throw new NotPossible(`${userid} was deleted before`);
      if (relation.stage === 'full') relation.customerLeft = true;
      else endRelation(relation);
      const ids = { UserID: relation.member, ExternalUserID: customer };
      tellContactChange(world, 'del_follow_user', relation.member, ids);
      if (relation.linkId !== undefined) {
        tellLink(world, 'del_follow_user', relation.linkId, relation.eventState, ids);
      }
    },
    async writeTo(userid) {
      const relation = contactWith(userid);
      if (relation.stage === 'requested' || relation.customerLeft) throw new NotPossible(`${userid} is no friend`);
      relation.messages += 1;
      if (relation.linkId === undefined || contacts.employers.has(customer)) return;
      const ids = { UserID: relation.member, ExternalUserID: customer };
      if (relation.messages === 1) {
        tellLink(world, 'customer_start_chat', relation.linkId, relation.eventState, ids);
      } else if (TOLD_MESSAGES.includes(relation.messages)) {
        const chatKey = { ChatKey: world.random.text(32) };
        tellLink(world, 'message_from_customer', relation.linkId, relation.eventState, chatKey);
      }
    },
    async agreeToArchive(userid) {
      const relation = contactWith(userid);
      if (memberOf(world.corp, userid)?.archived !== true) throw new NotPossible(`${userid} is not archived`);
      if (relation.agreed) throw new NotPossible('agreed before');
      relation.agreed = true;
      tellContactChange(world, 'msg_audit_approved', relation.member, {
        UserID: relation.member,
        ExternalUserID: customer,
        WelcomeCode: welcomeCodeFor(world, relation),
      });
    },
    workFor(company) {
      contacts.employers.set(customer, company);
    },
    friends: () =>
      [...contacts.relations.values()].flatMap(({ customer: whose, member, stage, customerLeft }) =>
        whose === customer && stage !== 'over' && !customerLeft ? [{ member, stage }] : [],
      ),
    welcomes: () => contacts.welcomes.filter((one) => one.customer === customer),
  };
}

function wayOf(world: World, code: string): ContactWay {
  const way =
    world.contacts.ways.get(code) ??
    [...world.contacts.ways.values()].find((one) => one.qrCode !== undefined && one.qrCode === code);
  if (way === undefined || isExpired(way, world.now())) throw new NotPossible('the code no longer works');
  return way;
}

/** WeCom cuts a `customer_channel` at 64 bytes. */
function linkOf(world: World, url: string): { link: AcquisitionLink; channel: string } {
  const inside = /^weixin:\/\/biz\/ww\/profile\/(.+)$/.exec(url)?.[1];
  const address = inside === undefined ? url : decodeURIComponent(inside);
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  const base = parsed && `${parsed.origin}${parsed.pathname}`;
  const link = [...world.contacts.links.values()].find((one) => one.url === base);
  if (parsed === undefined || link === undefined) throw new NotPossible('the link no longer works');
  return { link, channel: cutToBytes(parsed.searchParams.get('customer_channel') ?? '', MAX_CHANNEL_BYTES) };
}
