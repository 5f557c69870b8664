import { describe, expect, test } from '@jest/globals';
import type { CorpSetup } from '../../local/wecom/simulator.ts';
import { type Answer, HOUR, inYard, openDoor, type Yard } from './wecom-yard.ts';

const corp: CorpSetup = {
  apps: { main: { agentId: 1000002 } },
  members: ['Alice', 'bob', { userid: 'dave', left: true }],
};

const card = {
  card_type: 'button_interaction',
  task_id: 'task-1@x',
  main_title: { title: 'A customer', desc: 'waits' },
  horizontal_content_list: [{ keyname: 'Desk', value: 'Support' }],
  button_list: [
    { text: 'Take', style: 1, key: 'take' },
    { text: 'Pass', style: 2, key: 'pass' },
  ],
};

function send(yard: Yard, more: object = {}, message: object = {}): Promise<Answer> {
  const body = { touser: 'Alice', agentid: 1000002, msgtype: 'template_card', template_card: { ...card, ...more } };
  return yard.post('message/send', { ...body, ...message });
}

function change(yard: Yard, code: string, more: object = {}): Promise<Answer> {
  const body = { userids: ['Alice'], agentid: 1000002, response_code: code, button: { replace_name: 'Gone' } };
  return yard.post('message/update_template_card', { ...body, ...more });
}

const look = (yard: Yard) =>
  yard.wecom
    .client('alice')
    .cards()
    .map(({ task, says }) => [task, says]);

test('a card is shown with a code that changes it once', () =>
  inYard({ corp }, async (yard) => {
    const { errcode, response_code } = await send(yard);
    expect(errcode).toBe(0);
    expect(look(yard)).toEqual([['task-1@x', undefined]]);
    expect((await change(yard, response_code)).errcode).toBe(0);
    expect(look(yard)).toEqual([['task-1@x', 'Gone']]);
    expect((await change(yard, response_code)).errcode).toBe(40058);
  }));

test('a code is good for 72 hours', () =>
  inYard({ corp }, async (yard) => {
    const { response_code } = await send(yard);
    yard.move(72 * HOUR + 1);
    expect((await change(yard, response_code)).errcode).toBe(40058);
    expect(look(yard)).toEqual([['task-1@x', undefined]]);
  }));

test('the same card is shown once with the duplicate check, and its id is good once without', () =>
  inYard({ corp }, async (yard) => {
    const checked = { enable_duplicate_check: 1, duplicate_check_interval: 60 };
    for (const message of [checked, checked]) expect((await send(yard, {}, message)).errcode).toBe(0);
    expect((await send(yard)).errcode).toBe(40058);
    expect(look(yard)).toHaveLength(1);
  }));

test.each<[string, object, number]>([
  ['of another kind', { card_type: 'poster' }, 42031],
  ['without an id', { task_id: undefined }, 40058],
  ['with an id in other letters', { task_id: 'a:b' }, 40058],
  ['with an id of 129', { task_id: 'a'.repeat(129) }, 40058],
  ['without buttons', { button_list: [] }, 42037],
  ['with seven buttons', { button_list: Array.from({ length: 7 }, (_, n) => ({ text: 'x', key: `${n}` })) }, 42037],
  ['with a button without a text', { button_list: [{ key: 'take' }] }, 42038],
  ['with a button without a key', { button_list: [{ text: 'Take' }] }, 42039],
  [
    'with two buttons of one key',
    {
      button_list: [
        { text: 'a', key: 'x' },
        { text: 'b', key: 'x' },
      ],
    },
    42039,
  ],
  ['with a nameless fact', { horizontal_content_list: [{ value: 'x' }] }, 42027],
  ['with a long title', { main_title: { title: 'x'.repeat(37) } }, 40058],
])('a card %s is refused', (_, more, errcode) =>
  inYard({ corp }, async (yard) => {
    expect((await send(yard, more)).errcode).toBe(errcode);
    expect(look(yard)).toEqual([]);
  }),
);

test.each<[string, object, number]>([
  ['with a code that nobody was given', { response_code: 'nobody' }, 40058],
  ['of nobody', { userids: [] }, 82001],
  ['of another app', { agentid: 7 }, 40056],
  ['without a word', { button: undefined }, 40058],
])('a change %s is refused', (_, more, errcode) =>
  inYard({ corp }, async (yard) => {
    const { response_code } = await send(yard);
    expect((await change(yard, response_code, more)).errcode).toBe(errcode);
    expect(look(yard)).toEqual([['task-1@x', undefined]]);
  }),
);

describe('a tap', () => {
  test('is told to the app with a fresh code, again until it is taken', () =>
    inYard({ corp, retryDelaysMs: [1, 1, 1] }, async (yard) => {
      const door = await openDoor(yard.secrets.apps.main?.callbacks[0] ?? { encodingAesKey: '' });
      await yard.wecom.setCallbackUrl('main', door.url);
      door.onPost = (index) => (index === 0 ? { status: 500 } : {});
      const { response_code } = await send(yard);
      await yard.wecom.client('Alice').tap('take');
      await yard.wecom.idle();
      const [xml = '', ...repeats] = door.arrived.map(({ xml: text }) => text);
      expect(repeats).toEqual([xml]);
      for (const [name, value] of [
        ['Event', 'template_card_event'],
        ['FromUserName', 'Alice'],
        ['EventKey', 'take'],
        ['TaskId', 'task-1@x'],
        ['CardType', 'button_interaction'],
      ])
        expect(xml).toContain(`<${name}><![CDATA[${value}]]></${name}>`);
      const code = /<ResponseCode><!\[CDATA\[(.*?)\]\]>/.exec(xml)?.[1] ?? '';
      expect(code).not.toBe(response_code);
      expect((await change(yard, code)).errcode).toBe(0);
      await door.close();
    }));

  test('is not possible on a button that is not there, nor on a changed card, but on a device that has not heard', () =>
    inYard({ corp }, async (yard) => {
      const alice = yard.wecom.client('alice');
      await expect(alice.tap('take')).rejects.toThrow('no such card');
      const { response_code } = await send(yard);
      await expect(alice.tap('smoke')).rejects.toThrow('no button smoke');
      await change(yard, response_code);
      await expect(alice.tap('take')).rejects.toThrow('no buttons any more');
      await alice.tap('take', { stale: true });
    }));

  test('can come from outside', () =>
    inYard({ corp }, async (yard) => {
      await send(yard);
      expect(await (await yard.raw('/_/agents/alice/cards')).json()).toMatchObject([{ task: 'task-1@x' }]);
      const tap = (body: object) => yard.raw('/_/agents/alice/tap', { method: 'POST', body: JSON.stringify(body) });
      expect((await tap({ key: 'take' })).status).toBe(200);
      expect((await tap({ key: 'take', task: 'task-1@x' })).status).toBe(200);
      expect((await tap({ key: 'take', task: 'other' })).status).toBe(409);
    }));
});
