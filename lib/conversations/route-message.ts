import { isDeepStrictEqual } from 'node:util';
import { type Clock, type Instant, MINUTE } from '../platform/clock.ts';
import { InfrastructureError, isInfrastructureError } from '../platform/infrastructure.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { StoredEntry } from '../store/inbox.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import type { KfApi } from '../wecom/kf-api.ts';
import type { AgentRequest, Conversation } from './conversation.ts';
import type { ConversationStore } from './conversation-store.ts';
import { decide, foldAll, type HouseRules } from './decide.ts';
import { nextDue } from './due.ts';
import { type HouseEffect, isForHouse, isForWeCom, type WeComEffect, withEffect } from './effects.ts';
import { Entry } from './entries.ts';
import { needsReading, type SessionReading } from './session.ts';
import { type Outcome, settle, withdrawUntouched } from './settle.ts';
import { lookAgainAt, readSession, tellWeCom } from './tell.ts';

/** How many entries one decision takes in; more are taken in first, and decided upon with the last of them. */
const PAGE = 200;
/** SQS delays a message at most this long; due times further away are found by the sweep. */
const LONGEST_DELAY = 15 * MINUTE;
/** From this many receives of a wake on, entries and effects are tried one by one, so that the poisonous one is found (rule 4). */
const ONE_BY_ONE_FROM = 3;
const TRIES = 3;

/** What routing needs from outside the room. */
export interface RouteMessage {
  readonly store: ConversationStore;
  readonly clock: Clock;
  readonly random: () => number;
  rulesFor(openKfId: string): Promise<HouseRules>;
  kfFor(app: string): KfApi;
  readonly duplicateCodes: readonly number[];
  /** The other rooms, as far as effects ask something of them. Every one may be repeated. */
  readonly house: {
    requestAgent(conversation: Conversation, request: AgentRequest, prefer?: string): Promise<void>;
    cancelRequest(teamId: string, r: string): Promise<void>;
    agentRefused(conversation: Conversation, request: AgentRequest, n: number, agentId: string): Promise<void>;
    releasePlace(agentId: string, element: string): Promise<void>;
    recordPlace(agentId: string, element: string): Promise<void>;
  };
  publish(conversationId: string, events: readonly Extract<HouseEffect, { kind: 'publish' }>[]): Promise<void>;
  armTimer(conversationId: string, dueAt: Instant): Promise<void>;
  /** Lets operators see what was set aside, and why; ids and reasons only. */
  setAside(record: { conversationId: string; entry: string; reason: string }): Promise<void>;
}

/**
 * The conversation's only writer: reads its state and inbox, decides, saves, tells, settles. Throws only when our own
 * infrastructure fails, and then the wake comes back; when WeCom sleeps, effects are parked with a timer (rule 19).
 */
