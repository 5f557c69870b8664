import type { TagGroup } from './contact-book.ts';
import { namedRelation } from './contact-relations.ts';
import { tagOf } from './contact-tags.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid, isFields, optionalNumber, optionalText, requiredText, textList } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const MAX_LIST = 1000;
const MAX_ORDER = 2 ** 32 - 1;

export const contactTagEndpoints: Endpoints = {
  '/cgi-bin/externalcontact/get_corp_tag_list': { method: 'POST', kf: false, contacts: true, answer: listTags },
  '/cgi-bin/externalcontact/add_corp_tag': { method: 'POST', kf: false, contacts: true, answer: addTags },
  '/cgi-bin/externalcontact/mark_tag': { method: 'POST', kf: false, contacts: true, answer: markTags },
};

/** WeCom: get_corp_tag_list. With both lists given, the groups decide. */
function listTags(world: World, { body }: Call): Fields {
  const tagIds = textList(body, 'tag_id', MAX_LIST) ?? [];
  const groupIds = textList(body, 'group_id', MAX_LIST) ?? [];
  const groups = [...world.contacts.tagGroups.values()];
  if (groupIds.length > 0) return { tag_group: groups.filter((one) => groupIds.includes(one.id)).map(cardOf) };
  if (tagIds.length === 0) return { tag_group: groups.map(cardOf) };
  const found = groups.map((one) => ({ ...one, tags: one.tags.filter((tag) => tagIds.includes(tag.id)) }));
  return { tag_group: found.filter((one) => one.tags.length > 0).map(cardOf) };
}

/** WeCom: add_corp_tag. A known group's name means that group; a known tag in it is 40071. */
function addTags(world: World, { body }: Call): Fields {
  const wanted = tagsIn(body);
  const group = groupFor(world, body);
  if (wanted.some(({ name }) => group.tags.some((one) => one.name === name))) throw new Refusal(40071);
  const added = wanted.map(({ name, order }) => ({
    id: `et${world.random.text(30)}`,
    name,
    order,
    createdAt: world.now(),
  }));
  group.tags.push(...added);
  world.contacts.tagGroups.set(group.id, group);
  return { tag_group: cardOf({ ...group, tags: added }) };
}

function tagsIn(body: Fields): { name: string; order: number }[] {
  const list: unknown = body.tag;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isFields)) throw invalid('tag');
  const tags = list.map((one) => ({
    name: requiredText(one, 'name', { maxCharacters: 30 }),
    order: optionalNumber(one, 'order', { min: 0, max: MAX_ORDER }) ?? 0,
  }));
  return tags.filter((one, index) => tags.findIndex(({ name }) => name === one.name) === index);
}

function groupFor(world: World, body: Fields): TagGroup {
  const { tagGroups } = world.contacts;
  const id = optionalText(body, 'group_id');
  if (id !== undefined) {
    const known = tagGroups.get(id);
    if (known === undefined) throw new Refusal(40068);
    return known;
  }
  const name = requiredText(body, 'group_name', { maxCharacters: 30 });
  const order = optionalNumber(body, 'order', { min: 0, max: MAX_ORDER }) ?? 0;
  const known = [...tagGroups.values()].find((one) => one.name === name);
  return known ?? { id: `et${world.random.text(30)}`, name, order, createdAt: world.now(), tags: [] };
}

function cardOf(group: TagGroup): Fields {
  return {
    group_id: group.id,
    group_name: group.name,
    create_time: Math.floor(group.createdAt / 1000),
    order: group.order,
    tag: group.tags.map((one) => ({
      id: one.id,
      name: one.name,
      create_time: Math.floor(one.createdAt / 1000),
      order: one.order,
    })),
  };
}

/** WeCom: mark_tag. Tags belong to one member's friendship with the customer. */
function markTags(world: World, { app, body }: Call): Fields {
  const add = textList(body, 'add_tag', MAX_LIST) ?? [];
  const remove = textList(body, 'remove_tag', MAX_LIST) ?? [];
  if (add.length === 0 && remove.length === 0) throw invalid('add_tag');
  const relation = namedRelation(world, app, body);
  if ([...add, ...remove].some((id) => tagOf(world, id) === undefined)) throw new Refusal(40068);
  for (const id of add) relation.tags.add(id);
  for (const id of remove) relation.tags.delete(id);
  return {};
}
