import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type * as z from 'zod';
import type { WeComApi } from '../../../lib/wecom/api.ts';
import { changeAppCard, sendAppCard } from '../../../lib/wecom/app-cards.ts';
import { readNews } from '../../../lib/wecom/callback-news.ts';
import { readFields } from '../../../lib/wecom/callback-xml.ts';
import { cardTask, ownersOfTask } from '../../../lib/wecom/card-task.ts';
import { WeComError } from '../../../lib/wecom/errors.ts';
import { anEvent, NOON } from './callback-samples.ts';

/** Answers every call with a body, or refuses it with an errcode. */
function anApi(answer: object | number) {
  const calls: { api: string; body: object }[] = [];
  const api: WeComApi = {
    async call<T>(_app: string, name: string, body: object, schema: z.ZodType<T>) {
      calls.push({ api: name, body });
      if (typeof answer === 'number') throw new WeComError({ api: name, errcode: answer });
      return schema.parse(answer);
    },
    get: () => Promise.reject(new Error('not asked for')),
  };
  return { api, calls };
}

const card = {
  agentId: 1000002,
  user: 'amy',
  task: 'offer@wk@wm@0123456789abcdef',
  title: '有客户等待接待',
  hint: '请选择',
  facts: [{ name: '客服账号', value: 'Desk' }],
  buttons: [
    { text: '接待', key: 'take' },
    { text: '让给同事', key: 'pass' },
  ],
};

describe('a card', () => {
  test('goes to one member, may be repeated without being shown again, and brings the code of its change', async () => {
    const { api, calls } = anApi({ invaliduser: '', msgid: 'm', response_code: 'code' });
    expect(await sendAppCard(api, 'main', card)).toEqual({ code: 'code' });
    expect(calls).toEqual([
      {
        api: 'message/send',
        body: {
          touser: 'amy',
          agentid: 1000002,
          msgtype: 'template_card',
          template_card: {
            card_type: 'button_interaction',
            task_id: card.task,
            main_title: { title: card.title, desc: card.hint },
            horizontal_content_list: [{ keyname: '客服账号', value: 'Desk' }],
            button_list: [
              { text: '接待', style: 1, key: 'take' },
              { text: '让给同事', style: 2, key: 'pass' },
            ],
          },
          enable_duplicate_check: 1,
          duplicate_check_interval: 14_400,
        },
      },
    ]);
  });

  test.each([{}, { response_code: '', invaliduser: null }])('may come without a code: %j', async (answer) => {
    expect(await sendAppCard(anApi(answer).api, 'main', card)).toEqual({});
  });

  test.each([81013, { invaliduser: 'amy' }])(
    'that reaches nobody is refused, whichever way WeCom says so: %j',
    async (answer) => {
      await expect(sendAppCard(anApi(answer).api, 'main', card)).rejects.toMatchObject({ errcode: 81013 });
    },
  );

  test('is changed for its code', async () => {
    const { api, calls } = anApi({});
    await changeAppCard(api, 'main', { agentId: 1000002, user: 'amy', code: 'code', says: '已接待' });
    const button = { replace_name: '已接待' };
    const body = { userids: ['amy'], agentid: 1000002, response_code: 'code', button };
    expect(calls).toEqual([{ api: 'message/update_template_card', body }]);
  });
});

describe('a card’s id', () => {
  const id = fc.stringMatching(/^[0-9A-Za-z_-]{1,40}$/);

  test('leads back to account and customer, and keeps WeCom’s letters and length', () => {
    fc.assert(
      fc.property(id, id, (openKfId, customerId) => {
        const task = cardTask(openKfId, customerId, '0123456789abcdef01234567') ?? '';
        expect(task).toMatch(/^[0-9A-Za-z_\-@]{1,128}$/);
        expect(ownersOfTask(task)).toEqual({ openKfId, customerId });
      }),
    );
  });

  test('is not made where it would not fit', () => {
    expect(cardTask('wk'.repeat(32), 'wm'.repeat(32), '0123456789abcdef')).toBeUndefined();
    expect(cardTask('wk', 'w m', '0123456789abcdef')).toBeUndefined();
  });

  test.each([
    '',
    'task-42',
    'offer@wk@wm',
    'offer@wk@wm@short',
    'offer@@wm@0123456789abcdef',
    `${'offer@wk@wm@'}${'x'.repeat(33)}`,
  ])('of others is nobody’s: %j', (task) => {
    expect(ownersOfTask(task)).toBeUndefined();
  });
});

describe('a tap that WeCom tells', () => {
  const tapped = (elements: Record<string, string>) =>
    readNews(
      readFields(
        Buffer.from(
          anEvent('template_card_event', {
            FromUserName: 'Amy',
            EventKey: 'take',
            TaskId: card.task,
            CardType: 'button_interaction',
            ResponseCode: 'RCODE',
            AgentID: '1000002',
            ...elements,
          }),
        ),
      ),
      'main',
      NOON,
    );

  test('is news of the conversation that the card was about', () => {
    expect(tapped({})).toEqual({
      queue: 'signals',
      group: `card:${card.task}`,
      body: {
        ...{ v: 1, kind: 'card', app: 'main', openKfId: 'wk', customerId: 'wm', task: card.task },
        ...{ agentId: 'amy', answer: 'take', code: 'RCODE', createdAt: 1_759_999_990_000, receivedAt: NOON },
      },
    });
    expect(tapped({ ResponseCode: '', EventKey: 'pass' })?.body).not.toHaveProperty('code');
  });

  test.each<Record<string, string>>([
    { TaskId: 'task-42' },
    { EventKey: 'approve' },
    { FromUserName: '' },
    { Event: 'template_card_menu_event' },
  ])('is nothing to us: %j', (elements) => {
    expect(tapped(elements)).toBeUndefined();
  });
});
