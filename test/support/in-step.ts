import { expect } from '@jest/globals';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { ACCOUNT, type Yard } from './yard.ts';

const STATES = ['new', 'bot', 'pool', 'person', 'ended'] as const;

/** What WeCom knows of a session, in the words of our state. */
export function sessionInWeCom(yard: Yard, customer: string, openKfId = ACCOUNT) {
  const { state, servicer } = yard.wecom.session(openKfId, customer);
  return { state: STATES[state], ...(servicer !== undefined && { agentId: servicer.toLowerCase() }) };
}

/** What we believe of it. */
export async function sessionWithUs(yard: Yard, customer: string, openKfId = ACCOUNT) {
  const { state, agentId } = (await yard.conversation(customer, openKfId)).session;
  return { state, ...(agentId !== undefined && { agentId }) };
}

/** Every place that agents hold for these customers: `customer at agent`, one line for each. */
export async function placesOf(yard: Yard, customers: readonly string[], openKfId = ACCOUNT): Promise<string[]> {
  const named = new Map(customers.map((customer) => [conversationIdOf(openKfId, customer), customer]));
  const held = (await yard.agents()).flatMap(({ agentId, serving }) =>
    [...serving].flatMap((element) => {
      const customer = named.get(element.slice(0, element.indexOf('#')));
      return customer === undefined ? [] : [`${customer} at ${agentId}`];
    }),
  );
  return held.sort();
}

/**
 * Our state equals WeCom's: the same session for each of these customers, exactly one place for each who has a person, none
 * for the others, nothing left to tell, and nobody in the line who is served.
 */
export async function expectInStep(yard: Yard, customers: readonly string[], openKfId = ACCOUNT): Promise<void> {
  const theirs = customers.map((customer) => ({ customer, ...sessionInWeCom(yard, customer, openKfId) }));
  const ours = await Promise.all(
    customers.map(async (customer) => ({ customer, ...(await sessionWithUs(yard, customer, openKfId)) })),
  );
  expect(ours).toEqual(theirs);

  const persons = theirs.flatMap(({ customer, agentId }) =>
    agentId === undefined ? [] : [`${customer} at ${agentId}`],
  );
  expect(await placesOf(yard, customers, openKfId)).toEqual(persons.sort());

  const conversations = await Promise.all(customers.map((customer) => yard.conversation(customer, openKfId)));
  expect(conversations.flatMap(({ pending }) => pending)).toEqual([]);
  const line = (await yard.line()).map(({ conversationId }) => conversationId);
  const open = conversations.filter(({ request }) => request?.waiting && !request.assigned);
  const ids = new Set(conversations.map(({ conversationId }) => conversationId));
  expect(line.filter((id) => ids.has(id)).sort()).toEqual(open.map(({ conversationId }) => conversationId).sort());
}
