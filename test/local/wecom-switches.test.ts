import { expect, test } from '@jest/globals';
import { inContactYard, TEAM, teamCorp } from './wecom-contacts-yard.ts';
import { answerOf, inYard, SUPPORT, type Yard } from './wecom-yard.ts';

// What WeCom's pages leave open is a switch of the simulator. Those that no other test turns are turned here: each changes what it says, and
// nothing before it is turned.

const ANN = 'wmAnn';
const OTHER = 40_999;

const byCode = (yard: Yard, code: unknown) =>
  yard.post('kf/send_msg_on_event', { code, msgtype: 'text', text: { content: 'hi' } });

test('badCodeCode: a code that nobody was given', () =>
  inYard({}, async (yard) => {
    expect((await byCode(yard, 'nobody')).errcode).toBe(41050);
    yard.wecom.switches.badCodeCode = OTHER;
    expect((await byCode(yard, 'nobody')).errcode).toBe(OTHER);
  }));

test('movedCodeCode: a code whose session has moved on', () =>
  inYard({}, async (yard) => {
    await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
    const { msg_code } = await yard.trans(ANN, 2);
    await yard.trans(ANN, 3, 'zhangsan');
    expect((await byCode(yard, msg_code)).errcode).toBe(95018);
    yard.wecom.switches.movedCodeCode = OTHER;
    expect((await byCode(yard, msg_code)).errcode).toBe(OTHER);
  }));

test('sceneParamDecoded: what a link brought comes back as it was, or percent-decoded', () =>
  inYard({}, async (yard) => {
    const phone = yard.wecom.phone(ANN);
    const brought = async () => (await yard.pull()).msg_list.at(-1)?.event?.scene_param;
    await phone.enter(SUPPORT, { scene: 'door', scene_param: 'a%20b' });
    expect(await brought()).toBe('a%20b');
    yard.wecom.switches.sceneParamDecoded = true;
    await phone.enter(SUPPORT, { scene: 'door', scene_param: 'a%20b' });
    expect(await brought()).toBe('a b');
  }));

test('badCursorCode: a cursor that WeCom never gave', () =>
  inYard({}, async (yard) => {
    expect((await yard.pull({ cursor: 'nobody' })).errcode).toBe(40058);
    yard.wecom.switches.badCursorCode = OTHER;
    expect((await yard.pull({ cursor: 'nobody' })).errcode).toBe(OTHER);
  }));

test('parallelPulls: how many pulls may run at once', () =>
  inYard({}, async (yard) => {
    expect((await yard.pull()).errcode).toBe(0);
    yard.wecom.switches.parallelPulls = 0;
    expect((await yard.pull()).errcode).toBe(45033);
  }));

test('refuseUnicodeEscapes: text that is escaped although UTF-8 would do', () =>
  inYard({}, async (yard) => {
    await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
    const { secret = '' } = yard.secrets.apps.main ?? {};
    const given = await yard.raw(`/cgi-bin/gettoken?corpid=${yard.secrets.corpId}&corpsecret=${secret}`);
    const { access_token } = await answerOf(given);
    const send = async () => {
      const body = `{"touser":"${ANN}","open_kfid":"${SUPPORT}","msgtype":"text","text":{"content":"\\u4f60"}}`;
      const path = `/cgi-bin/kf/send_msg?access_token=${access_token}`;
      return (await answerOf(await yard.raw(path, { method: 'POST', body }))).errcode;
    };
    expect(await send()).toBe(40033);
    yard.wecom.switches.refuseUnicodeEscapes = false;
    expect(await send()).toBe(0);
  }));

test.each([
  ['tooManyMembersCode', 41041, { type: 2, user: Array.from({ length: 101 }, (_, n) => `m${n}`) }],
  ['notOneMemberCode', 40058, { type: 1, user: ['m1', 'm2'] }],
] as const)('%s: a code with the wrong number of members', (name, usual, way) =>
  inYard({ corp: { accounts: [], members: Array.from({ length: 101 }, (_, n) => `m${n}`) } }, async (yard) => {
    const make = async () => (await yard.post('externalcontact/add_contact_way', { scene: 2, ...way })).errcode;
    expect(await make()).toBe(usual);
    yard.wecom.switches[name] = OTHER;
    expect(await make()).toBe(OTHER);
  }),
);

test.each([
  [1000, 41096],
  [0, 41051],
])('welcomeUnderWayMs %i: a welcome right after another app’s is %i', (underWay, errcode) =>
  inContactYard({ corp: { ...teamCorp, apps: { main: {}, other: {} } } }, async (yard) => {
    yard.wecom.switches.welcomeUnderWayMs = underWay;
    await yard.wecom.phone(ANN).scan(await yard.code(TEAM));
    const welcome_code = (await yard.told()).at(-1)?.WelcomeCode;
    const message = { welcome_code, text: { content: 'Hello' } };
    const send = async (app: string) => (await yard.post('externalcontact/send_welcome_msg', message, app)).errcode;
    expect(await send('other')).toBe(0);
    expect(await send('main')).toBe(errcode);
  }),
);