export function routeMessage(room: RouteMessage) {
  const { store, clock } = room;

  return async function route(conversationId: string, receives = 1): Promise<void> {
    const oneByOne = receives >= ONE_BY_ONE_FROM;
    let conversation = await store.read(conversationId, clock());
    const rules = await room.rulesFor(conversation.openKfId);
    /** Effects that an earlier invocation may have tried. */
    const stale = new Set(conversation.pending.map(({ id }) => id));
    const pass: Pass = { rules, silence: rules.team?.endAfterSilence ?? 0, stale, oneByOne };

    for (let more = true; more; ) {
      const page = await store.inbox.unread(conversationId, oneByOne ? 1 : PAGE);
      const news = await readNews(conversation, page.entries, oneByOne);
      more = page.more || (oneByOne && page.entries.length > 0);
      try {
        const next = await handleNews(conversation, news, page.more && !oneByOne, pass);
        if (!next) return;
        conversation = next;
      } catch (error) {
        // Our own infrastructure says nothing about the entry that happened to be tried.
        if (oneByOne && isInfrastructureError(error)) await store.inbox.untried(conversationId, news.keys);
        throw error;
      }
    }
  };

  /** One round: what was left to tell, the fold, the decision, what it wants told. Undefined when nothing more is to be done. */
  async function handleNews(
    before: Conversation,
    news: News,
    moreToFold: boolean,
    pass: Pass,
  ): Promise<Conversation | undefined> {
    const heard = news.entries.some((entry) => entry.kind === 'message');
    const current = await tellAndSettle(heard ? withdrawUntouched(before) : before, heard, pass);
    // Something for the customer is still to be told: nothing new is decided for him, and entries stay unread (rule 6).
    if (current.pending.some(isForWeCom)) return undefined;

    const now = clock();
    const folded = { ...foldAll(current, news.entries, now, pass.rules), folded: news.keys };
    let decided: Conversation = folded;
    if (!moreToFold) {
      const reading = needsReading(folded, now) ? await readFromWeCom(folded) : undefined;
      if (reading === 'asleep') return undefined;
      decided = decide(folded, now, pass.rules, reading);
    }
    if (news.keys.length === 0 && isDeepStrictEqual({ ...decided, folded: before.folded }, before)) return undefined;

    const saved = await save(decided, pass);
    await store.inbox.settle(saved.conversationId, news.keys, clock());
    return tellAndSettle(saved, false, pass);
  }

  /** The unread entries that this state has not folded yet; those that it has are only marked again. */
  async function readNews(
    conversation: Conversation,
    stored: readonly StoredEntry[],
    oneByOne: boolean,
  ): Promise<News> {
    const { conversationId } = conversation;
    const known = stored.filter(({ entry }) => conversation.folded.includes(entry)).map(({ entry }) => entry);
    await store.inbox.settle(conversationId, known, clock());
    const news: News = { entries: [], keys: [] };
    for (const { entry, body } of stored) {
      if (known.includes(entry)) continue;
      // Written down before it is tried, so that a time-out or an exhausted memory counts too (rule 4).
      if (oneByOne && (await store.inbox.tried(conversationId, entry)) > TRIES) {
        await setEntryAside(conversationId, entry, 'failed repeatedly');
        continue;
      }
      news.entries.push(Entry.parse(body));
      news.keys.push(entry);
    }
    return news;
  }

  async function setEntryAside(conversationId: string, entry: string, reason: string): Promise<void> {
    await room.setAside({ conversationId, entry, reason });
    await store.inbox.setAside(conversationId, entry, reason, clock());
    count('EntrySetAside', { queue: 'conversations' });
    log.error('entry set aside', { conversationId, entry, reason });
  }

  async function readFromWeCom(conversation: Conversation): Promise<SessionReading | 'asleep' | undefined> {
    const { openKfId, customerId, conversationId, session, app } = conversation;
    if (app === undefined) return undefined;
    try {
      return await readSession(room.kfFor(app), openKfId, customerId);
    } catch (error) {
      if (isOutage(error)) {
        // Entries stay unread; the timer comes back to them.
        await room.armTimer(conversationId, lookAgainAt(error, clock(), room.random));
        return 'asleep';
      }
      if (!(error instanceof WeComError)) throw error;
      log.warn('session not readable', { conversationId, errcode: error.errcode });
      // A refusal says nothing about the session: go by what we know, and let WeCom refuse what does not fit.
      return session.state === 'person' && session.agentId !== undefined
        ? { state: 'person', agentId: session.agentId }
        : { state: session.state === 'unknown' ? 'new' : session.state };
    }
  }

  /** Tells what is pending, takes the outcomes in, and goes on with what follows from them, until nothing is left to tell. */
  async function tellAndSettle(start: Conversation, overtakenByCustomer: boolean, pass: Pass): Promise<Conversation> {
    let conversation = start;
    for (;;) {
      const resting = (conversation.parkedUntil ?? 0) > clock();
      const forWeCom = resting ? [] : conversation.pending.filter(isForWeCom);
      const forHouse = conversation.pending.filter(isForHouse);
      if (forWeCom.length === 0 && forHouse.length === 0) return conversation;
      if (forWeCom.some((effect) => effect.untouched || (pass.oneByOne && pass.stale.has(effect.id)))) {
        conversation = await noteAttempt(conversation, pass.oneByOne ? forWeCom.slice(0, 1) : forWeCom, pass);
      }
      // The two lanes do not wait for each other (rule 8): what one of them achieved counts, whatever the other does.
      const [toWeCom, toHouse] = await Promise.allSettled([
        tellLane(conversation, resting ? [] : conversation.pending.filter(isForWeCom), overtakenByCustomer, pass),
        tellHouse(conversation, forHouse),
      ]);
      const outcomes = new Map<string, Outcome>();
      if (toWeCom.status === 'fulfilled') for (const [id, outcome] of toWeCom.value) outcomes.set(id, outcome);
      if (toHouse.status === 'fulfilled') for (const id of toHouse.value.told) outcomes.set(id, { is: 'done' });
      for (const [id, outcome] of outcomes) if (outcome.is === 'parked' && !outcome.untouched) pass.stale.add(id);
      if (outcomes.size > 0) conversation = await save(settle(conversation, outcomes, clock(), pass.rules), pass);
      if (toWeCom.status === 'rejected') {
        if (pass.oneByOne && isInfrastructureError(toWeCom.reason)) await forgetTries(conversation, pass);
        throw toWeCom.reason;
      }
      if (toHouse.status === 'rejected') throw toHouse.reason;
      if (toHouse.value.failure) throw toHouse.value.failure;
      if (outcomes.size === 0) return conversation;
    }
  }

  /**
   * A parked effect loses its mark before it is tried again, because this process may die while it tries; and one that keeps
   * failing has its tries counted in the state.
   */
  async function noteAttempt(
    conversation: Conversation,
    lane: readonly WeComEffect[],
    pass: Pass,
  ): Promise<Conversation> {
    const tried = new Set(lane.map(({ id }) => id));
    const pending = conversation.pending.map((effect) => {
      if (!tried.has(effect.id)) return effect;
      const { untouched, ...rest } = effect;
      const counted = pass.oneByOne && pass.stale.has(effect.id);
      if (untouched) pass.stale.delete(effect.id);
      return counted ? { ...rest, tries: (effect.tries ?? 0) + 1 } : rest;
    });
    return save({ ...conversation, pending }, pass);
  }

  /** Our own infrastructure failed, which says nothing about the effects that were tried. */
  async function forgetTries(conversation: Conversation, pass: Pass): Promise<void> {
    const pending = conversation.pending.map(({ tries: _, ...effect }) => effect);
    await save({ ...conversation, pending }, pass);
  }

  async function tellLane(
    conversation: Conversation,
    lane: readonly WeComEffect[],
    overtakenByCustomer: boolean,
    pass: Pass,
  ): Promise<Map<string, Outcome>> {
    const { app, conversationId } = conversation;
    const [first] = lane;
    if (!first || app === undefined) return new Map();
    if ((first.tries ?? 0) > TRIES) {
      const reason = `${first.kind} failed repeatedly`;
      await room.setAside({ conversationId, entry: `effect#${first.id}`, reason });
      count('EffectSetAside', { kind: first.kind });
      log.error('effect set aside', { conversationId, effectId: first.id, kind: first.kind });
      return new Map([[first.id, { is: 'set-aside', reason }]]);
    }
    return tellWeCom(
      conversation,
      // One at a time while something here fails, so that its tries are its own.
      pass.oneByOne ? [first] : lane,
      {
        kf: room.kfFor(app),
        clock,
        random: room.random,
        duplicateCodes: room.duplicateCodes,
        noteSent: (sent) => store.noteSent(conversationId, sent),
      },
      (effect) => ({ first: !pass.stale.has(effect.id), overtakenByCustomer }),
    );
  }

  /** What stays in the house, in order; events in one go. A failure stops it, and what was told before it counts. */
  async function tellHouse(
    conversation: Conversation,
    lane: readonly HouseEffect[],
  ): Promise<{ told: string[]; failure?: unknown }> {
    const told: string[] = [];
    try {
      for (const effect of lane) {
        if (effect.kind === 'publish') continue;
        await tellOneHouseEffect(conversation, effect);
        told.push(effect.id);
      }
      const events = lane.filter((effect) => effect.kind === 'publish');
      if (events.length > 0) await room.publish(conversation.conversationId, events);
      told.push(...events.map(({ id }) => id));
      return { told };
    } catch (failure) {
      return { told, failure };
    }
  }

  async function tellOneHouseEffect(conversation: Conversation, effect: HouseEffect): Promise<void> {
    const { conversationId } = conversation;
    switch (effect.kind) {
      case 'request-agent':
        return room.house.requestAgent(conversation, effect.request, effect.prefer);
      case 'cancel-request':
        return room.house.cancelRequest(effect.teamId, effect.r);
      case 'agent-refused':
        return room.house.agentRefused(conversation, effect.request, effect.n, effect.agentId);
      case 'release-place':
        return room.house.releasePlace(effect.agentId, effect.element);
      case 'record-place':
        return room.house.recordPlace(effect.agentId, effect.element);
      case 'forget-text':
        return store.forgetText(conversationId, effect.messageId);
      case 'mark-failed':
        return store.markFailed(conversationId, effect.messageId, effect.failType);
      case 'arm-timer':
        return room.armTimer(conversationId, effect.dueAt);
      case 'publish':
        return room.publish(conversationId, [effect]);
    }
  }

  /** Saves on top of what was read, with the timer that the new state needs. */
  async function save(conversation: Conversation, { silence }: Pass): Promise<Conversation> {
    const now = clock();
    const due = nextDue(conversation, silence);
    const arm = due !== undefined && due <= now + LONGEST_DELAY && due !== conversation.armedFor;
    const timed = arm
      ? withEffect({ ...conversation, armedFor: due }, { kind: 'arm-timer', dueAt: due })
      : conversation;
    const saved = await store.save(timed, silence, now);
    if (!saved) throw new SavedByAnother(conversation.conversationId);
    return saved;
  }
}

interface News {
  readonly entries: Entry[];
  readonly keys: string[];
}

/** What one invocation carries along. */
interface Pass {
  readonly rules: HouseRules;
  readonly silence: number;
  /** Effects that an earlier invocation (or an attempt of unknown outcome) may have carried out already. */
  readonly stale: Set<string>;
  readonly oneByOne: boolean;
}

/** Another process saved this conversation first; what it left to tell is told by the redelivery. */
class SavedByAnother extends InfrastructureError {
  constructor(conversationId: string) {
    super(`Conversation ${conversationId} was saved by another process in the meantime.`);
  }
}
