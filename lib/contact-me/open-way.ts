import type { Clock, Instant } from '../platform/clock.ts';
import { MINUTE } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { errorFields, log } from '../platform/log.ts';
import { linkAddress, wayChannel } from '../wecom/way-state.ts';
import { type AskingHeaders, askerOf, type Language, languageOf } from './asker.ts';
import { ALWAYS, type ContactPage, contactPage, safeImage, safeLink } from './contact-page.ts';
import { eligible } from './eligibility.ts';
import type { LinkFacts } from './link-epoch.ts';
import type { LinkStore, Taken } from './link-store.ts';
import { NO_TURNS } from './turns.ts';
import { readVisit, type Visit, visitCookie } from './visitor.ts';

/** What an opening reads: the way, who is where, and what can be shown of each member. Never a way that was deleted. */
export interface OpenedWay {
  readonly facts: LinkFacts;
  /** By member; whoever has neither cannot be shown. */
  readonly members: Readonly<Record<string, MemberContact>>;
  /** WeCom's own code for the whole way: for the emergency switch, and when our turns cannot be had. */
  readonly nativeImage?: string;
  /** Where the way's kf account is written to. */
  readonly kfLink?: string;
}

/** `image`: the member's own code, as `data:` or `https:` address. `link`: a customer-acquisition link, which goes first. */
export interface MemberContact {
  readonly image?: string;
  readonly link?: string;
}

export interface OpenWayRoom {
  readonly stage: string;
  readonly now: Clock;
  /** Signs what visitors' browsers remember. */
  readonly cookieKey: string;
  /** Undefined for unknown, deleted, and all ways that are not of mode `link`. */
  readonly find: (wayId: string) => Promise<OpenedWay | undefined>;
  readonly turns: Pick<LinkStore, 'take' | 'takeInstead'>;
  /** A code of this way's own address, to be scanned from another screen. */
  readonly addressImage?: (wayId: string) => string | undefined;
  readonly report: (outcome: Opening) => void;
}

/** How an opening went; `code` and `redirect` took a turn, and nothing else did. */
export type Opening =
  | 'code'
  | 'redirect'
  | 'same-member'
  | 'nobody'
  | 'unknown'
  | 'outside-wechat'
  | 'program'
  | 'emergency'
  | 'failed';

/**
 * `GET /contact/{wayId}`: gives the customer who opened a `link` way the member whose turn it is. Programs and browsers outside WeChat take no turn,
 * nor does a visitor who comes again within the way's `revisitMinutes`: he is led to the same member while that one is there.
 */
export function openWay(room: OpenWayRoom): (request: Request) => Promise<HttpAnswer> {
  return async (request) => {
    const language = languageOf(request.headers['accept-language']);
    try {
      const { outcome, answer } = await open(room, request, language);
      room.report(outcome);
      return answer;
    } catch (error) {
      log.error('opening failed', errorFields(error));
      room.report('failed');
      return page({ shows: 'failed' }, language);
    }
  };
}

type Request = AskingHeaders & Pick<HttpRequest, 'params'>;

interface Opened {
  readonly outcome: Opening;
  readonly answer: HttpAnswer;
}

async function open(room: OpenWayRoom, request: Request, language: Language): Promise<Opened> {
  const show = (outcome: Opening, shown: ContactPage): Opened => ({ outcome, answer: page(shown, language) });
  const wayId = request.params.wayId ?? '';
  const way = WAY_ID.test(wayId) ? await room.find(wayId) : undefined;
  if (!way) return show('unknown', { shows: 'unknown' });
  const asker = askerOf(request);
  if (asker === 'program') return show('program', { shows: 'preview' });
  if (asker === 'other-browser') {
    const image = room.addressImage?.(wayId);
    return show('outside-wechat', { shows: 'open-in-wechat', ...(image !== undefined && { image }) });
  }
  const native = safeImage(way.nativeImage);
  if (way.facts.way.emergency && native !== undefined) return show('emergency', { shows: 'code', image: native });

  const at = room.now();
  const before = readVisit(room.cookieKey, wayId, request.headers.cookie, at);
  if (before && mayComeBack(way.facts, before.agentId, at)) {
    const answer = leadTo(room, way, before, language);
    if (answer) return { outcome: 'same-member', answer };
  }
  const given = await giveTurn(room, way, at);
  if (given === 'failed') {
    return native === undefined
      ? show('failed', { shows: 'failed' })
      : show('failed', { shows: 'code', image: native });
  }
  if (given === 'nobody') return show('nobody', { shows: 'nobody', ...(way.kfLink && { kfLink: way.kfLink }) });
  const visit: Visit = { ...given, until: at + way.facts.way.revisitMinutes * MINUTE };
  const answer = leadTo(room, way, visit, language);
  if (!answer) return show('nobody', { shows: 'nobody', ...(way.kfLink && { kfLink: way.kfLink }) });
  const cookie = visitCookie(room.cookieKey, wayId, visit, at);
  const outcome = answer.status === 302 ? 'redirect' : 'code';
  return { outcome, answer: { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } } };
}

