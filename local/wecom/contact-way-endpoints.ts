import { type ContactWay, isExpired, type Listed } from './contact-book.ts';
import { checkedList, partyList, userList } from './contact-lists.ts';
import { pageOf } from './contact-paging.ts';
import { readWords, unsaid, type WayWords } from './contact-way-fields.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid, optionalBoolean, optionalNumber, optionalText } from './fields.ts';
import { Refusal } from './refusal.ts';
import { HOUR } from './sessions.ts';
import type { World } from './world.ts';

const MAX_MEMBERS = 100;
const WEEK_SECONDS = 7 * 24 * 3600;
const DAY_SECONDS = 24 * 3600;
const NINETY_DAYS = 90 * 24 * HOUR;

export const contactWayEndpoints: Endpoints = {
  '/cgi-bin/externalcontact/add_contact_way': { method: 'POST', kf: false, contacts: true, answer: addWay },
  '/cgi-bin/externalcontact/get_contact_way': { method: 'POST', kf: false, contacts: true, answer: getWay },
  '/cgi-bin/externalcontact/list_contact_way': { method: 'POST', kf: false, contacts: true, answer: listWays },
  '/cgi-bin/externalcontact/update_contact_way': { method: 'POST', kf: false, contacts: true, answer: updateWay },
  '/cgi-bin/externalcontact/del_contact_way': { method: 'POST', kf: false, contacts: true, answer: deleteWay },
};

/** WeCom: externalcontact/add_contact_way. */
function addWay(world: World, { app, body }: Call): Fields {
  const type = oneOrTwo(body.type, 41037, 41039);
  const scene = oneOrTwo(body.scene, 41038, 41040);
  const temporary = optionalBoolean(body, 'is_temp') ?? false;
  const words = readWords(world, body, temporary);
  const wanted = { users: userList(body, 'user') ?? [], parties: partyList(body, 'party') ?? [] };
  assertFits(world, type, temporary, wanted);
  const list = checkedList(world, app, wanted, MAX_MEMBERS);
  const permanent = [...world.contacts.ways.values()].filter((one) => !one.temporary);
  if (!temporary && permanent.length >= world.switches.contactWaysPerCorp) throw new Refusal(41045);

  const configId = world.random.text(32).toLowerCase();
  const way: ContactWay = {
    configId,
    app: app.name,
    createdAt: world.now(),
    type,
    scene,
    qrCode: scene === 2 ? `${world.address()}/wwhead/${world.random.text(24)}/0` : undefined,
    temporary,
    ...list,
    ...wayWords(words, unsaid),
    style: scene === 1 ? words.style : undefined,
    expiresIn: temporary ? (words.expiresIn ?? WEEK_SECONDS) : undefined,
    chatExpiresIn: temporary ? (words.chatExpiresIn ?? DAY_SECONDS) : undefined,
    before: undefined,
    adds: new Map(),
  };
  world.contacts.ways.set(configId, way);
  return { config_id: configId, ...(way.qrCode !== undefined && { qr_code: way.qrCode }) };
}

function getWay(world: World, call: Call): Fields {
  return { contact_way: cardOf(ownWay(world, call)) };
}

/** WeCom: list_contact_way. Only the app's own, and no temporary ones. */
function listWays(world: World, { app, body }: Call): Fields {
  const from = (optionalNumber(body, 'start_time', { min: 0 }) ?? (world.now() - NINETY_DAYS) / 1000) * 1000;
  const to = (optionalNumber(body, 'end_time', { min: 0 }) ?? world.now() / 1000) * 1000;
  if (from > to) throw invalid('start_time');
  const mine = [...world.contacts.ways.values()].filter(
    (one) => one.app === app.name && !one.temporary && one.createdAt >= from && one.createdAt <= to,
  );
  const { part, next_cursor } = pageOf(body, mine, { standard: 100, max: 1000 });
  return { contact_way: part.map((one) => ({ config_id: one.configId })), next_cursor };
}

