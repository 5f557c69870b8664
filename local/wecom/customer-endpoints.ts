import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, optionalNumber, textList } from './fields.ts';
import { Refusal } from './refusal.ts';
import { REPLY_WINDOW } from './sessions.ts';
import type { Conversation, World } from './world.ts';

export const customerEndpoints: Endpoints = {
  '/cgi-bin/kf/customer/batchget': { method: 'POST', kf: true, answer: getCustomers },
};

/** WeCom: kf/customer/batchget. Only for who entered or wrote in the last 48 hours; the others are "invalid". */
function getCustomers(world: World, { body }: Call): Fields {
  const ids = textList(body, 'external_userid_list', 100);
  if (!ids?.length) throw new Refusal(40058, 'external_userid_list');
  const withContext = optionalNumber(body, 'need_enter_session_context', { min: 0, max: 1 }) === 1;
  const found = ids.map((id) => ({ id, conversations: recent(world, id) }));
  return {
    customer_list: found
      .filter(({ conversations }) => conversations.length > 0)
      .map(({ id, conversations }) => ({
        external_userid: id,
        ...profileOf(world, id),
        ...(withContext && contextOf(world, conversations)),
      })),
    invalid_external_userid: found.filter(({ conversations }) => conversations.length === 0).map(({ id }) => id),
  };
}

function recent(world: World, customer: string): Conversation[] {
  const limit = world.switches.profilesFor48h ? REPLY_WINDOW : Number.MAX_VALUE;
  return [...world.conversations.values()].filter(
    (one) => one.customer === customer && world.now() - lastSeen(one) <= limit,
  );
}

function lastSeen({ session }: Conversation): number {
  return Math.max(session.lastEnteredAt ?? Number.NEGATIVE_INFINITY, session.lastWroteAt ?? Number.NEGATIVE_INFINITY);
}

function profileOf(world: World, customer: string): Fields {
  return { ...(world.profiles.get(customer) ?? { nickname: customer, avatar: '', gender: 0 }) };
}

function contextOf(world: World, conversations: readonly Conversation[]): Fields {
  const entered = conversations
    .filter(({ session }) => world.now() - (session.lastEnteredAt ?? Number.NEGATIVE_INFINITY) <= REPLY_WINDOW)
    .sort((a, b) => (b.session.lastEnteredAt ?? 0) - (a.session.lastEnteredAt ?? 0))[0];
  return entered?.entered === undefined ? {} : { enter_session_context: entered.entered };
}
