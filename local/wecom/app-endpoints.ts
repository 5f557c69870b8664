import { isVisible } from './contact-people.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

export const appEndpoints: Endpoints = {
  '/cgi-bin/agent/get': { method: 'GET', kf: false, answer: getApp },
};

/** WeCom: agent/get (page 90227). What the app's own page says; an app may only ask for itself. */
function getApp(world: World, { app, query }: Call): Fields {
  const asked = query.get('agentid') ?? '';
  if (!/^\d+$/.test(asked)) throw invalid('agentid');
  if (Number(asked) !== app.agentId) {
    const known = [...world.corp.apps.values()].some((one) => one.agentId === Number(asked));
    throw new Refusal(known ? 301002 : 40056);
  }
  const people = [...world.corp.members.values()].filter((one) => isVisible(app, one));
  return {
    agentid: app.agentId,
    name: app.name,
    description: '',
    allow_userinfos: { user: people.map(({ userid }) => ({ userid })) },
    close: 0,
    redirect_domain: app.trustedDomain ?? '',
    report_location_flag: 0,
    isreportenter: 0,
    home_url: '',
  };
}
