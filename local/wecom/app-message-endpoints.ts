import { checkCard, wordInstead } from './app-cards.ts';
import { isVisible } from './contact-people.ts';
import { type App, memberOf } from './corp.ts';
import type { Call, Endpoints } from './endpoint.ts';
import {
  type Fields,
  invalid,
  optionalNumber,
  optionalText,
  requiredFields,
  requiredText,
  textList,
} from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const MAX_USERS = 1000;
const MAX_TEXT_BYTES = 2048;
const DUPLICATE_SECONDS = { usual: 1800, most: 4 * 60 * 60 };

export const appMessageEndpoints: Endpoints = {
  '/cgi-bin/message/send': { method: 'POST', kf: false, answer: sendMessage },
  '/cgi-bin/message/update_template_card': { method: 'POST', kf: false, answer: changeCard },
};

/** WeCom: message/send, to members alone (no `toparty`, no `totag`), of the types text, markdown, textcard and template_card. */
function sendMessage(world: World, { app, body }: Call): Fields {
  assertOwnAgent(world, app, body);
  const users = usersIn(world, app, body);
  const msgtype = requiredText(body, 'msgtype');
  const check = Object.hasOwn(checks, msgtype) ? checks[msgtype] : undefined;
  if (check === undefined) throw new Refusal(40008, msgtype);
  const content = requiredFields(body, msgtype);
  check(content);

  const reached = users.filter((userid) => isReached(world, app, userid));
  if (reached.length === 0) throw new Refusal(81013);
  const invalidUsers = users.filter((userid) => !reached.includes(userid));
  const at = world.now();
  const msgid = world.random.text(60);
  const what = JSON.stringify([users, msgtype, content]);
  if (!isDuplicate(world, app, body, what)) {
    // WeCom: task_id is unique within the app.
    if (msgtype === 'template_card' && world.appCards.isKnown(app.name, requiredText(content, 'task_id'))) {
      throw new Refusal(40058, 'task_id');
    }
    const text = typeof content.content === 'string' ? { text: content.content } : {};
    for (const userid of reached) {
      world.appMessages.show(userid, { msgid, at, app: app.name, msgtype, body: content, ...text });
      showCard(world, userid, msgid);
    }
  }
  const card = msgtype === 'template_card' && {
    response_code: world.appCards.codeFor(app.name, requiredText(content, 'task_id'), at),
  };
  return { invaliduser: invalidUsers.map((userid) => userid.toLowerCase()).join('|'), msgid, ...card };
}

/** What was dropped without a word is not there to be tapped. */
function showCard(world: World, userid: string, msgid: string): void {
  const shown = world.appMessages.receivedBy(userid).find((one) => one.msgid === msgid);
  if (shown?.msgtype !== 'template_card') return;
  const { app, at, body } = shown;
  world.appCards.show(userid, { app, at, body, task: requiredText(body, 'task_id') });
}

/** WeCom: message/update_template_card, of members alone, and only to put a word in the place of the buttons. */
function changeCard(world: World, { app, body }: Call): Fields {
  assertOwnAgent(world, app, body);
  const users = textList(body, 'userids', MAX_USERS) ?? [];
  if (users.length === 0) throw new Refusal(82001);
  const known = users.filter((userid) => isReached(world, app, userid));
  world.appCards.change(app.name, requiredText(body, 'response_code'), known, wordInstead(body), world.now());
  return { invaliduser: users.filter((userid) => !known.includes(userid)) };
}

/** Each app may only speak as itself. */
function assertOwnAgent(world: World, app: App, body: Fields): void {
  const agentId = optionalNumber(body, 'agentid');
  if (agentId === undefined) throw new Refusal(41011);
  if (agentId === app.agentId) return;
  const known = [...world.corp.apps.values()].some((one) => one.agentId === agentId);
  throw new Refusal(known ? 301002 : 40056);
}

function usersIn(world: World, app: App, body: Fields): string[] {
  if (body.toparty !== undefined || body.totag !== undefined) throw invalid('toparty');
  const named = optionalText(body, 'touser') ?? '';
  if (named === '@all') {
    return [...world.corp.members.values()].filter((one) => isVisible(app, one)).map(({ userid }) => userid);
  }
  const users = [...new Set(named.split('|').filter((userid) => userid !== ''))];
  if (users.length === 0) throw new Refusal(82001);
  if (users.length > MAX_USERS) throw invalid('touser');
  return users;
}

function isReached(world: World, app: App, userid: string): boolean {
  const member = memberOf(world.corp, userid);
  return member !== undefined && isVisible(app, member);
}

const checks: Readonly<Record<string, (content: Fields) => void>> = {
  text: checkContent,
  markdown: checkContent,
  textcard(content) {
    requiredText(content, 'title', { maxBytes: 128 });
    requiredText(content, 'description', { maxBytes: 512 });
    requiredText(content, 'url', { pattern: /^https?:\/\// });
    optionalText(content, 'btntxt', { maxCharacters: 4 });
  },
  template_card: checkCard,
};

function checkContent(content: Fields): void {
  if (Buffer.byteLength(requiredText(content, 'content')) > MAX_TEXT_BYTES) throw new Refusal(45002, 'content');
}

/** WeCom: enable_duplicate_check. A repeat is answered like the first one, and shown to nobody. */
function isDuplicate(world: World, app: App, body: Fields, what: string): boolean {
  const { usual, most } = DUPLICATE_SECONDS;
  const seconds = optionalNumber(body, 'duplicate_check_interval', { min: 1, max: most }) ?? usual;
  if (optionalNumber(body, 'enable_duplicate_check', { min: 0, max: 1 }) !== 1) return false;
  return world.appMessages.isRepeat({ app: app.name, what, at: world.now() }, seconds * 1000);
}
