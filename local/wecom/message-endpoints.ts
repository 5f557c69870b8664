import { memberOf } from './corp.ts';
import { assertKnown, type Call, type Endpoints, openKfIdOf } from './endpoint.ts';
import { type Fields, optionalNumber, optionalText, requiredText } from './fields.ts';
import { publishEvent, showOnPhone } from './happenings.ts';
import { checkMessage, checkMsgid, type MessageRules, type OutgoingMessage, readableText } from './messages.ts';
import { Refusal } from './refusal.ts';
import { type IssuedCode, msgtypesFor, stateFor } from './reply-codes.ts';
import { assertMayReply, noteReply } from './sessions.ts';
import {
  type Conversation,
  conversationOf,
  isKnownCustomer,
  managedAccount,
  newsOf,
  record,
  type World,
} from './world.ts';

const PULL_TOKEN_LIFETIME = 600_000;
const MAX_PAGE = 1000;

export const messageEndpoints: Endpoints = {
  '/cgi-bin/kf/sync_msg': { method: 'POST', kf: true, answer: syncMessages },
  '/cgi-bin/kf/send_msg': { method: 'POST', kf: true, answer: sendMessage },
  '/cgi-bin/kf/send_msg_on_event': { method: 'POST', kf: true, answer: sendOnEvent },
};

/** WeCom: kf/sync_msg. */
function syncMessages(world: World, { app, body }: Call): Fields {
  const openKfId = openKfIdOf(body);
  const cursor = optionalText(body, 'cursor', { maxBytes: 64 });
  const token = optionalText(body, 'token', { maxBytes: 128 });
  const limit = optionalNumber(body, 'limit', { min: 0, max: MAX_PAGE });
  optionalNumber(body, 'voice_format', { min: 0, max: 1 });
  managedAccount(world, app.name, openKfId);
  checkPullToken(world, openKfId, token);

  const news = newsOf(world, openKfId);
  const from = cursor === '' ? undefined : cursor;
  const fault = world.faults.nextPage();
  if (fault.empty) return { ...news.emptyPage(from, world.now()) };
  const again = fault.repeated ? news.lastPage() : undefined;
  return { ...(again ?? news.page(from, Math.min(limit || MAX_PAGE, fault.size), world.now())) };
}

function checkPullToken(world: World, openKfId: string, token: string | undefined): void {
  const given = token ? world.pullTokens.get(token) : undefined;
  if (given?.openKfId === openKfId && world.now() - given.at <= PULL_TOKEN_LIFETIME) return;
  const { pullsCountedPer, pullsWithoutToken } = world.switches;
  world.quota.count(pullsCountedPer === 'corp' ? world.corp.corpId : openKfId, pullsWithoutToken, world.now());
  if (token) throw new Refusal(95007);
}

/** WeCom: kf/send_msg. */
function sendMessage(world: World, { app, body }: Call): Fields {
  const customer = requiredText(body, 'touser');
  const openKfId = openKfIdOf(body);
  const ownMsgid = checkMsgid(body);
  managedAccount(world, app.name, openKfId);
  assertKnown(isKnownCustomer(world, customer));
  const message = checkMessage(body, messageRules(world));

  const conversation = conversationOf(world, openKfId, customer);
  if (world.switches.duplicateChecked === 'first') assertNewMsgid(world, openKfId, ownMsgid);
  assertMayReply(conversation.session, world.now(), world.switches);
  if (world.switches.duplicateChecked === 'last') assertNewMsgid(world, openKfId, ownMsgid);
  noteReply(conversation.session);
  return { msgid: accept(world, conversation, message, ownMsgid, { path: '/cgi-bin/kf/send_msg', body }) };
}

/** WeCom: kf/send_msg_on_event. */
function sendOnEvent(world: World, { app, body }: Call): Fields {
  const code = world.codes.find(requiredText(body, 'code'), world.now());
  const ownMsgid = checkMsgid(body);
  managedAccount(world, app.name, code.openKfId);
  const message = checkMessage(body, messageRules(world), msgtypesFor(code.occasion));
  const conversation = conversationOf(world, code.openKfId, code.customer);
  assertStillThere(world, conversation, code);
  assertNewMsgid(world, code.openKfId, ownMsgid);

  code.used = true;
  if (code.occasion === 'welcome') conversation.session.lastWelcomedAt = world.now();
  if (world.switches.codeMessagesCount) conversation.session.repliesUsed += 1;
  return { msgid: accept(world, conversation, message, ownMsgid, { path: '/cgi-bin/kf/send_msg_on_event', body }) };
}

function assertStillThere(world: World, conversation: Conversation, code: IssuedCode): void {
  const state = stateFor(code.occasion);
  if (state !== undefined && conversation.session.state !== state) throw new Refusal(world.switches.movedCodeCode);
}

function messageRules(world: World): MessageRules {
  return {
    switches: world.switches,
    hasMedia: (mediaId, type) => world.media.has(mediaId, type, world.now()),
    isMember: (userid) => memberOf(world.corp, userid) !== undefined,
  };
}

function assertNewMsgid(world: World, openKfId: string, msgid: string | undefined): void {
  if (msgid !== undefined && world.msgids.get(openKfId)?.has(msgid)) {
    throw new Refusal(world.switches.duplicateMsgidCode, 'msgid');
  }
}

/** WeCom has taken the message; whether it arrives is another matter, told by `msg_send_fail`. */
function accept(
  world: World,
  conversation: Conversation,
  message: OutgoingMessage,
  ownMsgid: string | undefined,
  call: { path: string; body: Fields },
): string {
  const { openKfId, customer } = conversation;
  const msgid = ownMsgid ?? world.random.text(32);
  const taken = world.msgids.get(openKfId) ?? new Set();
  world.msgids.set(openKfId, taken.add(msgid));
  const failure = conversation.customerRejects
    ? 10
    : world.faults.strike('sendFails', call.path, { method: 'POST', ...call })?.value;
  if (failure !== undefined) {
    publishEvent(world, openKfId, 'msg_send_fail', {
      external_userid: customer,
      fail_msgid: msgid,
      fail_type: failure,
    });
    return msgid;
  }
  showOnPhone(world, conversation, { msgid, from: 'api', ...message });
  const text = readableText(message.msgtype, message.body);
  record(world, conversation, { from: 'api', msgtype: message.msgtype, ...(text !== undefined && { text }), msgid });
  return msgid;
}
