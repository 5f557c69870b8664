import { describe, expect, test } from '@jest/globals';
import type { CorpSetup } from '../../local/wecom/simulator.ts';
import { type Answer, inYard, MINUTE, SECOND, type Yard } from './wecom-yard.ts';

const corp: CorpSetup = {
  apps: { main: { agentId: 1000002 }, other: { agentId: 1000003 } },
  members: ['Alice', 'bob', { userid: 'carol', visible: ['other'] }, { userid: 'dave', left: true }],
};

function send(yard: Yard, more: object = {}, app = 'main'): Promise<Answer> {
  const message = { touser: 'Alice', agentid: 1000002, msgtype: 'text', text: { content: 'Hello' }, ...more };
  return yard.post('message/send', message, app);
}

const shown = (yard: Yard, userid: string) =>
  yard.wecom
    .client(userid)
    .appMessages()
    .map(({ text }) => text);

describe('an app message', () => {
  test('reaches members whom the app sees; the others are named, lower-cased', () =>
    inYard({ corp }, async (yard) => {
      const answer = await send(yard, { touser: 'ALICE|bob|bob|carol|Dave|Nobody' });
      expect(answer).toMatchObject({ errcode: 0, invaliduser: 'carol|dave|nobody', msgid: expect.any(String) });
      expect(shown(yard, 'alice')).toEqual(['Hello']);
      expect(shown(yard, 'bob')).toEqual(['Hello']);
      expect(shown(yard, 'carol')).toEqual([]);
    }));

  test('to everybody leaves out who does not see the app', () =>
    inYard({ corp: { ...corp, accounts: [] } }, async (yard) => {
      await send(yard, { touser: '@all' });
      expect(['Alice', 'bob', 'carol'].map((one) => shown(yard, one).length)).toEqual([1, 1, 0]);
    }));

  test.each<[string, object, number]>([
    ['to nobody', { touser: '' }, 82001],
    ['to nobody whom the app sees', { touser: 'carol|nobody' }, 81013],
    ['to more than 1000', { touser: Array.from({ length: 1001 }, (_, n) => `u${n}`).join('|') }, 40058],
    ['without an agentid', { agentid: undefined }, 41011],
    ['with the agentid of another app', { agentid: 1000003 }, 301002],
    ['with the agentid of no app', { agentid: 7 }, 40056],
    ['of an unknown type', { msgtype: 'smoke', smoke: {} }, 40008],
    ['of 2049 bytes', { text: { content: `${'组'.repeat(682)}abc` } }, 45002],
    ['that says nothing', { text: { content: '' } }, 40058],
    ['as a card without an address', { msgtype: 'textcard', textcard: { title: 'a', description: 'b' } }, 40058],
  ])('%s is refused', (_, more, errcode) =>
    inYard({ corp }, async (yard) => {
      expect((await send(yard, more)).errcode).toBe(errcode);
      expect(shown(yard, 'alice')).toEqual([]);
    }),
  );

  test('may be a card, and as long as 2048 bytes', () =>
    inYard({ corp }, async (yard) => {
      const textcard = { title: 'Look', description: 'here', url: 'https://example.com/' };
      expect((await send(yard, { msgtype: 'textcard', textcard })).errcode).toBe(0);
      expect((await send(yard, { text: { content: `${'组'.repeat(682)}ab` } })).errcode).toBe(0);
      expect(yard.wecom.client('alice').appMessages()).toMatchObject([{ msgtype: 'textcard', body: textcard }, {}]);
    }));

  test('with the duplicate check is shown once within its interval', () =>
    inYard({ corp }, async (yard) => {
      const checked = { enable_duplicate_check: 1, duplicate_check_interval: 60 };
      for (const more of [checked, checked, { ...checked, text: { content: 'Other' } }]) {
        expect((await send(yard, more)).errcode).toBe(0);
      }
      expect(shown(yard, 'alice')).toEqual(['Hello', 'Other']);
      yard.move(60 * SECOND);
      await send(yard, checked);
      await send(yard);
      expect(shown(yard, 'alice')).toHaveLength(4);
    }));

  test('beyond 30 a minute is dropped without a word', () =>
    inYard({ corp }, async (yard) => {
      for (let n = 0; n < 31; n += 1) expect((await send(yard, { text: { content: `${n}` } })).errcode).toBe(0);
      expect(shown(yard, 'alice')).toHaveLength(30);
      yard.move(MINUTE);
      await send(yard);
      expect(shown(yard, 'alice')).toHaveLength(31);
    }));

  test('is there to be read from outside', () =>
    inYard({ corp }, async (yard) => {
      await send(yard);
      const answer = await yard.raw('/_/agents/alice/app-messages');
      expect(await answer.json()).toMatchObject([{ app: 'main', msgtype: 'text', text: 'Hello' }]);
    }));
});
