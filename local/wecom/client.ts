import { hasButton, type ShownCard } from './app-cards.ts';
import type { AppMessage } from './app-messages.ts';
import { type ContactClient, contactClientOf } from './contact-client.ts';
import { memberOf, type Reception, receptionOf } from './corp.ts';
import { publishEvent, publishMessage, showOnPhone, tellTapped } from './happenings.ts';
import { moveTo, REPLY_WINDOW } from './sessions.ts';
import {
  type Conversation,
  conversationOf,
  existingAccount,
  NotPossible,
  recordHappening,
  spelled,
  type World,
} from './world.ts';

/** An employee's WeCom. Everything here happens without, and sometimes against, the API's users. */
export interface Client extends ContactClient {
  /** Writes to the customer (origin 5). Into an ended session, or one that was passed on: state 3, change_type 4. */
  answer(openKfId: string, customer: string, text: string): Promise<string>;
  /** Takes a customer from the pool: change_type 1. */
  take(openKfId: string, customer: string): Promise<void>;
  /** Passes the customer on: change_type 2. */
  transfer(openKfId: string, customer: string, toUserid: string): Promise<void>;
  /** Presses 结束: change_type 3. */
  end(openKfId: string, customer: string): Promise<void>;
  recall(openKfId: string, msgid: string): Promise<void>;
  setReception(openKfId: string, reception: Reception): Promise<void>;
  /** "No more messages" from this customer, or lifted again. */
  rejectCustomer(openKfId: string, customer: string, rejects?: boolean): Promise<void>;
  /** What apps sent to this member, oldest first. */
  appMessages(): readonly AppMessage[];
  /** The cards among them, as they look now. */
  cards(): readonly ShownCard[];
  /** Opens WeCom's login page of this address, and agrees: where the browser is sent then. Throws where WeCom would show an error. */
  logIn(address: string, how?: { agrees: boolean }): Promise<string>;
  /** Taps a button of a card, the latest unless one is named. `stale`: on a device that has not seen yet that the card was changed. */
  tap(key: string, which?: { task?: string; stale?: boolean }): Promise<void>;
}