/** WeCom: update_contact_way. Lists and texts replace the old ones; type and scene stay what they are. */
function updateWay(world: World, call: Call): Fields {
  const { app, body } = call;
  const way = ownWay(world, call);
  if (isExpired(way, world.now())) throw new Refusal(41044, 'expired');
  const words = readWords(world, body, way.temporary);
  const reset = world.switches.omittedWayFields === 'reset';
  const wanted = {
    users: userList(body, 'user') ?? (reset ? [] : way.users),
    parties: partyList(body, 'party') ?? (reset ? [] : way.parties),
  };
  const empty = wanted.users.length === 0 && wanted.parties.length === 0;
  const { emptyUserList } = world.switches;
  if (!empty || emptyUserList === 'refused') assertFits(world, way.type, way.temporary, wanted);
  const list = checkedList(world, app, wanted, MAX_MEMBERS);

  if (!empty || emptyUserList === 'emptied') {
    const { users, parties } = way;
    const until = world.now() + world.switches.wayUpdateLagMs;
    Object.assign(way, list, { before: { list: { users, parties }, until } });
  }
  Object.assign(way, wayWords(words, reset ? unsaid : way), {
    style: words.style ?? (reset ? undefined : way.style),
    expiresIn: words.expiresIn ?? way.expiresIn,
    chatExpiresIn: words.chatExpiresIn ?? way.chatExpiresIn,
  });
  return {};
}

function deleteWay(world: World, call: Call): Fields {
  world.contacts.ways.delete(ownWay(world, call).configId);
  return {};
}

function oneOrTwo(value: unknown, missing: number, wrong: number): 1 | 2 {
  if (value === undefined) throw new Refusal(missing);
  if (value !== 1 && value !== 2) throw new Refusal(wrong);
  return value;
}

/** @throws Refusal 41043, and 41044 also for another app's way */
function ownWay(world: World, { app, body }: Call): ContactWay {
  const configId = optionalText(body, 'config_id');
  if (!configId) throw new Refusal(41043);
  const way = world.contacts.ways.get(configId);
  if (way === undefined || way.app !== app.name) throw new Refusal(41044);
  return way;
}

function assertFits(world: World, type: 1 | 2, temporary: boolean, { users, parties }: Listed): void {
  if (users.length === 0 && parties.length === 0) throw invalid('user');
  const one = users.length === 1 && parties.length === 0;
  if ((type === 1 || temporary) && !one) throw new Refusal(world.switches.notOneMemberCode);
}

type Kept = Pick<ContactWay, 'remark' | 'skipVerify' | 'state' | 'exclusive' | 'markSource'> &
  Partial<Pick<ContactWay, 'unionid' | 'conclusions'>>;

function wayWords(words: WayWords, otherwise: Kept) {
  return {
    remark: words.remark ?? otherwise.remark,
    skipVerify: words.skipVerify ?? otherwise.skipVerify,
    state: words.state ?? otherwise.state,
    exclusive: words.exclusive ?? otherwise.exclusive,
    markSource: words.markSource ?? otherwise.markSource,
    unionid: words.unionid ?? otherwise.unionid,
    conclusions: words.conclusions ?? otherwise.conclusions,
  };
}

function cardOf(way: ContactWay): Fields {
  return {
    config_id: way.configId,
    type: way.type,
    scene: way.scene,
    ...(way.style !== undefined && { style: way.style }),
    remark: way.remark,
    skip_verify: way.skipVerify,
    state: way.state,
    ...(way.qrCode !== undefined && { qr_code: way.qrCode }),
    user: way.users,
    party: way.parties,
    is_temp: way.temporary,
    ...(way.temporary && { expires_in: way.expiresIn, chat_expires_in: way.chatExpiresIn }),
    ...(way.unionid !== undefined && { unionid: way.unionid }),
    is_exclusive: way.exclusive,
    mark_source: way.markSource,
    ...(way.conclusions !== undefined && { conclusions: way.conclusions }),
  };
}
