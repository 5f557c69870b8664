import { type Relation, relationKey } from './contact-book.ts';
import { isVisible, namedMember } from './contact-people.ts';
import { type App, memberOf } from './corp.ts';
import { type Fields, requiredText } from './fields.ts';
import { Refusal } from './refusal.ts';
import { isKnownCustomer, type World } from './world.ts';

export function relationOf(world: World, member: string, customer: string): Relation | undefined {
  return world.contacts.relations.get(relationKey(member, customer));
}

/** The customers that a member has in the API's eyes: not the half ones; those who deleted him still count. */
export function customersOf(world: World, member: string): Relation[] {
  const mine = member.toLowerCase();
  return [...world.contacts.relations.values()].filter(
    (one) => one.stage === 'full' && one.member.toLowerCase() === mine,
  );
}

/** The members that an app can see among those who have this customer. */
export function followersOf(world: World, app: App, customer: string): Relation[] {
  return [...world.contacts.relations.values()].filter((one) => {
    const member = memberOf(world.corp, one.member);
    return one.customer === customer && one.stage === 'full' && member !== undefined && isVisible(app, member);
  });
}

/**
 * The friendship that a call names by `userid` and `external_userid`.
 *
 * @throws Refusal 40003, 60111, 60011 for the member, 40096 for the customer, 84061 without a friendship or in its half state
 */
export function namedRelation(world: World, app: App, body: Fields): Relation {
  const member = namedMember(world, app, requiredText(body, 'userid'));
  const customer = requiredText(body, 'external_userid');
  if (!isKnownCustomer(world, customer)) throw new Refusal(40096);
  const relation = relationOf(world, member.userid, customer);
  if (relation?.stage !== 'full') throw new Refusal(84061);
  return relation;
}

/** The `external_contact` of externalcontact/get. */
export function customerCard(world: World, customer: string): Fields {
  const profile = world.profiles.get(customer);
  const employer = world.contacts.employers.get(customer);
  return {
    external_userid: customer,
    name: profile?.nickname ?? customer,
    type: employer === undefined ? 1 : 2,
    avatar: profile?.avatar ?? '',
    gender: profile?.gender ?? 0,
    ...(employer !== undefined && { corp_name: employer, corp_full_name: employer }),
    ...(profile?.unionid !== undefined && employer === undefined && { unionid: profile.unionid }),
  };
}

/** What `follow_user` of externalcontact/get and `follow_info` of batch/get_by_user have in common. */
export function followCard(relation: Relation): Fields {
  return {
    userid: relation.member,
    remark: relation.remark,
    description: relation.description,
    createtime: Math.floor(relation.createdAt / 1000),
    ...(relation.remarkCompany !== '' && { remark_corp_name: relation.remarkCompany }),
    remark_mobiles: relation.mobiles,
    oper_userid: relation.operUserid,
    add_way: relation.addWay,
    ...(relation.state !== '' && { state: relation.state }),
  };
}
