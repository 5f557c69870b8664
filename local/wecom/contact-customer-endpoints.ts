import { pageOf } from './contact-paging.ts';
import { isVisible, namedMember } from './contact-people.ts';
import { customerCard, customersOf, followCard, followersOf, namedRelation } from './contact-relations.ts';
import { tagOf } from './contact-tags.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid, optionalText, textList } from './fields.ts';
import { Refusal } from './refusal.ts';
import { isKnownCustomer, type World } from './world.ts';

const FOLLOWERS_PER_PAGE = 500;

export const contactCustomerEndpoints: Endpoints = {
  '/cgi-bin/externalcontact/get_follow_user_list': { method: 'GET', kf: false, contacts: true, answer: listServing },
  '/cgi-bin/externalcontact/list': { method: 'GET', kf: false, contacts: true, answer: listCustomers },
  '/cgi-bin/externalcontact/get': { method: 'GET', kf: false, contacts: true, answer: getCustomer },
  '/cgi-bin/externalcontact/batch/get_by_user': { method: 'POST', kf: false, contacts: true, answer: getByMember },
  '/cgi-bin/externalcontact/remark': { method: 'POST', kf: false, contacts: true, answer: remark },
};

/** WeCom: get_follow_user_list. Who has 客户联系 and is visible; nothing is said about activation or real names. */
function listServing(world: World, { app }: Call): Fields {
  const serving = [...world.corp.members.values()].filter(
    (one) => one.contacts && !one.left && !one.disabled && isVisible(app, one),
  );
  return { follow_user: serving.map((one) => one.userid) };
}

/** WeCom: externalcontact/list. A member without customers is 84061. */
function listCustomers(world: World, { app, query }: Call): Fields {
  const member = namedMember(world, app, requiredQuery(query, 'userid'));
  if (!member.contacts) throw new Refusal(84074);
  const customers = customersOf(world, member.userid);
  if (customers.length === 0) throw new Refusal(84061);
  return { external_userid: customers.map((one) => one.customer) };
}

/** WeCom: externalcontact/get. Somebody who is only half added by everybody is 84061. */
function getCustomer(world: World, { app, query }: Call): Fields {
  const customer = requiredQuery(query, 'external_userid');
  if (!isKnownCustomer(world, customer)) throw new Refusal(40096);
  const followers = followersOf(world, app, customer);
  if (followers.length === 0) throw new Refusal(84061);
  const asked = { cursor: query.get('cursor') ?? '' };
  const { part, next_cursor } = pageOf(asked, followers, { standard: FOLLOWERS_PER_PAGE, max: FOLLOWERS_PER_PAGE });
  return {
    external_contact: customerCard(world, customer),
    follow_user: part.map((one) => ({
      ...followCard(one),
      tags: [...one.tags].map((id) => {
        const { group, tag } = tagOf(world, id) ?? {};
        return { group_name: group?.name ?? '', tag_name: tag?.name ?? '', tag_id: id, type: 1 };
      }),
    })),
    ...(next_cursor !== '' && { next_cursor }),
  };
}

/** WeCom: externalcontact/batch/get_by_user. One row for each customer of each member. */
function getByMember(world: World, { app, body }: Call): Fields {
  const userids = textList(body, 'userid_list', 100);
  if (!userids?.length) throw invalid('userid_list');
  const members = userids.map((userid) => namedMember(world, app, userid));
  const all = members.flatMap((member) => customersOf(world, member.userid));
  const { part, next_cursor } = pageOf(body, all, { standard: 50, max: 100 });
  return {
    external_contact_list: part.map((one) => ({
      external_contact: customerCard(world, one.customer),
      follow_info: { ...followCard(one), tag_id: [...one.tags] },
    })),
    next_cursor,
  };
}

/** WeCom: externalcontact/remark. What the API changes makes no event. */
function remark(world: World, { app, body }: Call): Fields {
  const changes = {
    remark: optionalText(body, 'remark', { maxCharacters: 20 }),
    description: optionalText(body, 'description', { maxCharacters: 150 }),
    remarkCompany: optionalText(body, 'remark_company', { maxCharacters: 20 }),
    mobiles: mobilesOf(body),
  };
  const picture = optionalText(body, 'remark_pic_mediaid');
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (given.length === 0 && picture === undefined) throw invalid('remark');
  const relation = namedRelation(world, app, body);
  if (picture !== undefined && !world.media.has(picture, 'image', world.now())) throw new Refusal(40007);
  if (changes.remarkCompany !== undefined && world.contacts.employers.has(relation.customer)) {
    throw invalid('remark_company');
  }
  Object.assign(relation, Object.fromEntries(given));
  return {};
}

/** They replace the old ones, and one empty text clears them. */
function mobilesOf(body: Fields): string[] | undefined {
  const value: unknown = body.remark_mobiles;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw invalid('remark_mobiles');
  return value.filter((one) => one !== '');
}

function requiredQuery(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (!value) throw invalid(name);
  return value;
}
