import { isDeepStrictEqual } from 'node:util';
import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import { InfrastructureError, isInfrastructureError } from '../platform/infrastructure.ts';
import { log } from '../platform/log.ts';
import { count, duration } from '../platform/metrics.ts';
import { type InboxPage, newEntries, type StoredEntry } from '../store/inbox.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import type { KfApi } from '../wecom/kf-api.ts';
import { tidyCards } from './card-offer.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationStore } from './conversation-store.ts';
import { decide, foldAll, type HouseRules } from './decide.ts';
import { type Effect, isForHouse, isForWeCom, TRIES, type WeComEffect, withEffect } from './effects.ts';
import { Entry } from './entries.ts';
import { withHistoryErased } from './erase.ts';
import { toBeRead } from './fold.ts';
import { type Attention, isTold, quietly, waitsForService } from './observe.ts';
import { needsTimer, notResting, type Pass, silenceFor } from './pass.ts';
import type { MediaIdsOfApp } from './send-media.ts';
import { needsReading, type SessionReading } from './session.ts';
import { type Outcome, settle, withdrawUntouched } from './settle.ts';
import { type TeamRules, teamWith } from './team-rules.ts';
import { lookAgainAt, readSession, tellWeCom } from './tell.ts';
import { type HousePorts, tellHouse } from './tell-house.ts';

/** How many entries one decision takes in; more are taken in first, and decided upon with the last of them. */
const PAGE = 200;
/** From this many receives of a wake on, entries and effects are tried one by one, so that the poisonous one is found (rule 4). */
const ONE_BY_ONE_FROM = 3;
/** How often one invocation reads the session again and decides anew because WeCom refused what was decided. */
const SECOND_LOOKS = 3;

/** How often a conversation of an account that is being adopted looks whether it is served now. Who writes in its last seconds waits as long. */
const LOOK_AGAIN = 15 * SECOND;

/** What routing needs from outside the room. */
export interface RouteMessage extends HousePorts {
  readonly store: ConversationStore;
  readonly clock: Clock;
  readonly random: () => number;
  rulesFor(openKfId: string): Promise<HouseRules>;
  /** How the account is attended to; absent, all are served. */
  attentionTo?(openKfId: string): Promise<Attention>;
  /** The terms of a team that is not the account's; undefined, where there is no such team any more. */
  teamRules(teamId: string): Promise<TeamRules | undefined>;
  kfFor(app: string): KfApi;
  mediaFor(app: string): MediaIdsOfApp;
  readonly duplicateCodes: readonly number[];
  /** Lets operators see what was set aside, and why; ids and reasons only. */
  setAside(record: { conversationId: string; entry: string; reason: string }): Promise<void>;
}

/**
 * The conversation's only writer: reads its state and inbox, decides, saves, tells, settles. Throws only when our own
 * infrastructure fails, and then the wake comes back; when WeCom sleeps, effects are parked with a timer (rule 19).
 * After `deadline` the wake is somebody else's, so nothing is told to WeCom any more.
 */
