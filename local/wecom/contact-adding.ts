import { type Relation, relationKey, type Stage } from './contact-book.ts';
import { tellAcquisition, tellContactChange } from './contact-happenings.ts';
import { canBeAdded } from './contact-people.ts';
import { relationOf } from './contact-relations.ts';
import { welcomeCodeFor } from './contact-welcome.ts';
import { type Member, memberOf } from './corp.ts';
import type { Switches } from './switches.ts';
import { NotPossible, type World } from './world.ts';

/** A member's profile on a customer's screen: who can be added, and under which terms. */
export interface Invitation {
  readonly member: string;
  readonly state: string;
  readonly skipVerify: boolean;
  readonly configId?: string | undefined;
  readonly linkId?: string | undefined;
}

/** `refused`: WeCom's own limits, of the member or of the link; the corp hears nothing. `alreadyFriend`: no event either. */
export type AddOutcome = 'half' | 'full' | 'requested' | 'alreadyFriend' | 'refused';

const SCANNED = 1;
const CARD = 3;
const ACQUISITION_LINK = 16;
const LOW_BALANCE = 20;

/** The customer taps "add". WeCom: change_external_contact, add_half_external_contact and add_external_contact. */
export function addMember(world: World, customer: string, invitation: Invitation): AddOutcome {
  const member = memberOf(world.corp, invitation.member);
  if (member === undefined || !canBeAdded(member)) return 'refused';
  const known = relationOf(world, member.userid, customer);
  const friends = known?.stage === 'half' || (known?.stage === 'full' && !known.customerLeft);
  if (friends) return 'alreadyFriend';
  if (isAtLimit(world, member) || (invitation.linkId !== undefined && !mayAcquire(world, invitation.linkId))) {
    return 'refused';
  }
  if (invitation.linkId !== undefined) tellLink(world, 'friend_request', invitation.linkId, invitation.state);
  if (known?.stage === 'full') {
    comeBack(world, known, invitation);
    return 'full';
  }
  const relation = newRelation(world, customer, member.userid, invitation);
  world.contacts.relations.set(relationKey(member.userid, customer), relation);
  world.contacts.customers.add(customer);
  if (!invitation.skipVerify) return 'requested';
  began(world, relation);
  for (const stage of ORDERS[world.switches.skipVerifyAdds]) reach(world, relation, stage);
  return relation.stage === 'half' ? 'half' : 'full';
}

const ORDERS: Readonly<Record<Switches['skipVerifyAdds'], readonly ('half' | 'full')[]>> = {
  half: ['half'],
  full: ['full'],
  halfThenFull: ['half', 'full'],
  fullThenHalf: ['full', 'half'],
};

/** The member taps "accept": the second half of a friendship, or all of one that had to be asked for. */
export function acceptCustomer(world: World, relation: Relation): void {
  if (relation.stage === 'full' || relation.stage === 'over') throw new NotPossible('there is nothing to accept');
  if (relation.stage === 'requested') began(world, relation);
  reach(world, relation, 'full');
}

/** The member adds the customer by himself, by a card from a colleague: no `State`. */
export function addByMember(world: World, member: Member, customer: string): void {
  if (relationOf(world, member.userid, customer)?.stage === 'full') throw new NotPossible('they are friends already');
  const invitation = { member: member.userid, state: '', skipVerify: true };
  const relation = {
    ...newRelation(world, customer, member.userid, invitation),
    addWay: CARD,
    operUserid: member.userid,
  };
  world.contacts.relations.set(relationKey(member.userid, customer), relation);
  world.contacts.customers.add(customer);
  reach(world, relation, 'full');
}

/** A friendship ends, for both or on the customer's side only. */
export function endRelation(relation: Relation): void {
  relation.stage = 'over';
  relation.tags.clear();
}

/** Whether this member takes nobody more, which the corp is never told. */
export function isAtLimit(world: World, { userid, customerLimit }: Member): boolean {
  if (customerLimit === Number.POSITIVE_INFINITY) return false;
  const counted: readonly Stage[] = ['half', 'full'];
  const mine = [...world.contacts.relations.values()].filter(
    (one) => one.member === userid && counted.includes(one.stage),
  );
  return mine.length >= customerLimit;
}

function mayAcquire(world: World, linkId: string): boolean {
  const { quota, links } = world.contacts;
  return quota.balance > 0 && world.now() < quota.expiresAt && links.get(linkId)?.broken === false;
}

function reach(world: World, relation: Relation, stage: 'half' | 'full'): void {
  // A half add that arrives late does not undo the full one.
  if (relation.stage !== 'full') relation.stage = stage;
  const changeType = stage === 'half' ? 'add_half_external_contact' : 'add_external_contact';
  tellContactChange(world, changeType, relation.member, {
    UserID: relation.member,
    ExternalUserID: relation.customer,
    State: relation.eventState === '' ? undefined : relation.eventState,
    WelcomeCode: welcomeCodeFor(world, relation),
  });
}

/** The member never lost this customer, so nothing has to be accepted. */
function comeBack(world: World, relation: Relation, invitation: Invitation): void {
  const { stateOnReturn } = world.switches;
  const foreign = `wb:1:${world.random.digits(7)}`;
  relation.state = stateOnReturn === 'own' ? invitation.state : foreign;
  relation.eventState = stateOnReturn === 'foreign' ? foreign : invitation.state;
  relation.customerLeft = false;
  relation.welcomed = false;
  relation.messages = 0;
  relation.configId = invitation.configId;
  relation.linkId = invitation.linkId;
  began(world, relation);
  reach(world, relation, 'full');
}

function newRelation(world: World, customer: string, member: string, invitation: Invitation): Relation {
  const { state, configId, linkId } = invitation;
  return {
    customer,
    member,
    stage: 'requested',
    createdAt: world.now(),
    state,
    eventState: state,
    addWay: linkId === undefined ? SCANNED : ACQUISITION_LINK,
    operUserid: customer,
    configId,
    linkId,
    remark: world.profiles.get(customer)?.nickname ?? customer,
    description: '',
    remarkCompany: '',
    mobiles: [],
    tags: new Set(),
    customerLeft: false,
    agreed: false,
    welcomed: false,
    messages: 0,
  };
}

/** Counts an add where it came from; an acquisition link pays for it. */
function began(world: World, relation: Relation): void {
  const { ways, links, quota } = world.contacts;
  const { configId, linkId } = relation;
  const from = linkId === undefined ? ways.get(configId ?? '') : links.get(linkId);
  const mine = relation.member.toLowerCase();
  from?.adds.set(mine, (from.adds.get(mine) ?? 0) + 1);
  relation.createdAt = world.now();
  if (linkId === undefined) return;
  quota.used += 1;
  quota.balance -= 1;
  if (quota.balance === LOW_BALANCE - 1) tellAcquisition(world, 'balance_low', undefined, {});
  if (quota.balance === 0) tellAcquisition(world, 'balance_exhausted', undefined, {});
}

/** An event about one link, to the app that made it. */
export function tellLink(
  world: World,
  changeType: string,
  linkId: string,
  state: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const app = world.contacts.links.get(linkId)?.app;
  if (app !== undefined) {
    tellAcquisition(world, changeType, app, { ...more, LinkId: linkId, State: state === '' ? undefined : state });
  }
}
