import { type Account, memberOf, receptionOf } from './corp.ts';
import { assertKnown, type Call, type Endpoints, openKfIdOf } from './endpoint.ts';
import { type Fields, requiredNumber, requiredText } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { Occasion } from './reply-codes.ts';
import { assertMayMove, moveTo, type State, takesReplyCode } from './sessions.ts';
import {
  type Conversation,
  conversationOf,
  isKnownCustomer,
  managedAccount,
  recordHappening,
  type World,
} from './world.ts';

export const sessionEndpoints: Endpoints = {
  '/cgi-bin/kf/service_state/get': { method: 'POST', kf: true, answer: getState },
  '/cgi-bin/kf/service_state/trans': { method: 'POST', kf: true, answer: changeState },
};

function named(world: World, { app, body }: Call): { account: Account; conversation: Conversation } {
  const openKfId = openKfIdOf(body);
  const customer = requiredText(body, 'external_userid');
  const account = managedAccount(world, app.name, openKfId);
  assertKnown(isKnownCustomer(world, customer));
  return { account, conversation: conversationOf(world, openKfId, customer) };
}

/** WeCom: kf/service_state/get. */
function getState(world: World, call: Call): Fields {
  const { session } = named(world, call).conversation;
  return {
    service_state: session.state,
    ...(session.state === 3 && session.servicer !== undefined && { servicer_userid: session.servicer }),
  };
}

/** WeCom: kf/service_state/trans. */
function changeState(world: World, call: Call): Fields {
  const to = stateOf(requiredNumber(call.body, 'service_state', { min: 0, max: 4 }));
  const { account, conversation } = named(world, call);
  const { session } = conversation;
  if (to !== 3) {
    assertMayMove(session, to, world.switches);
    moveTo(session, to);
    recordHappening(world, conversation, `moved to ${to}`);
    return withCode(world, conversation, to);
  }
  const userid = requiredText(call.body, 'servicer_userid');
  assertMayMove(session, to, world.switches);
  const servicer = assertCanServe(world, account, userid, call.body);
  const repeated = session.state === 3 && session.servicer === servicer;
  if (repeated && world.switches.repeatedTrans !== 'ok') throw new Refusal(world.switches.repeatedTrans);
  moveTo(session, 3, servicer);
  recordHappening(world, conversation, `given to ${servicer}`);
  return withCode(world, conversation, 3);
}

const OCCASION: Readonly<Partial<Record<State, Occasion>>> = { 2: 'pool', 3: 'person', 4: 'end' };

function withCode(world: World, conversation: Conversation, to: State): Fields {
  const occasion = OCCASION[to];
  if (occasion === undefined) return {};
  if (to !== 4 && !takesReplyCode(conversation.session, to, world.switches)) return {};
  return { msg_code: world.codes.issue(occasion, conversation.openKfId, conversation.customer, world.now()) };
}

/** @throws Refusal 95014 or 60253 for no servicer of the account, 95014 when not activated, 95019 when not receiving */
function assertCanServe(world: World, account: Account, userid: string, body: Fields): string {
  const call = { method: 'POST', path: '/cgi-bin/kf/service_state/trans', body };
  const refused = world.faults.strike('refuseServicer', userid.toLowerCase(), call);
  if (refused !== undefined) throw new Refusal(refused.value);
  const member = memberOf(world.corp, userid);
  const reception = receptionOf(world.corp, account, userid);
  if (member === undefined || reception === undefined) throw new Refusal(world.switches.notServicerCode);
  if (!member.activated) throw new Refusal(95014);
  if (reception !== 'receiving') throw new Refusal(95019);
  return member.userid;
}

function stateOf(value: number): State {
  const state = ([0, 1, 2, 3, 4] as const).find((one) => one === value);
  if (state === undefined) throw new Refusal(40058, 'service_state');
  return state;
}
