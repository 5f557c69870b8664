import type { AcquisitionLink, Listed } from './contact-book.ts';
import { checkedList, partyList, userList } from './contact-lists.ts';
import { pageOf } from './contact-paging.ts';
import type { Call, Endpoints } from './endpoint.ts';
import {
  type Fields,
  invalid,
  optionalBoolean,
  optionalFields,
  optionalText,
  requiredFields,
  requiredNumber,
  requiredText,
} from './fields.ts';
import type { World } from './world.ts';

const MAX_PEOPLE = 500;
const MAX_PREFERRED = 1000;
const PATH = '/cgi-bin/externalcontact/customer_acquisition';

export const contactLinkEndpoints: Endpoints = {
  [`${PATH}/list_link`]: { method: 'POST', kf: false, contacts: true, answer: listLinks },
  [`${PATH}/get`]: { method: 'POST', kf: false, contacts: true, answer: getLink },
  [`${PATH}/create_link`]: { method: 'POST', kf: false, contacts: true, answer: createLink },
  [`${PATH}/update_link`]: { method: 'POST', kf: false, contacts: true, answer: updateLink },
  [`${PATH}/delete_link`]: { method: 'POST', kf: false, contacts: true, answer: deleteLink },
  [`${PATH}/customer`]: { method: 'POST', kf: false, contacts: true, answer: listCustomers },
  [`${PATH}_quota`]: { method: 'GET', kf: false, contacts: true, answer: getQuota },
};

function listLinks(world: World, { app, body }: Call): Fields {
  const mine = [...world.contacts.links.values()].filter((one) => one.app === app.name);
  const { part, next_cursor } = pageOf(body, mine, { standard: 100, max: 100 });
  return { link_id_list: part.map((one) => one.linkId), next_cursor };
}

function getLink(world: World, call: Call): Fields {
  const link = ownLink(world, call);
  return {
    link: { ...cardOf(link), skip_verify: link.skipVerify, mark_source: link.markSource },
    range: { user_list: link.users, department_list: link.parties },
    ...(link.priority !== undefined && { priority_option: link.priority }),
  };
}

/** WeCom: customer_acquisition/create_link. */
function createLink(world: World, { app, body }: Call): Fields {
  const name = requiredText(body, 'link_name', { maxCharacters: 30 });
  const skipVerify = optionalBoolean(body, 'skip_verify') ?? true;
  const markSource = optionalBoolean(body, 'mark_source') ?? true;
  const priority = priorityOf(body);
  const range = checkedList(world, app, rangeOf(requiredFields(body, 'range')), MAX_PEOPLE);
  const linkId = `cawcde${world.random.text(10)}`;
  const link: AcquisitionLink = {
    linkId,
    app: app.name,
    createdAt: world.now(),
    url: `https://work.weixin.qq.com/ca/${linkId}`,
    name,
    skipVerify,
    ...range,
    priority,
    markSource,
    broken: false,
    adds: new Map(),
  };
  world.contacts.links.set(linkId, link);
  return { link: cardOf(link) };
}

/** WeCom: customer_acquisition/update_link. `range` and `priority_option` are replaced whole. */
function updateLink(world: World, call: Call): Fields {
  const { app, body } = call;
  const link = ownLink(world, call);
  const name = optionalText(body, 'link_name', { maxCharacters: 30 });
  if (name === '') throw invalid('link_name');
  const skipVerify = optionalBoolean(body, 'skip_verify');
  const markSource = optionalBoolean(body, 'mark_source');
  const priority = priorityOf(body);
  const range = optionalFields(body, 'range');
  const list = range && checkedList(world, app, rangeOf(range), MAX_PEOPLE);
  Object.assign(link, list, {
    name: name ?? link.name,
    skipVerify: skipVerify ?? link.skipVerify,
    markSource: markSource ?? link.markSource,
    priority: priority ?? link.priority,
  });
  return {};
}

/** Deleting by the API makes no `delete_link` event. */
function deleteLink(world: World, call: Call): Fields {
  world.contacts.links.delete(ownLink(world, call).linkId);
  return {};
}

/** WeCom: customer_acquisition/customer. */
function listCustomers(world: World, call: Call): Fields {
  const link = ownLink(world, call);
  const all = [...world.contacts.relations.values()].filter(
    (one) => one.linkId === link.linkId && (one.stage === 'half' || one.stage === 'full'),
  );
  const { part, next_cursor } = pageOf(call.body, all, { standard: 100, max: 1000 });
  return {
    customer_list: part.map((one) => ({
      external_userid: one.customer,
      userid: one.member,
      chat_status: one.messages > 0 ? 1 : 0,
      state: one.state,
    })),
    next_cursor,
  };
}

/** WeCom: customer_acquisition_quota. `total` is what was ever used. */
function getQuota(world: World): Fields {
  const { used, balance, expiresAt } = world.contacts.quota;
  const dated = balance > 0 && Number.isFinite(expiresAt);
  return {
    total: used,
    balance,
    quota_list: dated ? [{ expire_date: Math.floor(expiresAt / 1000), balance }] : [],
  };
}

/** Only the app's own. WeCom publishes no code for the others; 40058 is the closest. */
function ownLink(world: World, { app, body }: Call): AcquisitionLink {
  const link = world.contacts.links.get(requiredText(body, 'link_id'));
  if (link === undefined || link.app !== app.name) throw invalid('link_id');
  return link;
}

function rangeOf(range: Fields): Listed {
  const users = userList(range, 'user_list') ?? [];
  const parties = partyList(range, 'department_list') ?? [];
  if (users.length === 0 && parties.length === 0) throw invalid('range');
  return { users, parties };
}

function priorityOf(body: Fields): Fields | undefined {
  const option = optionalFields(body, 'priority_option');
  if (option === undefined) return undefined;
  const type = requiredNumber(option, 'priority_type', { min: 1, max: 2 });
  const preferred = userList(option, 'priority_userid_list') ?? [];
  if (preferred.length > MAX_PREFERRED || (type === 2 && preferred.length === 0)) throw invalid('priority_userid_list');
  return { priority_type: type, priority_userid_list: preferred };
}

function cardOf(link: AcquisitionLink): Fields {
  return {
    link_id: link.linkId,
    link_name: link.name,
    url: link.url,
    create_time: Math.floor(link.createdAt / 1000),
  };
}
