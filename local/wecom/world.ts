import { type AppCards, appCards } from './app-cards.ts';
import { type AppMessages, appMessages } from './app-messages.ts';
import type { Postman } from './callbacks.ts';
import { type ContactBook, newContactBook } from './contact-book.ts';
import { type Account, type Corp, memberOf } from './corp.ts';
import type { FaultBoard } from './faults.ts';
import type { Fields } from './fields.ts';
import { type Logins, logins } from './logins.ts';
import type { MediaShelf } from './media.ts';
import { type AccountNews, accountNews } from './pages.ts';
import type { PullQuota } from './pull-quota.ts';
import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import type { ReplyCodes } from './reply-codes.ts';
import { newSession, type Session, settle } from './sessions.ts';
import type { Switches } from './switches.ts';
import type { AccessTokens } from './tokens.ts';

/** A message as the customer's phone shows it. */
export interface Message {
  msgid: string;
  at: number;
  from: 'api' | 'servicer';
  msgtype: string;
  body: Fields;
  text?: string;
  servicer?: string;
  recalled?: true;
}

export interface TranscriptLine {
  at: number;
  from: 'customer' | 'api' | 'servicer' | 'system';
  msgtype: string;
  text?: string;
  /** Empty for what only happened. */
  msgid: string;
  servicer?: string;
}

/** One customer on one account, with everything that WeCom and the phone know. */
export interface Conversation {
  readonly openKfId: string;
  readonly customer: string;
  readonly session: Session;
  readonly received: Message[];
  readonly transcript: TranscriptLine[];
  /** The customer wants no more messages (fail_type 10). */
  customerRejects: boolean;
  /** The servicer who set "no more messages" for this customer. */
  rejectedBy: string | undefined;
  entered: Fields | undefined;
}

export interface Profile {
  nickname: string;
  avatar: string;
  gender: 0 | 1 | 2;
  unionid?: string;
}

interface PullToken {
  openKfId: string;
  at: number;
}

/** All that is true inside the simulator. */
export interface World {
  readonly now: () => number;
  /** The base of everything that WeCom itself hosts, such as the image of a code. */
  readonly address: () => string;
  readonly random: Random;
  readonly corp: Corp;
  readonly switches: Switches;
  readonly faults: FaultBoard;
  readonly tokens: AccessTokens;
  readonly codes: ReplyCodes;
  readonly media: MediaShelf;
  readonly quota: PullQuota;
  readonly postman: Postman;
  readonly conversations: Map<string, Conversation>;
  readonly profiles: Map<string, Profile>;
  readonly news: Map<string, AccountNews>;
  readonly pullTokens: Map<string, PullToken>;
  /** Accepted msgids, by account. */
  readonly msgids: Map<string, Set<string>>;
  /** Accounts whose next callback is already on its way (switch `coalesceCallbacksMs`). */
  readonly aboutToCall: Set<string>;
  /** Contact ways, friendships, and what belongs to them. */
  readonly contacts: ContactBook;
  /** What apps sent to members. */
  readonly appMessages: AppMessages;
  readonly appCards: AppCards;
  readonly logins: Logins;
  /** Calls back for every line of every transcript. */
  onHappening(heard: Heard): void;
  readonly heard: Heard[];
}

type Heard = (conversation: Conversation, line: TranscriptLine) => void;

export type Insides = Omit<
  World,
  | 'conversations'
  | 'profiles'
  | 'news'
  | 'pullTokens'
  | 'msgids'
  | 'aboutToCall'
  | 'contacts'
  | 'appMessages'
  | 'appCards'
  | 'logins'
  | 'heard'
  | 'onHappening'
>;

export function newWorld(insides: Insides): World {
  const heard: Heard[] = [];
  return {
    ...insides,
    conversations: new Map(),
    profiles: new Map(),
    news: new Map(),
    pullTokens: new Map(),
    msgids: new Map(),
    aboutToCall: new Set(),
    contacts: newContactBook(),
    appMessages: appMessages(),
    appCards: appCards(insides.random),
    logins: logins(insides.corp, insides.random),
    heard,
    onHappening: (hears) => void heard.push(hears),
  };
}

/** What a person tries on a phone or in a client, and WeCom's own screens would not let happen. */
export class NotPossible extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'NotPossible';
  }
}

export function existingAccount(world: World, openKfId: string): Account {
  const account = world.corp.accounts.get(openKfId);
  if (account === undefined) throw new NotPossible(`no account ${openKfId}`);
  return account;
}

export function conversationOf(world: World, openKfId: string, customer: string): Conversation {
  const key = `${openKfId} ${customer}`;
  const known = world.conversations.get(key);
  if (known !== undefined) {
    settle(known.session, world.now());
    return known;
  }
  const opened: Conversation = {
    openKfId,
    customer,
    session: newSession(),
    received: [],
    transcript: [],
    customerRejects: false,
    rejectedBy: undefined,
    entered: undefined,
  };
  world.conversations.set(key, opened);
  return opened;
}

/** Whether this customer ever entered or wrote to an account of the corp. */
export function isKnownCustomer(world: World, customer: string): boolean {
  if (world.contacts.customers.has(customer)) return true;
  return [...world.conversations.values()].some((one) => one.customer === customer && wasThere(one));
}

function wasThere({ session }: Conversation): boolean {
  return session.lastWroteAt !== undefined || session.lastEnteredAt !== undefined;
}

export function newsOf(world: World, openKfId: string): AccountNews {
  const known = world.news.get(openKfId);
  if (known !== undefined) return known;
  const created = accountNews(world.random, () => world.switches.badCursorCode);
  world.news.set(openKfId, created);
  return created;
}

export function record(world: World, conversation: Conversation, line: Omit<TranscriptLine, 'at'>): void {
  const happened = { at: world.now(), ...line };
  conversation.transcript.push(happened);
  for (const hears of world.heard) hears(conversation, happened);
}

export function recordHappening(world: World, conversation: Conversation, text: string): void {
  record(world, conversation, { from: 'system', msgtype: 'event', text, msgid: '' });
}

/** The account a call names, for an app that may manage it. @throws Refusal 95000, 95004, 48007 */
export function managedAccount(world: World, appName: string, openKfId: string): Account {
  if (!/^(wk|kf)[0-9A-Za-z_-]+$/.test(openKfId) || openKfId.length > 64) throw new Refusal(95000);
  const account = world.corp.accounts.get(openKfId);
  if (account === undefined) throw new Refusal(95004);
  if (!account.managedBy.has(appName)) throw new Refusal(48007);
  return account;
}

/** The userid as the corp spells it. */
export function spelled(world: World, userid: string): string {
  return memberOf(world.corp, userid)?.userid ?? userid;
}