const WAY_ID = /^[a-z0-9][a-z0-9-]{0,15}$/;

/** Members in a row of whom nothing can be shown yet. */
const MOST_UNSHOWABLE = 10;

/**
 * A turn of a member who can be shown. When the counter does not answer, it is asked once more: the first call may have given a turn to nobody,
 * which is better than a customer who is turned away.
 */
async function giveTurn(room: OpenWayRoom, way: OpenedWay, at: Instant): Promise<Taken | 'failed'> {
  const { facts } = way;
  const { wayId } = facts.way;
  try {
    let given = await room.turns.take(wayId, facts, at).catch((error: unknown) => {
      log.warn('a turn was counted or not, nobody knows; another is taken', {
        kind: 'contact-way',
        ...errorFields(error),
      });
      return room.turns.take(wayId, facts, at);
    });
    for (let passed = 0; given !== 'nobody' && !addressOf(way, given.agentId); passed += 1) {
      if (passed === MOST_UNSHOWABLE) return 'nobody';
      log.warn('a member has no code yet; the turn goes on', { kind: 'contact-way', agentId: given.agentId });
      given = await room.turns.takeInstead(wayId, given.turn, facts, at);
    }
    return given;
  } catch (error) {
    log.error('no turn could be given', { kind: 'contact-way', ...errorFields(error) });
    return 'failed';
  }
}

/** Whether a visitor's member is still there for him. Caps do not count here: his turn was counted when it was given. */
function mayComeBack(facts: LinkFacts, agentId: string, at: Instant): boolean {
  const { able, passedOver } = eligible({ ...facts, at, turns: NO_TURNS });
  if (able.some((one) => one.agentId === agentId)) return true;
  const because = passedOver.find((one) => one.agentId === agentId)?.because;
  return because !== undefined && !AWAY.has(because);
}

const AWAY: ReadonlySet<string> = new Set(['off-duty', 'set-aside', 'off-shift', 'way-paused']);

interface Address {
  readonly by: 'link' | 'image';
  readonly address: string;
}

function addressOf({ members }: OpenedWay, agentId: string): Address | undefined {
  const contact = Object.hasOwn(members, agentId) ? members[agentId] : undefined;
  const link = safeLink(contact?.link);
  if (link !== undefined) return { by: 'link', address: link };
  const image = safeImage(contact?.image);
  return image === undefined ? undefined : { by: 'image', address: image };
}

/** The answer that leads to this member: by his link, with the turn in its channel, so that the add tells which turn it came of. */
function leadTo(
  room: OpenWayRoom,
  way: OpenedWay,
  { agentId, turn }: Visit,
  language: Language,
): HttpAnswer | undefined {
  const found = addressOf(way, agentId);
  if (!found) return undefined;
  if (found.by === 'image') return page({ shows: 'code', image: found.address }, language);
  const { web } = linkAddress(found.address, wayChannel(room.stage, way.facts.way.wayId, turnPart(turn)));
  return { status: 302, headers: { ...ALWAYS, location: web } };
}

/** How a turn is named in the channel of a link. */
export const turnPart = (turn: number): string => `t${turn}`;

function page(shown: ContactPage, language: Language): HttpAnswer {
  return contactPage(shown, language);
}