export function routeMessage(room: RouteMessage) {
  const { store, clock } = room;
  /** Where we do not serve, agents hear nothing of us. */
  const quietRoom: HousePorts = {
    ...room,
    house: { ...room.house, briefAgent: async () => undefined, tellCard: async () => undefined },
  };

  return async function route(
    conversationId: string,
    receives = 1,
    deadline: Instant = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const oneByOne = receives >= ONE_BY_ONE_FROM;
    let conversation = await store.read(conversationId, clock());
    const attention = (await room.attentionTo?.(conversation.openKfId)) ?? 'serves';
    const rules = quietly(await rulesOf(conversation), attention);
    const left = conversation.pending.map(({ id }) => id);
    const pass: Pass = {
      rules,
      attention,
      stale: new Set(left),
      waited: new Set(left),
      oneByOne,
      deadline,
    };

    for (let more = true, looks = 0, first = true; more; first = false) {
      const page = await store.inbox.unread(conversationId, oneByOne ? 1 : PAGE);
      more = page.more || (oneByOne && page.entries.length > 0);
      conversation = await eraseFirst(conversation, page.entries, pass);
      // What is left to tell comes first: what goes wrong with it must not count against the entries behind it.
      conversation = await tellWhatIsLeft(conversation, page.entries, pass);
      // Something for the customer is still to be told: nothing new is decided for him, and entries stay unread (rule 6).
      if (conversation.pending.some(isForWeCom)) break;
      const news = await readNews(conversation, page, oneByOne, first);
      try {
        const next = await handleNews(conversation, news, page.more && !oneByOne, pass);
        if (!next) {
          // WeCom sleeps, so these entries were not tried at all.
          if (oneByOne) await store.inbox.untried(conversationId, news.keys);
          break;
        }
        conversation = next;
      } catch (error) {
        // Our own infrastructure says nothing about the entry that happened to be tried.
        if (oneByOne && isInfrastructureError(error)) await store.inbox.untried(conversationId, news.keys);
        throw error;
      }
      // What WeCom refused is read and decided again now: nobody knows when the next wake comes.
      if (!more && conversation.session.toRead && looks < SECOND_LOOKS) {
        looks += 1;
        more = true;
      }
    }
    if (attention === 'adopting' && waitsForService(conversation)) {
      await room.armTimer(conversationId, clock() + LOOK_AGAIN);
    }
    if (pass.houseFailure !== undefined) throw pass.houseFailure;
    if (pass.busFailure !== undefined) throw pass.busFailure;
  };

  /** The account's rules, with the terms of the team that the conversation is with. */
  async function rulesOf(conversation: Conversation): Promise<HouseRules> {
    const rules = await room.rulesFor(conversation.openKfId);
    const teamId = teamWith(conversation);
    // Who comes in by an entry while this runs has another team's rules, and is still with this one.
    const stays = rules.entranceOf === undefined && teamId === rules.team?.teamId;
    if (teamId === undefined || stays) return rules;
    const otherTeam = await room.teamRules(teamId);
    return otherTeam ? { ...rules, otherTeam } : rules;
  }

  /** Whoever wants to be forgotten does not wait until WeCom wakes up: nothing that is pending is said to him any more. */
  async function eraseFirst(
    conversation: Conversation,
    stored: readonly StoredEntry[],
    pass: Pass,
  ): Promise<Conversation> {
    const isKnown = ({ entry }: StoredEntry): boolean => conversation.folded.includes(entry);
    const settled = (entries: readonly StoredEntry[]) =>
      store.inbox.settle(
        conversation.conversationId,
        entries.map(({ entry }) => entry),
        clock(),
      );
    const known = stored.filter(isKnown);
    const wishes = stored.filter((one) => one.body.kind === 'erased' && !isKnown(one));
    let next = conversation;
    // They came again after they had left, or a process died before it had settled them: unread they would stay.
    if (known.length > 0 && conversation.erasedAt !== undefined) {
      await settled(known);
      next = await save(withHistoryErased(next, clock()), pass);
    }
    if (wishes.length === 0) return next;
    const entries = wishes.map(({ body }) => Entry.parse(body));
    const erased = foldAll(next, entries, clock(), pass.rules);
    const saved = await save({ ...erased, folded: [...next.folded, ...wishes.map(({ entry }) => entry)] }, pass);
    await settled(wishes);
    return saved;
  }

  /** Tells what an earlier round or invocation left, in the light of what has come in since. */
  async function tellWhatIsLeft(
    conversation: Conversation,
    stored: readonly StoredEntry[],
    pass: Pass,
  ): Promise<Conversation> {
    const kinds = stored.filter(({ entry }) => !conversation.folded.includes(entry)).map(({ body }) => body.kind);
    const changesAnswer = kinds.some((kind) => kind === 'message' || kind === 'recalled');
    const somebodySpoke = kinds.some((kind) => kind === 'message' || kind === 'answer');
    return tellAndSettle(changesAnswer ? withdrawUntouched(conversation) : conversation, somebodySpoke, pass);
  }

  /** One round: the fold, the decision, what it wants told. Undefined when WeCom has to wake up first. */
  async function handleNews(
    current: Conversation,
    news: News,
    moreToFold: boolean,
    pass: Pass,
  ): Promise<Conversation | undefined> {
    const now = clock();
    const folded: Conversation =
      news.keys.length === 0 ? current : { ...foldAll(current, news.entries, now, pass.rules), folded: news.keys };
    // Whoever else serves the account moves sessions without our hearing of it.
    const toDecide = pass.attention === 'observes' && news.keys.length > 0 ? toBeRead(folded) : folded;
    let decided: Conversation = folded;
    if (!moreToFold) {
      const reading = needsReading(toDecide, now) ? await readFromWeCom(toDecide) : undefined;
      if (reading === 'asleep') return undefined;
      decided = decide(toDecide, now, pass.rules, reading);
    }
    if (isDeepStrictEqual(decided, current) && !needsTimer(current, silenceFor(current, pass), now)) return current;

    const saved = await save(decided, pass);
    await store.inbox.settle(saved.conversationId, news.keys, clock());
    return tellAndSettle(saved, false, pass);
  }

  async function readNews(
    { conversationId, folded }: Conversation,
    page: InboxPage,
    oneByOne: boolean,
    first: boolean,
  ): Promise<News> {
    const stored = await newEntries(store.inbox, conversationId, folded, page, { first, at: clock() });
    const news: News = { entries: [], keys: [] };
    for (const { entry, body } of stored) {
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
    count('EntrySetAside', { queue: 'conversations' }, 1, [['queue'], []]);
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
        : { state: session.state === 'bot' || session.state === 'pool' ? session.state : 'new' };
    }
  }

  /** Tells what is pending, takes the outcomes in, and goes on with what follows from them, until nothing is left to tell. */
  async function tellAndSettle(start: Conversation, somebodySpoke: boolean, pass: Pass): Promise<Conversation> {
    let conversation = start;
    for (;;) {
      // One at a time while something here fails, so that its tries are its own.
      const upTo = pass.oneByOne ? 1 : Number.POSITIVE_INFINITY;
      const resting = (conversation.parkedUntil ?? 0) > clock();
      const weComLane = (of: Conversation) => (resting ? [] : of.pending.filter(isForWeCom).slice(0, upTo));
      const houseLane = (of: Conversation) => notResting(of.pending.filter(isForHouse), pass).slice(0, upTo);
      const lanes = [...weComLane(conversation), ...houseLane(conversation)];
      if (lanes.length === 0) return conversation;
      if (lanes.some((effect) => effect.untouched || (pass.oneByOne && pass.stale.has(effect.id)))) {
        conversation = await noteAttempt(conversation, lanes, pass);
      }
      // The two lanes do not wait for each other (rule 8): what one of them achieved counts, whatever the other does.
      const [toWeCom, toHouse] = await Promise.allSettled([
        tellLane(conversation, weComLane(conversation), somebodySpoke, pass),
        tellHouse(
          conversation,
          houseLane(conversation),
          pass.attention === 'serves' ? room : quietRoom,
          setEffectAside,
        ),
      ]);
      const outcomes = new Map<string, Outcome>();
      if (toWeCom.status === 'fulfilled') for (const [id, outcome] of toWeCom.value) outcomes.set(id, outcome);
      if (toHouse.status === 'fulfilled') for (const [id, outcome] of toHouse.value.outcomes) outcomes.set(id, outcome);
      for (const [id, outcome] of outcomes) {
        if (outcome.is !== 'parked') continue;
        pass.waited.add(id);
        if (!outcome.untouched) pass.stale.add(id);
      }
      if (outcomes.size > 0) conversation = await save(settle(conversation, outcomes, clock(), pass.rules), pass);
      const { parkedSince } = conversation;
      if (parkedSince !== undefined) duration('OldestPendingEffect', {}, clock() - parkedSince);
      if (toHouse.status === 'rejected') throw toHouse.reason;
      // The customer need not wait until our house is in order again; the wake comes back for what it left (rule 8).
      const { houseFailure, busFailure } = toHouse.value;
      pass.houseFailure ??= houseFailure;
      pass.busFailure ??= busFailure;
      const failures = [houseFailure, busFailure, toWeCom.status === 'rejected' ? toWeCom.reason : undefined];
      if (pass.oneByOne && failures.some(isInfrastructureError)) conversation = await forgetTries(conversation, pass);
      if (toWeCom.status === 'rejected') throw toWeCom.reason;
      if (outcomes.size === 0 && failures.every((failure) => failure === undefined)) return conversation;
    }
  }

  /**
   * A parked effect loses its mark before it is tried again, because this process may die while it tries; and one that keeps
   * failing has its tries counted in the state.
   */
  async function noteAttempt(conversation: Conversation, lane: readonly Effect[], pass: Pass): Promise<Conversation> {
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
  async function forgetTries(conversation: Conversation, pass: Pass): Promise<Conversation> {
    const pending = conversation.pending.map(({ tries: _, ...effect }) => effect);
    return save({ ...conversation, pending }, pass);
  }

  async function tellLane(
    conversation: Conversation,
    lane: readonly WeComEffect[],
    somebodySpoke: boolean,
    pass: Pass,
  ): Promise<Map<string, Outcome>> {
    const { app, conversationId } = conversation;
    const silent = lane.filter((effect) => !isTold(effect, pass.attention));
    if (silent.length > 0) return observe(conversationId, silent);
    const [first] = lane;
    if (!first || app === undefined) return new Map();
    if ((first.tries ?? 0) > TRIES) return new Map([[first.id, await setEffectAside(conversationId, first)]]);
    return tellWeCom(
      conversation,
      lane,
      {
        kf: room.kfFor(app),
        clock,
        deadline: pass.deadline,
        random: room.random,
        duplicateCodes: room.duplicateCodes,
        noteSent: (sent) => store.noteSent(conversationId, sent),
        media: room.mediaFor(app),
      },
      ({ id }) => ({ first: !pass.stale.has(id), waited: pass.waited.has(id), somebodySpoke }),
    );
  }

  /** Nothing is told; what would have been said stands in the history as observed. */
  async function observe(conversationId: string, lane: readonly WeComEffect[]): Promise<Map<string, Outcome>> {
    const at = clock();
    for (const effect of lane) {
      log.info('effect observed', { conversationId, effectId: effect.id, kind: effect.kind });
      if (effect.kind === 'move') continue;
      const { id, purpose, content } = effect;
      await store.noteSent(conversationId, { id, at, purpose, content, outcome: 'observed' });
    }
    return new Map(lane.map(({ id }) => [id, { is: 'observed' }]));
  }

  async function setEffectAside(conversationId: string, { id, kind }: Effect): Promise<Outcome> {
    const reason = `${kind} failed repeatedly`;
    await room.setAside({ conversationId, entry: `effect#${id}`, reason });
    count('EffectSetAside', { kind }, 1, [['kind'], []]);
    log.error('effect set aside', { conversationId, effectId: id, kind });
    return { is: 'set-aside', reason };
  }

  /** Saves on top of what was read, with the timer that the new state needs. */
  async function save(changed: Conversation, pass: Pass): Promise<Conversation> {
    const now = clock();
    const conversation = tidyCards(changed, now);
    const silence = silenceFor(conversation, pass);
    const due = needsTimer(conversation, silence, now);
    const timed = due
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

/** Another process saved this conversation first; what it left to tell is told by the redelivery. */
class SavedByAnother extends InfrastructureError {
  constructor(conversationId: string) {
    super(`Conversation ${conversationId} was saved by another process in the meantime.`);
  }
}
