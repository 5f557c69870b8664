import { pageOf } from './contact-paging.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid, isFields, requiredFields, requiredText } from './fields.ts';
import { type Intent, knowledgeOf } from './knowledge.ts';
import type { World } from './world.ts';

/** WeCom: kf/knowledge/*, pages 95971 (groups) and 95972 (questions). No codes of their own are documented: 40058 for everything. */
export const knowledgeEndpoints: Endpoints = {
  '/cgi-bin/kf/knowledge/add_group': { method: 'POST', kf: true, answer: addGroup },
  '/cgi-bin/kf/knowledge/mod_group': { method: 'POST', kf: true, answer: changeGroup },
  '/cgi-bin/kf/knowledge/del_group': { method: 'POST', kf: true, answer: deleteGroup },
  '/cgi-bin/kf/knowledge/list_group': { method: 'POST', kf: true, answer: listGroups },
  '/cgi-bin/kf/knowledge/add_intent': { method: 'POST', kf: true, answer: addIntent },
  '/cgi-bin/kf/knowledge/mod_intent': { method: 'POST', kf: true, answer: changeIntent },
  '/cgi-bin/kf/knowledge/del_intent': { method: 'POST', kf: true, answer: deleteIntent },
  '/cgi-bin/kf/knowledge/list_intent': { method: 'POST', kf: true, answer: listIntents },
};

const GROUPS = 100;
const INTENTS_PER_GROUP = 200;
const PAGES = { standard: 500, max: 1000 };

function addGroup(world: World, { body }: Call): Fields {
  const { groups } = knowledgeOf(world);
  const name = nameOf(world, body);
  if (groups.size >= GROUPS) throw invalid('group');
  const id = `G${world.random.text(12)}`;
  groups.set(id, { id, name, isDefault: false });
  return { group_id: id };
}

function changeGroup(world: World, { body }: Call): Fields {
  const group = ownGroup(world, body);
  group.name = nameOf(world, body);
  return {};
}

function deleteGroup(world: World, { body }: Call): Fields {
  const { groups, intents } = knowledgeOf(world);
  const { id } = ownGroup(world, body);
  groups.delete(id);
  for (const intent of intents.values()) if (intent.groupId === id) intents.delete(intent.id);
  return {};
}

function listGroups(world: World, { body }: Call): Fields {
  const all = [...knowledgeOf(world).groups.values()].filter(({ id }) => !body.group_id || id === body.group_id);
  const { part, next_cursor } = pageOf(body, all, PAGES);
  const shown = part.map(({ id, name, isDefault }) => ({ group_id: id, name, is_default: isDefault ? 1 : 0 }));
  return { next_cursor, has_more: next_cursor === '' ? 0 : 1, group_list: shown };
}

function addIntent(world: World, { body }: Call): Fields {
  const { intents } = knowledgeOf(world);
  const { id: groupId } = groupNamed(world, body);
  const question = questionOf(world, body);
  const answers = answersOf(body);
  const similar = similarOf(body) ?? [];
  const inGroup = [...intents.values()].filter((one) => one.groupId === groupId);
  if (inGroup.length >= INTENTS_PER_GROUP) throw invalid('intent');
  const id = `I${world.random.text(12)}`;
  intents.set(id, { id, groupId, question, similar, answers });
  return { intent_id: id };
}

/** Each part that is given replaces the old one whole. */
function changeIntent(world: World, { body }: Call): Fields {
  const intent = intentNamed(world, body);
  const { question, answers } = body;
  if (question !== undefined) intent.question = questionOf(world, body, intent.id);
  const similar = similarOf(body);
  if (similar !== undefined) intent.similar = similar;
  if (answers !== undefined) intent.answers = answersOf(body);
  return {};
}

function deleteIntent(world: World, { body }: Call): Fields {
  knowledgeOf(world).intents.delete(intentNamed(world, body).id);
  return {};
}

function listIntents(world: World, { body }: Call): Fields {
  const all = [...knowledgeOf(world).intents.values()].filter(
    ({ id, groupId }) => (!body.group_id || groupId === body.group_id) && (!body.intent_id || id === body.intent_id),
  );
  const { part, next_cursor } = pageOf(body, all, PAGES);
  return { next_cursor, has_more: next_cursor === '' ? 0 : 1, intent_list: part.map(shownIntent) };
}

const worded = (content: string) => ({ text: { content } });

/** As the page's sample has it: the parts within the question. Pictures and films come back as their names. */
function shownIntent({ id, groupId, question, similar, answers }: Intent): Fields {
  return {
    group_id: groupId,
    intent_id: id,
    question: {
      ...worded(question),
      similar_questions: { items: similar.map(worded) },
      answers: answers.map(({ text, attachments }) => ({
        ...worded(text),
        attachments: attachments.map((one) => ({ msgtype: one.msgtype, [one.msgtype]: { name: one.msgtype } })),
      })),
    },
  };
}

function nameOf(world: World, body: Fields): string {
  const name = requiredText(body, 'name', { maxCharacters: 12 });
  if ([...knowledgeOf(world).groups.values()].some((one) => one.name === name)) throw invalid('name');
  return name;
}

function groupNamed(world: World, body: Fields) {
  const group = knowledgeOf(world).groups.get(requiredText(body, 'group_id'));
  if (group === undefined) throw invalid('group_id');
  return group;
}

/** The default group can be neither changed nor deleted. */
function ownGroup(world: World, body: Fields) {
  const group = groupNamed(world, body);
  if (group.isDefault) throw invalid('group_id');
  return group;
}

function intentNamed(world: World, body: Fields): Intent {
  const intent = knowledgeOf(world).intents.get(requiredText(body, 'intent_id'));
  if (intent === undefined) throw invalid('intent_id');
  return intent;
}

const textIn = (fields: Fields, maxCharacters: number): string =>
  requiredText(requiredFields(fields, 'text'), 'content', { maxCharacters });

/** In the whole corp a question is there once. */
function questionOf(world: World, body: Fields, but?: string): string {
  const question = textIn(requiredFields(body, 'question'), 200);
  const others = [...knowledgeOf(world).intents.values()].filter(({ id }) => id !== but);
  if (others.some((one) => one.question === question)) throw invalid('question');
  return question;
}

function listIn(fields: Fields, name: string, most: number): Fields[] {
  const list = fields[name];
  if (!Array.isArray(list) || list.length > most || !list.every(isFields)) throw invalid(name);
  return list;
}

function similarOf(body: Fields): string[] | undefined {
  if (body.similar_questions === undefined) return undefined;
  return listIn(requiredFields(body, 'similar_questions'), 'items', 100).map((one) => textIn(one, 200));
}

function answersOf(body: Fields): Intent['answers'] {
  const answers = listIn(body, 'answers', 1);
  if (answers.length !== 1) throw invalid('answers');
  return answers.map((answer) => ({
    text: textIn(answer, 500),
    attachments: (answer.attachments === undefined ? [] : listIn(answer, 'attachments', 4)).map((one) => ({
      msgtype: requiredText(one, 'msgtype'),
    })),
  }));
}
