import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Signal } from '../../../lib/platform/wakes.ts';
import { kindOf, type News, readNews } from '../../../lib/wecom/callback-news.ts';
import { readFields } from '../../../lib/wecom/callback-xml.ts';
import { anEvent, KF_NEWS, NOON } from './callback-samples.ts';

const news = (xml: string): News | undefined => readNews(readFields(Buffer.from(xml)), 'main', NOON);
const times = { createdAt: 1_759_999_990_000, receivedAt: NOON };

test('news of an account is a signal to pull it, in the account’s own group', () => {
  const read = news(KF_NEWS);
  expect(read).toEqual({
    queue: 'signals',
    group: 'wkSUPPORT',
    body: { v: 1, kind: 'pull', app: 'main', openKfId: 'wkSUPPORT', token: 'ENCpullToken', ...times },
  });
  expect(Signal.parse(read?.body)).toEqual(read?.body);
});

test('an account’s news without a pull token is still a signal', () => {
  const read = news(anEvent('kf_msg_or_event', { OpenKfId: 'wkA' }));
  expect(read?.body).toEqual({ v: 1, kind: 'pull', app: 'main', openKfId: 'wkA', ...times });
});

test('granted and withdrawn accounts are lists, however many there are', () => {
  const added = ['wkA', 'wkB'].map((id) => `<AuthAddOpenKfId><![CDATA[${id}]]></AuthAddOpenKfId>`).join('');
  const read = news(anEvent('kf_account_auth_change', {}, `${added}<AuthDelOpenKfId>wkC</AuthDelOpenKfId>`));
  const body = { v: 1, kind: 'accounts', app: 'main', granted: ['wkA', 'wkB'], withdrawn: ['wkC'], ...times };
  expect(read).toEqual({ queue: 'signals', group: 'accounts:main', body });
  expect(Signal.parse(read?.body)).toEqual(body);
});

test('a new customer goes to the contacts, in the customer’s group, with the codes that a greeting needs', () => {
  const ids = { UserID: 'ZhangSan', ExternalUserID: 'woX', State: 'c_8f31k2', WelcomeCode: 'WCODE' };
  const read = news(anEvent('change_external_contact', { ChangeType: 'add_external_contact', ...ids }));
  const body = {
    v: 1,
    app: 'main',
    event: 'change_external_contact',
    changeType: 'add_external_contact',
    ...times,
    ids,
  };
  expect(read).toEqual({ queue: 'contacts', group: 'woX', body });
});

test.each([
  ['the member, whose id has no case', { UserID: 'ZhangSan', ChatId: 'wrA' }, 'zhangsan'],
  ['the group chat', { ChatId: 'wrA' }, 'wrA'],
  ['the app', {}, 'main'],
])('without a customer a contact event is grouped by %s', (_, elements, group) => {
  expect(news(anEvent('change_external_chat', elements))?.group).toBe(group);
});

test('who joined a group chat is listed', () => {
  const list = '<MemChangeList><Item>woA</Item><Item>woB</Item></MemChangeList>';
  const read = news(
    anEvent('change_external_chat', { ChatId: 'wrA', UpdateDetail: 'add_member', JoinScene: '0' }, list),
  );
  expect(read?.body).toHaveProperty('ids', {
    ChatId: 'wrA',
    UpdateDetail: 'add_member',
    JoinScene: '0',
    MemChangeList: 'woA,woB',
  });
});

test('what describes a person stays out of the queue', () => {
  const person = [
    'Name',
    'Mobile',
    'Email',
    'BizMail',
    'Avatar',
    'Alias',
    'Telephone',
    'Address',
    'Position',
    'Gender',
  ];
  const secret = ['Remark', 'Content', 'ChatKey', 'OnceKey', 'DirectLeader', 'FromUserName'];
  const elements = Object.fromEntries([...person, ...secret].map((name) => [name, `PRIVATE ${name}`]));
  const nested = '<ExtAttr><Item><Name>PRIVATE</Name><Text><Value>PRIVATE</Value></Text></Item></ExtAttr>';
  const read = news(anEvent('change_contact', { ChangeType: 'create_user', UserID: 'lisi', ...elements }, nested));
  expect(read?.body).toHaveProperty('ids', { UserID: 'lisi' });
  expect(JSON.stringify(read)).not.toContain('PRIVATE');
});

test.each([
  ['a message to the app', '<xml><MsgType>text</MsgType><Content>hello</Content></xml>', 'text'],
  ['an event of another kind', anEvent('enter_agent'), 'enter_agent'],
  ['an event that is no plain word', anEvent('<b>hello</b>'), 'other'],
  ['an account’s news that names no account', anEvent('kf_msg_or_event'), 'kf_msg_or_event'],
  ['the form for third-party suites', '<xml><InfoType>suite_ticket</InfoType></xml>', 'suite_ticket'],
  ['an element that we do not know', '<xml><A>1</A></xml>', 'other'],
  [
    'an event with a message’s type',
    anEvent('kf_msg_or_event', { MsgType: 'text', OpenKfId: 'wkA' }),
    'kf_msg_or_event',
  ],
])('no news for us: %s', (_, xml, kind) => {
  expect(news(xml)).toBeUndefined();
  expect(kindOf(readFields(Buffer.from(xml)))).toBe(kind);
});

test.each(['', 'soon', '-1', '1e9', '99999999999999999999'])(
  'a CreateTime of "%s" becomes the time of receipt',
  (time) => {
    expect(news(anEvent('kf_msg_or_event', { OpenKfId: 'wkA', CreateTime: time }))?.body.createdAt).toBe(NOON);
  },
);

test('WeCom’s own samples are understood, where they stand beside the project', () => {
  const folder = fileURLToPath(new URL('../../../../shared/wecom/samples/events/', import.meta.url));
  if (!existsSync(folder)) {
    console.info('The samples are not beside the project: nothing to compare, and nothing failed.');
    return;
  }
  const files = globSync('**/*.xml', { cwd: folder });
  const read = files.map((file) => [file, news(readFileSync(folder + file, 'utf8'))?.queue] as const);
  const queues = Object.fromEntries(read);
  expect(queues['KfMessage/KfMessageEvent.xml']).toBe('signals');
  expect(queues['KfMessage/KfAccountAuthChangeEvent.xml']).toBe('signals');
  expect(queues['Push/ClickPushEvent.xml']).toBeUndefined();
});
