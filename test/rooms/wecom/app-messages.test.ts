import { expect, test } from '@jest/globals';
import type * as z from 'zod';
import type { WeComApi } from '../../../lib/wecom/api.ts';
import { sendAppMessage } from '../../../lib/wecom/app-messages.ts';
import { WeComError } from '../../../lib/wecom/errors.ts';

/** Answers every call with a body, or refuses it with an errcode. */
function anApi(answer: object | number) {
  const calls: { app: string; api: string; body: object }[] = [];
  const api: WeComApi = {
    async call<T>(app: string, name: string, body: object, schema: z.ZodType<T>) {
      calls.push({ app, api: name, body });
      if (typeof answer === 'number') throw new WeComError({ api: name, errcode: answer });
      return schema.parse(answer);
    },
    get: () => Promise.reject(new Error('not asked for')),
  };
  return { api, calls };
}

const message = { agentId: 1000002, users: ['amy', 'bob'], text: '20:00 提醒' };

test('a text goes to all members in one call, and may be repeated without being shown again', async () => {
  const { api, calls } = anApi({ invaliduser: '', msgid: 'm' });
  expect(await sendAppMessage(api, 'main', message)).toEqual({ invalidUsers: [] });
  expect(calls).toEqual([
    {
      app: 'main',
      api: 'message/send',
      body: {
        touser: 'amy|bob',
        agentid: 1000002,
        msgtype: 'text',
        text: { content: '20:00 提醒' },
        enable_duplicate_check: 1,
        duplicate_check_interval: 14_400,
      },
    },
  ]);
});

test('whom WeCom does not reach is named, also where that is everybody', async () => {
  expect(await sendAppMessage(anApi({ invaliduser: 'bob' }).api, 'main', message)).toEqual({ invalidUsers: ['bob'] });
  expect(await sendAppMessage(anApi({}).api, 'main', message)).toEqual({ invalidUsers: [] });
  const everybody = { ...message, users: ['Amy', 'bob'] };
  expect(await sendAppMessage(anApi(81013).api, 'main', everybody)).toEqual({ invalidUsers: ['amy', 'bob'] });
});

test('any other refusal is the caller’s', async () => {
  await expect(sendAppMessage(anApi(301002).api, 'main', message)).rejects.toMatchObject({ class: 'configuration' });
});

test.each([
  ['nobody', { users: [] }],
  ['more than 1000 members', { users: Array.from({ length: 1001 }, (_, n) => `u${n}`) }],
  ['an empty text', { text: '' }],
  ['a text of 2049 bytes', { text: `${'组'.repeat(682)}abc` }],
])('%s is refused before anything is called', async (_, wrong) => {
  const { api, calls } = anApi({});
  await expect(sendAppMessage(api, 'main', { ...message, ...wrong })).rejects.toThrow(RangeError);
  expect(calls).toEqual([]);
});
