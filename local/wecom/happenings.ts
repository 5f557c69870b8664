import type { ShownCard } from './app-cards.ts';
import { receivingPeople } from './corp.ts';
import { type Fields, optionalText } from './fields.ts';
import { readableText } from './messages.ts';
import { moveTo, noteMessage } from './sessions.ts';
import { type Conversation, existingAccount, type Message, NotPossible, newsOf, record, type World } from './world.ts';
import { writeXml } from './xml.ts';

interface Said {
  msgtype: string;
  body: Fields;
  servicer?: string;
}

/** Puts a message of a customer (origin 3) or a servicer (origin 5) where kf/sync_msg finds it, and calls back. */
export function publishMessage(world: World, conversation: Conversation, said: Said): string {
  const { openKfId, customer } = conversation;
  const { msgtype, body, servicer } = said;
  const msgid = world.random.text(32);
  const item = {
    msgid,
    open_kfid: openKfId,
    external_userid: customer,
    send_time: Math.floor(world.now() / 1000),
    origin: servicer === undefined ? 3 : 5,
    ...(servicer !== undefined && { servicer_userid: servicer }),
    msgtype,
    [msgtype]: body,
  };
  newsOf(world, openKfId).add(item, world.now());
  const text = readableText(msgtype, body);
  record(world, conversation, {
    from: servicer === undefined ? 'customer' : 'servicer',
    msgtype,
    ...(text !== undefined && { text }),
    msgid,
    ...(servicer !== undefined && { servicer }),
  });
  callBack(world, openKfId);
  return msgid;
}

/** Puts an event where kf/sync_msg finds it: its ids are inside `event`, not on the item. */
export function publishEvent(world: World, openKfId: string, type: string, event: Fields): void {
  const item = {
    msgid: world.random.text(32),
    send_time: Math.floor(world.now() / 1000),
    origin: 4,
    msgtype: 'event',
    event: { event_type: type, open_kfid: openKfId, ...event },
  };
  newsOf(world, openKfId).add(item, world.now());
  callBack(world, openKfId);
}

/** A customer's message opens or continues the session; WeCom's own reception may take a new one away. */
export function receiveFromCustomer(world: World, conversation: Conversation, msgtype: string, body: Fields): string {
  const account = existingAccount(world, conversation.openKfId);
  if (conversation.rejectedBy !== undefined) throw new NotPossible('the servicer takes no more messages');
  const isNew = noteMessage(conversation.session, world.now());
  const reception = world.faults.reception();
  if (isNew && reception !== 'off') {
    const people = reception === 'person' ? receivingPeople(world.corp, account) : [];
    const person = people[world.random.int(Math.max(people.length, 1))];
    if (person === undefined) moveTo(conversation.session, 2);
    else moveTo(conversation.session, 3, person);
  }
  return publishMessage(world, conversation, { msgtype, body });
}

/** What the API or a servicer says appears on the phone. */
export function showOnPhone(world: World, conversation: Conversation, message: Omit<Message, 'at' | 'text'>): void {
  const text = readableText(message.msgtype, message.body);
  conversation.received.push({ at: world.now(), ...message, ...(text !== undefined && { text }) });
}

function freshPullToken(world: World, openKfId: string): string {
  const token = `ENC${world.random.text(45)}`;
  world.pullTokens.set(token, { openKfId, at: world.now() });
  return token;
}

/** Tells everybody who manages the account that it has news. WeCom: kf_msg_or_event, which has no content. */
function callBack(world: World, openKfId: string): void {
  const pause = world.switches.coalesceCallbacksMs;
  if (pause === 0) {
    sendNews(world, openKfId);
  } else if (!world.aboutToCall.has(openKfId)) {
    world.aboutToCall.add(openKfId);
    world.postman.later(pause, () => {
      world.aboutToCall.delete(openKfId);
      sendNews(world, openKfId);
    });
  }
}

function sendNews(world: World, openKfId: string): void {
  const managedBy = world.corp.accounts.get(openKfId)?.managedBy ?? new Set();
  for (const app of world.corp.apps.values()) {
    if (app.callbackUrl === undefined || !app.receivesKf || !managedBy.has(app.secretOf ?? app.name)) continue;
    const xml = writeXml({
      ToUserName: world.corp.corpId,
      CreateTime: Math.floor(world.now() / 1000),
      MsgType: 'event',
      Event: 'kf_msg_or_event',
      Token: freshPullToken(world, openKfId),
      OpenKfId: openKfId,
    });
    world.postman.send(app, xml);
  }
}

/** WeCom: kf_account_auth_change, sent to the app whose accounts change. */
export function changeGrant(world: World, openKfId: string, appName: string, granted: boolean): void {
  const account = existingAccount(world, openKfId);
  if (!world.corp.apps.has(appName)) throw new NotPossible(`no app ${appName}`);
  if (granted) account.managedBy.add(appName);
  else account.managedBy.delete(appName);
  const xml = writeXml({
    ToUserName: world.corp.corpId,
    FromUserName: 'sys',
    CreateTime: Math.floor(world.now() / 1000),
    MsgType: 'event',
    Event: 'kf_account_auth_change',
    [granted ? 'AuthAddOpenKfId' : 'AuthDelOpenKfId']: openKfId,
  });
  for (const app of world.corp.apps.values()) {
    if (app.receivesKf && (app.secretOf ?? app.name) === appName) world.postman.send(app, xml);
  }
}

/** WeCom: template_card_event, to the app that sent the card, with a fresh code for one change of it. */
export function tellTapped(world: World, userid: string, { app: name, task, body }: ShownCard, key: string): void {
  const app = world.corp.apps.get(name);
  if (app === undefined) return;
  const xml = writeXml({
    ToUserName: world.corp.corpId,
    FromUserName: userid,
    CreateTime: Math.floor(world.now() / 1000),
    MsgType: 'event',
    Event: 'template_card_event',
    EventKey: key,
    TaskId: task,
    CardType: optionalText(body, 'card_type') ?? '',
    ResponseCode: world.appCards.codeFor(name, task, world.now()),
    AgentID: app.agentId,
  });
  world.postman.send(app, xml);
}
