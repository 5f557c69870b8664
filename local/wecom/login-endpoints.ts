import { memberOf } from './corp.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

export const loginEndpoints: Endpoints = {
  '/cgi-bin/auth/getuserinfo': { method: 'GET', kf: false, answer: getUserInfo },
};

/** WeCom: auth/getuserinfo. Whom a code stands for: once, and for five minutes; also of members who do not see the app. */
function getUserInfo(world: World, { app, query }: Call): Fields {
  const code = query.get('code');
  if (!code) throw invalid('code');
  const userid = world.logins.take(code, app.name, world.now());
  if (userid === undefined) throw new Refusal(40029);
  const member = memberOf(world.corp, userid);
  // Whoever belongs to no corp is told apart by an id that says nothing else.
  return member === undefined || member.left ? { openid: `o${userid}` } : { userid: member.userid };
}
