import { isVisible } from './contact-people.ts';
import type { App, Member } from './corp.ts';
import { memberOf } from './corp.ts';
import type { World } from './world.ts';
import { writeXml } from './xml.ts';

type EventFields = Readonly<Record<string, string | number | undefined>>;

/** WeCom: change_external_contact, to every app that may have 客户联系, has its switch on and can see the member. */
export function tellContactChange(world: World, changeType: string, userid: string, fields: EventFields): void {
  const member = memberOf(world.corp, userid);
  const xml = eventXml(world, 'change_external_contact', changeType, fields);
  for (const app of listeners(world)) {
    if (member !== undefined && isVisible(app, member)) world.postman.send(app, xml);
  }
}

/** WeCom: customer_acquisition, to the app whose link it is; what concerns the quota goes to all. */
export function tellAcquisition(world: World, changeType: string, appName: string | undefined, fields: EventFields) {
  const xml = eventXml(world, 'customer_acquisition', changeType, fields);
  for (const app of listeners(world)) {
    if (appName === undefined || (app.secretOf ?? app.name) === appName) world.postman.send(app, xml);
  }
}

/** WeCom: change_contact, which the directory-sync helper gets and an ordinary app does not. */
export function tellDirectoryChange(world: World, changeType: string, fields: EventFields): void {
  const xml = eventXml(world, 'change_contact', changeType, fields);
  for (const app of world.corp.apps.values()) {
    if (app.receivesDirectory) world.postman.send(app, xml);
  }
}

/** WeCom: unsubscribe. A member left the corp, or the app's visible range. */
export function tellUnsubscribed(world: World, member: Member, apps: readonly App[]): void {
  for (const app of apps) {
    const xml = writeXml({
      ToUserName: world.corp.corpId,
      FromUserName: member.userid,
      CreateTime: Math.floor(world.now() / 1000),
      MsgType: 'event',
      Event: 'unsubscribe',
      AgentID: app.agentId,
    });
    world.postman.send(app, xml);
  }
}

function listeners(world: World): App[] {
  return [...world.corp.apps.values()].filter((app) => {
    const owner = app.secretOf === undefined ? app : world.corp.apps.get(app.secretOf);
    return app.receivesContacts && owner?.contactApi === true;
  });
}

function eventXml(world: World, event: string, changeType: string, fields: EventFields): string {
  const known = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return writeXml({
    ToUserName: world.corp.corpId,
    FromUserName: 'sys',
    CreateTime: Math.floor(world.now() / 1000),
    MsgType: 'event',
    Event: event,
    ChangeType: changeType,
    ...Object.fromEntries(known),
  });
}
