import { isVisible } from './contact-people.ts';
import { type Account, memberOf } from './corp.ts';
import { type Call, type Endpoints, openKfIdOf } from './endpoint.ts';
import { type Fields, numberList, optionalNumber, optionalText, requiredText, textList } from './fields.ts';
import { Refusal } from './refusal.ts';
import { managedAccount, type World } from './world.ts';

const MAX_ACCOUNTS = 5000;
const MAX_ACCOUNTS_UNVERIFIED = 10;

export const accountEndpoints: Endpoints = {
  '/cgi-bin/kf/account/list': { method: 'POST', kf: true, answer: listAccounts },
  '/cgi-bin/kf/account/add': { method: 'POST', kf: true, answer: addAccount },
  '/cgi-bin/kf/account/del': { method: 'POST', kf: true, answer: deleteAccount },
  '/cgi-bin/kf/account/update': { method: 'POST', kf: true, answer: updateAccount },
  '/cgi-bin/kf/add_contact_way': { method: 'POST', kf: true, answer: addContactWay },
  '/cgi-bin/kf/servicer/list': { method: 'GET', kf: true, answer: listServicers },
  '/cgi-bin/kf/servicer/add': { method: 'POST', kf: true, answer: addServicers },
  '/cgi-bin/kf/servicer/del': { method: 'POST', kf: true, answer: deleteServicers },
};

function listAccounts(world: World, { app, body }: Call): Fields {
  const offset = optionalNumber(body, 'offset', { min: 0 }) ?? 0;
  const limit = optionalNumber(body, 'limit', { min: 1, max: 100 }) ?? 100;
  const all = [...world.corp.accounts.values()].slice(offset, offset + limit);
  return {
    account_list: all.map((account) => ({
      open_kfid: account.openKfId,
      name: account.name,
      avatar: account.avatar,
      manage_privilege: account.managedBy.has(app.name),
    })),
  };
}

function addAccount(world: World, { app, body }: Call): Fields {
  const { corp } = world;
  const name = nameOf(requiredText(body, 'name'));
  const mediaId = requiredText(body, 'media_id', { maxBytes: 128 });
  if (!world.media.has(mediaId, 'image', world.now())) throw new Refusal(40007);
  if (![...corp.accounts.values()].some((one) => one.managedBy.has(app.name))) throw new Refusal(48007);
  if (corp.accounts.size >= MAX_ACCOUNTS) throw new Refusal(95005);
  if (!corp.verified && corp.accounts.size >= MAX_ACCOUNTS_UNVERIFIED) throw new Refusal(95027);
  const openKfId = `wk${world.random.text(30)}`;
  const avatar = `https://wework.qpic.cn/wwhead/${openKfId}/0`;
  corp.accounts.set(openKfId, {
    openKfId,
    name,
    avatar,
    managedBy: new Set([app.name]),
    reception: new Map(),
    departments: new Set(),
    consoleWelcome: false,
  });
  return { open_kfid: openKfId };
}

function deleteAccount(world: World, { app, body }: Call): Fields {
  const account = managedAccount(world, app.name, openKfIdOf(body));
  if (world.corp.accounts.size === 1) throw new Refusal(95005);
  world.corp.accounts.delete(account.openKfId);
  return {};
}

function updateAccount(world: World, { app, body }: Call): Fields {
  const account = managedAccount(world, app.name, openKfIdOf(body));
  const name = optionalText(body, 'name');
  const mediaId = optionalText(body, 'media_id', { maxBytes: 128 });
  if (mediaId !== undefined && !world.media.has(mediaId, 'image', world.now())) throw new Refusal(40007);
  if (name !== undefined) account.name = nameOf(name);
  if (mediaId !== undefined) account.avatar = `https://wework.qpic.cn/wwhead/${mediaId.slice(0, 12)}/0`;
  return {};
}

function nameOf(name: string): string {
  const length = [...name].length;
  if (length < 1 || length > 16) throw new Refusal(95006);
  return name;
}

/** WeCom: kf/add_contact_way. `scene_param` is the caller's to append, and only works next to a scene. */
function addContactWay(world: World, { app, body }: Call): Fields {
  const account = managedAccount(world, app.name, openKfIdOf(body));
  const scene = optionalText(body, 'scene', { maxBytes: 32, pattern: /^[0-9a-zA-Z_-]*$/ });
  const link = `https://work.weixin.qq.com/kf/kfc${account.openKfId.slice(-15).toLowerCase()}`;
  return { url: scene ? `${link}?enc_scene=ENC${world.random.text(24)}` : link };
}

function servicedAccount(world: World, { app, body }: Call): Account {
  const openKfId = optionalText(body, 'open_kfid');
  if (!openKfId) throw new Refusal(60251);
  return managedAccount(world, app.name, openKfId);
}

/** WeCom: kf/servicer/list. The numbering differs from the event's: here 0 is receiving, 1 stopped. */
function listServicers(world: World, { app, query }: Call): Fields {
  const openKfId = query.get('open_kfid');
  if (!openKfId) throw new Refusal(60251);
  if (!/^(wk|kf)[0-9A-Za-z_-]+$/.test(openKfId)) throw new Refusal(60252);
  const account = world.corp.accounts.get(openKfId);
  if (account === undefined) throw new Refusal(95004);
  const people = [...account.reception].map(([userid, reception]) => ({
    userid: memberOf(world.corp, userid)?.userid ?? userid,
    ...(account.managedBy.has(app.name) &&
      (reception === 'receiving' ? { status: 0 } : { status: 1, stop_type: reception === 'stopped' ? 0 : 1 })),
  }));
  return { servicer_list: [...people, ...[...account.departments].map((id) => ({ department_id: id }))] };
}

interface Named {
  people: readonly string[];
  departments: readonly number[];
}

function namedIn(body: Fields, maxDepartments: number): Named {
  const people = textList(body, 'userid_list', 100);
  const departments = numberList(body, 'department_id_list', maxDepartments);
  if (!people?.length && !departments?.length) throw new Refusal(40058, 'userid_list');
  return { people: people ?? [], departments: departments ?? [] };
}

function addServicers(world: World, call: Call): Fields {
  const account = servicedAccount(world, call);
  const { people, departments } = namedIn(call.body, 20);
  const added = people.map((userid) => {
    const member = memberOf(world.corp, userid);
    if (member === undefined) return { userid, errcode: 60111, errmsg: 'userid not found' };
    if (!isVisible(call.app, member)) return { userid, errcode: 60011, errmsg: 'no privilege to access/modify' };
    if (account.reception.has(userid.toLowerCase())) return { userid, errcode: 0, errmsg: 'ignored' };
    account.reception.set(userid.toLowerCase(), 'receiving');
    return { userid, errcode: 0, errmsg: 'success' };
  });
  const opened = departments.map((id) => {
    if (!world.corp.departments.has(id)) return { department_id: id, errcode: 60123, errmsg: 'invalid party id' };
    const known = account.departments.has(id);
    account.departments.add(id);
    return { department_id: id, errcode: 0, errmsg: known ? 'ignored' : 'success' };
  });
  return { result_list: [...added, ...opened] };
}

function deleteServicers(world: World, call: Call): Fields {
  const account = servicedAccount(world, call);
  const { people, departments } = namedIn(call.body, 100);
  const outcome = (known: boolean) => ({ errcode: 0, errmsg: known ? 'success' : 'ignored' });
  return {
    result_list: [
      ...people.map((userid) => ({ userid, ...outcome(account.reception.delete(userid.toLowerCase())) })),
      ...departments.map((id) => ({ department_id: id, ...outcome(account.departments.delete(id)) })),
    ],
  };
}
