import { type ContactQuota, contactQuota } from './contact-quota.ts';
import type { Fields } from './fields.ts';

export interface Listed {
  /** As the corp spells them. */
  readonly users: readonly string[];
  readonly parties: readonly number[];
}

/** A 「联系我」 code or button. WeCom: externalcontact/add_contact_way. */
export interface ContactWay extends Listed {
  readonly configId: string;
  /** The only app that can see it. */
  readonly app: string;
  readonly createdAt: number;
  readonly type: 1 | 2;
  readonly scene: 1 | 2;
  readonly qrCode: string | undefined;
  style: number | undefined;
  remark: string;
  skipVerify: boolean;
  state: string;
  users: readonly string[];
  parties: readonly number[];
  readonly temporary: boolean;
  /** Seconds; for temporary ways only. */
  expiresIn: number | undefined;
  chatExpiresIn: number | undefined;
  unionid: string | undefined;
  exclusive: boolean;
  markSource: boolean;
  conclusions: Fields | undefined;
  /** The list that scans still see (switch `wayUpdateLagMs`). */
  before: { list: Listed; until: number } | undefined;
  /** Friendships that began here, by lower-cased userid. */
  readonly adds: Map<string, number>;
}

/** Whether a temporary way's time is over. */
export function isExpired(way: ContactWay, now: number): boolean {
  return way.expiresIn !== undefined && now > way.createdAt + way.expiresIn * 1000;
}

/** A link of the customer acquisition assistant. WeCom: customer_acquisition/create_link. */
export interface AcquisitionLink extends Listed {
  readonly linkId: string;
  readonly app: string;
  readonly createdAt: number;
  readonly url: string;
  name: string;
  skipVerify: boolean;
  users: readonly string[];
  parties: readonly number[];
  priority: Fields | undefined;
  markSource: boolean;
  broken: boolean;
  readonly adds: Map<string, number>;
}

/** `requested` waits for the member's approval; `half` may chat, while most API calls answer 84061; `over` is history. */
export type Stage = 'requested' | 'half' | 'full' | 'over';

/** One customer and one member. Only a `full` one is a friendship on both sides. */
export interface Relation {
  readonly customer: string;
  readonly member: string;
  stage: Stage;
  createdAt: number;
  /** What `externalcontact/get` says. */
  state: string;
  /** What the event says. */
  eventState: string;
  addWay: number;
  operUserid: string;
  /** The way or link that the customer came by. */
  configId: string | undefined;
  linkId: string | undefined;
  remark: string;
  description: string;
  remarkCompany: string;
  mobiles: readonly string[];
  readonly tags: Set<string>;
  /** The customer deleted the member; on the member's side nothing changed. */
  customerLeft: boolean;
  /** Agreed to the chat archive. */
  agreed: boolean;
  welcomed: boolean;
  messages: number;
}

export interface WelcomeCode {
  readonly relation: Relation;
  readonly at: number;
  used: { app: string; at: number } | undefined;
}

/** A welcome message as the customer's phone shows it. */
export interface Welcome {
  readonly at: number;
  readonly customer: string;
  readonly member: string;
  readonly app: string;
  readonly text: string | undefined;
  readonly attachments: readonly Fields[];
}

export interface Tag {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  readonly createdAt: number;
}

export interface TagGroup {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  readonly createdAt: number;
  readonly tags: Tag[];
}

/** All that WeCom knows about 客户联系. */
export interface ContactBook {
  readonly ways: Map<string, ContactWay>;
  readonly links: Map<string, AcquisitionLink>;
  /** By {@link relationKey}; one that is over stays, and is replaced when the customer comes back. */
  readonly relations: Map<string, Relation>;
  /** Everybody who ever added a member. */
  readonly customers: Set<string>;
  /** Customers who are WeCom users themselves, with their company. */
  readonly employers: Map<string, string>;
  readonly welcomeCodes: Map<string, WelcomeCode>;
  readonly welcomes: Welcome[];
  readonly tagGroups: Map<string, TagGroup>;
  /** Addresses that media/uploadimg gave. */
  readonly images: Set<string>;
  readonly calls: ContactQuota;
  /** Adds through acquisition links that are paid for. */
  readonly quota: { used: number; balance: number; expiresAt: number };
}

export function newContactBook(): ContactBook {
  return {
    ways: new Map(),
    links: new Map(),
    relations: new Map(),
    customers: new Set(),
    employers: new Map(),
    welcomeCodes: new Map(),
    welcomes: [],
    tagGroups: new Map(),
    images: new Set(),
    calls: contactQuota(),
    quota: { used: 0, balance: 1000, expiresAt: Number.POSITIVE_INFINITY },
  };
}

export function relationKey(member: string, customer: string): string {
  return `${member.toLowerCase()} ${customer}`;
}
