import { type Clock, type Instant, MINUTE } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { errorFields, log } from '../platform/log.ts';
import { codeAsPng } from '../wecom/code-drawing.ts';
import { dataUrl } from '../wecom/code-image.ts';
import { linkAddress, wayChannel } from '../wecom/way-state.ts';
import { type AskingHeaders, askerOf, type Language, languageOf } from './asker.ts';
import { ALWAYS, type ContactPage, contactPage, safeImage, safeLink } from './contact-page.ts';
import { eligible } from './eligibility.ts';
import type { LinkStore, Taken } from './link-store.ts';
import type { OpeningView } from './opening-view.ts';
import { NO_TURNS } from './turns.ts';
import { readVisit, type Visit, visitCookie } from './visitor.ts';
import { wayAddress } from './way-address.ts';

export interface OpenWayRoom {
  readonly stage: string;
  readonly now: Clock;
  /** The company's own address of `link` ways, if it has one. */
  readonly contactAddress?: string | undefined;
  /** Signs what visitors' browsers remember. */
  readonly cookieKey: string;
  /** Undefined for unknown, removed, and all ways that are not of mode `link`. */
  readonly find: (wayId: string) => Promise<OpeningView | undefined>;
  /** A stored picture by its name; undefined when there is none. */
  readonly image: (name: string) => Promise<string | undefined>;
  readonly turns: Pick<LinkStore, 'take' | 'takeInstead'>;
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

type Request = AskingHeaders & Pick<HttpRequest, 'domain' | 'params'>;

interface Opened {
  readonly outcome: Opening;
  readonly answer: HttpAnswer;
}

async function open(room: OpenWayRoom, request: Request, language: Language): Promise<Opened> {
  const show = (outcome: Opening, shown: ContactPage): Opened => ({ outcome, answer: page(shown, language) });
  const wayId = request.params.wayId ?? '';
  const view = WAY_ID.test(wayId) ? await room.find(wayId) : undefined;
  if (!view) return show('unknown', { shows: 'unknown' });
  const asker = askerOf(request);
  if (asker === 'program') return show('program', { shows: 'preview' });
  if (asker === 'other-browser') {
    return show('outside-wechat', {
      shows: 'open-in-wechat',
      image: codeOf(wayAddress(wayId, room.contactAddress, request.domain)),
    });
  }
  const nobody = (): Opened => show('nobody', { shows: 'nobody', ...(view.kfLink && { kfLink: view.kfLink }) });
  if (view.way.paused) return nobody();
  if (view.way.emergency) {
    const native = await picture(room, view.nativeImage);
    if (native !== undefined) return show('emergency', { shows: 'code', image: native });
  }

  const at = room.now();
  const before = readVisit(room.cookieKey, wayId, request.headers.cookie, at);
  if (before && mayComeBack(view, before.agentId, at)) {
    const address = await addressOf(room, view, before.agentId);
    if (address) return { outcome: 'same-member', answer: leadTo(address, channelOf(room, wayId, before), language) };
  }
  const given = await giveTurn(room, view, at);
  if (given === 'failed') {
    const native = await picture(room, view.nativeImage);
    return show('failed', native === undefined ? { shows: 'failed' } : { shows: 'code', image: native });
  }
  if (given === 'nobody') return nobody();
  const visit: Visit = { turn: given.turn, agentId: given.agentId, until: at + view.way.revisitMinutes * MINUTE };
  const answer = leadTo(given.address, channelOf(room, wayId, visit), language);
  const cookie = visitCookie(room.cookieKey, wayId, visit, at);
  const outcome = given.address.by === 'link' ? 'redirect' : 'code';
  return { outcome, answer: { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } } };
}

const WAY_ID = /^[a-z0-9][a-z0-9-]{0,15}$/;

/** Members in a row of whom nothing can be shown yet. */
const MOST_UNSHOWABLE = 10;

/** How a customer is led to a member. */
interface Address {
  readonly by: 'link' | 'image';
  readonly address: string;
}

type Given = Exclude<Taken, 'nobody'> & { readonly address: Address };

/**
 * A turn of a member who can be shown. When the counter does not answer, it is asked once more: the first call may have given a turn to nobody,
 * which is better than a customer who is turned away.
 */
async function giveTurn(room: OpenWayRoom, view: OpeningView, at: Instant): Promise<Given | 'nobody' | 'failed'> {
  const { wayId } = view;
  try {
    let taken = await room.turns.take(wayId, view, at).catch((error: unknown) => {
      log.warn('a turn was counted or not, nobody knows; another is taken', { wayId, ...errorFields(error) });
      return room.turns.take(wayId, view, at);
    });
    for (let passed = 0; taken !== 'nobody' && passed <= MOST_UNSHOWABLE; passed += 1) {
      const address = await addressOf(room, view, taken.agentId);
      if (address) return { ...taken, address };
      log.warn('a member has no code yet; the turn goes on', { wayId, agentId: taken.agentId });
      taken = await room.turns.takeInstead(wayId, taken.turn, view, at);
    }
    return 'nobody';
  } catch (error) {
    log.error('no turn could be given', { wayId, ...errorFields(error) });
    return 'failed';
  }
}

/** Whether a visitor's member is still there for him. Caps do not count here: his turn was counted when it was given. */
function mayComeBack(view: OpeningView, agentId: string, at: Instant): boolean {
  const { able, passedOver } = eligible({ ...view, at, turns: NO_TURNS });
  if (able.some((one) => one.agentId === agentId)) return true;
  const because = passedOver.find((one) => one.agentId === agentId)?.because;
  return because !== undefined && !AWAY.has(because);
}

const AWAY: ReadonlySet<string> = new Set(['off-duty', 'set-aside', 'off-shift', 'way-paused']);

/** Undefined when the member cannot be shown: he has no link, and no picture that is there. */
async function addressOf(room: OpenWayRoom, { members }: OpeningView, agentId: string): Promise<Address | undefined> {
  const contact = Object.hasOwn(members, agentId) ? members[agentId] : undefined;
  const link = safeLink(contact?.link);
  if (link !== undefined) return { by: 'link', address: link };
  const image = await picture(room, contact?.image);
  return image === undefined ? undefined : { by: 'image', address: image };
}

async function picture(room: OpenWayRoom, name: string | undefined): Promise<string | undefined> {
  return name === undefined ? undefined : safeImage(await room.image(name));
}

/** The answer that leads to a member: by his link, with the turn in its channel, so that the add tells which turn it came of. */
function leadTo({ by, address }: Address, channel: string, language: Language): HttpAnswer {
  if (by === 'image') return page({ shows: 'code', image: address }, language);
  return { status: 302, headers: { ...ALWAYS, location: linkAddress(address, channel).web } };
}

const channelOf = (room: OpenWayRoom, wayId: string, { turn }: Visit): string =>
  wayChannel(room.stage, wayId, turnPart(turn));

/** How a turn is named in the channel of a link. */
export const turnPart = (turn: number): string => `t${turn}`;

/** A code of an address, to be scanned from another screen. */
const codeOf = (address: string): string => dataUrl({ type: 'image/png', bytes: codeAsPng(address, ON_SCREEN) });

/** Pixels; the page shows it at about half as many of its own. */
const ON_SCREEN = 500;

function page(shown: ContactPage, language: Language): HttpAnswer {
  return contactPage(shown, language);
}