export function clientOf(world: World, name: string): Client {
  const me = spelled(world, name);

  const place = (openKfId: string, customer: string): Conversation => {
    const account = existingAccount(world, openKfId);
    const member = memberOf(world.corp, me);
    if (member === undefined || !member.activated || receptionOf(world.corp, account, me) === undefined) {
      throw new NotPossible(`${me} does not serve ${openKfId}`);
    }
    return conversationOf(world, openKfId, customer);
  };
  const mine = (openKfId: string, customer: string): Conversation => {
    const conversation = place(openKfId, customer);
    if (conversation.session.state !== 3 || conversation.session.servicer !== me) {
      throw new NotPossible(`${me} does not serve this customer now`);
    }
    return conversation;
  };
  const tellChange = (conversation: Conversation, changeType: number, rest: object, what: string) => {
    recordHappening(world, conversation, what);
    publishEvent(world, conversation.openKfId, 'session_status_change', {
      external_userid: conversation.customer,
      change_type: changeType,
      ...rest,
    });
  };
  const comeBack = (conversation: Conversation) => {
    const { session } = conversation;
    if (session.state !== 3 && session.state !== 4) throw new NotPossible('the session is with the API or in the pool');
    if (session.lastWroteAt === undefined || world.now() - session.lastWroteAt > REPLY_WINDOW) {
      throw new NotPossible('the customer has not written for 48 hours');
    }
    const before = session.state === 3 ? session.servicer : session.lastServicer;
    moveTo(session, 3, me);
    const old = before === undefined ? {} : { old_servicer_userid: before };
    tellChange(conversation, 4, { ...old, new_servicer_userid: me }, `re-entered by ${me}`);
  };

  return {
    ...contactClientOf(world, me),
    appMessages: () => world.appMessages.receivedBy(me),
    logIn: async (address, { agrees } = { agrees: true }) =>
      world.logins.open(address, me, { agrees, now: world.now() }),
    cards: () => world.appCards.seenBy(me),
    async tap(key, { task, stale = false } = {}) {
      const card = world.appCards.seenBy(me).findLast((one) => task === undefined || one.task === task);
      if (card === undefined) throw new NotPossible(`${me} has no such card`);
      if (!hasButton(card.body, key)) throw new NotPossible(`the card has no button ${key}`);
      if (card.says !== undefined && !stale) throw new NotPossible('the card has no buttons any more');
      tellTapped(world, me, card, key);
    },
    async answer(openKfId, customer, text) {
      const conversation = place(openKfId, customer);
      const { session } = conversation;
      if (session.state !== 3 || session.servicer !== me) comeBack(conversation);
      const body = { content: text };
      const msgid = publishMessage(world, conversation, { msgtype: 'text', body, servicer: me });
      showOnPhone(world, conversation, { msgid, from: 'servicer', msgtype: 'text', body, servicer: me });
      return msgid;
    },
    async take(openKfId, customer) {
      const conversation = place(openKfId, customer);
      if (conversation.session.state !== 2) throw new NotPossible('the customer is not in the pool');
      moveTo(conversation.session, 3, me);
      conversation.session.codesGiven.add(3);
      const code = world.codes.issue('person', openKfId, customer, world.now());
      tellChange(conversation, 1, { new_servicer_userid: me, msg_code: code }, `taken by ${me}`);
    },
    async transfer(openKfId, customer, toUserid) {
      const conversation = mine(openKfId, customer);
      const to = memberOf(world.corp, toUserid);
      const reception = receptionOf(world.corp, existingAccount(world, openKfId), toUserid);
      if (to === undefined || !to.activated || reception !== 'receiving') {
        throw new NotPossible(`${toUserid} does not receive on ${openKfId}`);
      }
      moveTo(conversation.session, 3, to.userid);
      const people = { old_servicer_userid: me, new_servicer_userid: to.userid };
      tellChange(conversation, 2, people, `passed on by ${me} to ${to.userid}`);
    },
    async end(openKfId, customer) {
      const conversation = mine(openKfId, customer);
      moveTo(conversation.session, 4);
      const code = world.codes.issue('end', openKfId, customer, world.now());
      tellChange(conversation, 3, { old_servicer_userid: me, msg_code: code }, `ended by ${me}`);
    },
    async recall(openKfId, msgid) {
      existingAccount(world, openKfId);
      for (const conversation of world.conversations.values()) {
        const shown = conversation.received.find((one) => one.msgid === msgid && one.servicer === me);
        if (conversation.openKfId !== openKfId || shown === undefined) continue;
        shown.recalled = true;
        recordHappening(world, conversation, `recalled by ${me}`);
        publishEvent(world, openKfId, 'servicer_recall_msg', {
          external_userid: conversation.customer,
          recall_msgid: msgid,
          servicer_userid: me,
        });
        return;
      }
      throw new NotPossible(`${me} sent no ${msgid}`);
    },
    async setReception(openKfId, reception) {
      const account = existingAccount(world, openKfId);
      if (receptionOf(world.corp, account, me) === undefined) throw new NotPossible(`${me} does not serve ${openKfId}`);
      account.reception.set(me.toLowerCase(), reception);
      // The event counts 1 and 2 where kf/servicer/list counts 0 and 1.
      const status =
        reception === 'receiving' ? { status: 1 } : { status: 2, stop_type: reception === 'stopped' ? 0 : 1 };
      publishEvent(world, openKfId, 'servicer_status_change', { servicer_userid: me, ...status });
    },
    async rejectCustomer(openKfId, customer, rejects = true) {
      const conversation = place(openKfId, customer);
      conversation.rejectedBy = rejects ? me : undefined;
      publishEvent(world, openKfId, 'reject_customer_msg_switch_change', {
        external_userid: customer,
        servicer_userid: me,
        reject_switch: rejects ? 1 : 0,
      });
    },
  };
}
