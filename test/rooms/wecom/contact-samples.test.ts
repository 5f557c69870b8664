import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as z from 'zod';
import { readNews } from '../../../lib/wecom/callback-news.ts';
import { readFields } from '../../../lib/wecom/callback-xml.ts';
import { type ContactApi, contactApi } from '../../../lib/wecom/contact-api.ts';
import { ContactNewsWake, parseContactEvent } from '../../../lib/wecom/contact-events.ts';
import { NOON } from './callback-samples.ts';
import { aProcess, movingClock, type StandIn, startStandIn, token } from './stand-in.ts';

/** WeCom's published samples, which are not part of the project: where they are not, there is nothing to compare. */
const folder = fileURLToPath(new URL('../../../../shared/wecom/samples/', import.meta.url));
const present = existsSync(folder);
if (!present) console.info('The samples are not beside the project: nothing to compare, and nothing failed.');
const testWithSamples = present ? test : test.skip;

let wecom: StandIn;
let contacts: ContactApi;
beforeEach(async () => {
  wecom = await startStandIn();
  contacts = contactApi(aProcess({ url: wecom.url, ...movingClock() }).api, 'main');
});
afterEach(() => wecom.stop());

/** Many samples have the form for third-party suites: the same elements under other heads. */
const asOfOurApp = (xml: string): string =>
  xml
    .replaceAll('InfoType>', 'Event>')
    .replaceAll('TimeStamp>', 'CreateTime>')
    .replace('</xml>', xml.includes('<MsgType>') ? '</xml>' : '<MsgType>event</MsgType></xml>');

const KINDS = {
  AddExternalContact: 'added',
  AddHalfExternalContact: 'added',
  DeleteFollowUser: 'deleted-by-customer',
  DeleteHalfExternalContact: 'deleted-by-agent',
  EditExternalContact: 'edited',
  TransferFail: 'transfer-failed',
  MessageAuditApproved: 'consented',
};

testWithSamples('every customer-contact event is understood, and no other is mistaken for one', () => {
  const files = globSync('events/{ExternalContact,Contact}/*.xml', { cwd: folder });
  expect(files.length).toBeGreaterThan(15);
  for (const file of files) {
    const read = readNews(readFields(Buffer.from(asOfOurApp(readFileSync(folder + file, 'utf8')))), 'main', NOON);
    const event = parseContactEvent(ContactNewsWake.parse(read?.body));
    const name = /ChangeExternalContactEvent\.(\w+)/.exec(file)?.[1];
    const expected = Object.entries(KINDS).find(([kind]) => kind === name)?.[1];
    if (expected) expect(event).toMatchObject({ type: expected, agentId: 'zhangsan', at: 1_403_610_513_000 });
    else expect(['other', 'member-changed', 'member-left']).toContain(event.type);
  }
});

testWithSamples.each<[string, () => Promise<unknown>]>([
  ['AddContactWay', () => contacts.createWay({ ...AWAY, scene: 'code' })],
  ['GetContactWay', () => contacts.readWay('C')],
  ['ListContactWay', () => contacts.listWays()],
  ['GetFollowUserList', () => contacts.followUsers()],
  ['Get', () => contacts.readCustomer('woX')],
  ['List', () => contacts.customersOf('lisi')],
  ['CustomerAcquisitionCreateLink', () => contacts.createLink(ALINK)],
  ['CustomerAcquisitionGet', () => contacts.readLink('L')],
  ['CustomerAcquisitionCustomer', () => contacts.linkCustomers('L')],
  ['CustomerAcquisitionQuota', () => contacts.acquisitionQuota()],
])('the sample answer %s is understood', async (name, ask) => {
  const text = readFileSync(`${folder}api/CgibinExternalContact/CgibinExternalContact${name}Response.json`, 'utf8');
  wecom.answer = (call) => (call.path.endsWith('gettoken') ? token(1) : JSON.parse(text));
  expect(await ask()).toBeTruthy();
});

testWithSamples('what we send has fields of the sample requests only', async () => {
  wecom.answer = (call) => (call.path.endsWith('gettoken') ? token(1) : { errcode: 0, config_id: 'C' });
  const relation = { agentId: 'zhangsan', customerId: 'woX' };
  await contacts.createWay({ ...AWAY, scene: 'mini-program' });
  expectFieldsOf('AddContactWay');
  await contacts.updateWay('C', AWAY);
  expectFieldsOf('UpdateContactWay');
  await contacts.remark(relation, { remark: 'a', description: 'b' });
  expectFieldsOf('Remark');
  await contacts.markTags(relation, { add: ['a'], remove: ['b'] });
  expectFieldsOf('MarkTag');
  await contacts.updateLink('L', ALINK);
  expectFieldsOf('CustomerAcquisitionUpdateLink');
});

const AWAY = { users: ['zhangsan'], remark: 'r', state: 's', skipVerify: true };
const ALINK = { name: 'n', users: ['zhangsan'], skipVerify: true };
const Body = z.record(z.string(), z.unknown());

function expectFieldsOf(name: string): void {
  const path = `${folder}api/CgibinExternalContact/CgibinExternalContact${name}Request.json`;
  const sample = Body.parse(JSON.parse(readFileSync(path, 'utf8')));
  const sent = Body.parse(wecom.received.at(-1)?.body);
  expect(Object.keys(sample)).toEqual(expect.arrayContaining(Object.keys(sent)));
}
