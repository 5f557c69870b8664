import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type KnowledgeItem, validateGroups } from '../../../lib/wecom/knowledge.ts';
import { type KnowledgeApi, knowledgeApi } from '../../../lib/wecom/knowledge-api.ts';
import { aProcess, movingClock, type StandIn, startStandIn, token } from './stand-in.ts';

let wecom: StandIn;
let knowledge: KnowledgeApi;
beforeEach(async () => {
  wecom = await startStandIn();
  knowledge = knowledgeApi(aProcess({ url: wecom.url, ...movingClock() }).api, 'main');
});
afterEach(() => wecom.stop());

const caught = (error: unknown): unknown => error;
function answer(...bodies: object[]): void {
  let asked = 0;
  wecom.answer = (call) => {
    if (call.path.endsWith('gettoken')) return token(1);
    return { errcode: 0, errmsg: 'ok', ...bodies[Math.min(asked++, bodies.length - 1)] };
  };
}
const sent = () =>
  wecom.received
    .filter(({ path }) => !path.endsWith('gettoken'))
    .map(({ path, body }) => [path.replace('/cgi-bin/kf/knowledge/', ''), body]);

const item: KnowledgeItem = {
  question: '怎么退货',
  similar: ['我要退货', '可以退吗'],
  answer: { text: '七天内', attachments: [{ type: 'link', title: '退货', url: 'https://example.com' }] },
};
const words = (content: string) => ({ text: { content } });

describe('groups', () => {
  test('are made, renamed and deleted', async () => {
    answer({ group_id: 'G1' });
    expect(await knowledge.addGroup('售后')).toBe('G1');
    await knowledge.renameGroup('G1', '退换货');
    await knowledge.deleteGroup('G1');
    expect(sent()).toEqual([
      ['add_group', { name: '售后' }],
      ['mod_group', { group_id: 'G1', name: '退换货' }],
      ['del_group', { group_id: 'G1' }],
    ]);
  });

  test('are listed to the last page, through an empty one', async () => {
    answer(
      { group_list: [{ group_id: 'G0', name: '默认分组', is_default: 1 }], has_more: 1, next_cursor: 'A' },
      { has_more: 1, next_cursor: 'B' },
      { group_list: [{ group_id: 'G1', name: '售后', is_default: 0 }], has_more: 0, next_cursor: 'C' },
    );
    expect(await knowledge.listGroups()).toEqual([
      { groupId: 'G0', name: '默认分组', isDefault: true },
      { groupId: 'G1', name: '售后', isDefault: false },
    ]);
    expect(sent()).toEqual([
      ['list_group', { limit: 1000 }],
      ['list_group', { limit: 1000, cursor: 'A' }],
      ['list_group', { limit: 1000, cursor: 'B' }],
    ]);
  });
});

describe('questions', () => {
  test('are added with what is beside them', async () => {
    answer({ intent_id: 'I1' });
    expect(await knowledge.addItem('G1', item)).toBe('I1');
    expect(sent()).toEqual([
      [
        'add_intent',
        {
          group_id: 'G1',
          question: words('怎么退货'),
          similar_questions: { items: [words('我要退货'), words('可以退吗')] },
          answers: [
            {
              ...words('七天内'),
              attachments: [{ msgtype: 'link', link: { title: '退货', url: 'https://example.com' } }],
            },
          ],
        },
      ],
    ]);
  });

  test('carry pictures, films and mini programs by their media ids', async () => {
    answer({});
    const text = 'x';
    await knowledge.changeItem('I1', {
      answer: {
        text,
        attachments: [
          { type: 'image', mediaId: 'M1' },
          { type: 'video', mediaId: 'M2' },
          { type: 'miniprogram', title: 't', thumbMediaId: 'M3', appId: 'wx1', pagePath: 'a.html' },
        ],
      },
    });
    expect(sent()).toEqual([
      [
        'mod_intent',
        {
          intent_id: 'I1',
          answers: [
            {
              ...words(text),
              attachments: [
                { msgtype: 'image', image: { media_id: 'M1' } },
                { msgtype: 'video', video: { media_id: 'M2' } },
                {
                  msgtype: 'miniprogram',
                  miniprogram: { title: 't', thumb_media_id: 'M3', appid: 'wx1', pagepath: 'a.html' },
                },
              ],
            },
          ],
        },
      ],
    ]);
  });

  test('are changed in the parts that are given only, and deleted', async () => {
    answer({});
    await knowledge.changeItem('I1', { similar: [] });
    await knowledge.deleteItem('I1');
    expect(sent()).toEqual([
      ['mod_intent', { intent_id: 'I1', similar_questions: { items: [] } }],
      ['del_intent', { intent_id: 'I1' }],
    ]);
  });

  test('are read as WeCom’s table has them and as its sample has them, pictures by their kind only', async () => {
    const similar_questions = { items: [words('我要退货')] };
    const answers = [{ ...words('七天内'), attachments: [{ msgtype: 'image', image: { name: 'a.png' } }] }];
    answer({
      intent_list: [
        { group_id: 'G1', intent_id: 'I1', question: words('怎么退货'), similar_questions, answers },
        { group_id: 'G1', intent_id: 'I2', question: { ...words('怎么换货'), similar_questions, answers } },
        { group_id: 'G1', intent_id: 'I3', question: words('营业时间') },
      ],
      has_more: 0,
    });
    const read = { groupId: 'G1', similar: ['我要退货'], text: '七天内', attachments: ['image'] };
    expect(await knowledge.listItems('G1')).toEqual([
      { ...read, intentId: 'I1', question: '怎么退货' },
      { ...read, intentId: 'I2', question: '怎么换货' },
      { groupId: 'G1', intentId: 'I3', question: '营业时间', similar: [], text: '', attachments: [] },
    ]);
    expect(sent()).toEqual([['list_intent', { limit: 1000, group_id: 'G1' }]]);
  });

  test('of all groups are listed to the last page', async () => {
    const page = (intent_id: string) => [{ group_id: 'G', intent_id, question: words('x') }];
    answer({ intent_list: page('I1'), next_cursor: 'N' }, { intent_list: page('I2'), next_cursor: '' });
    expect((await knowledge.listItems()).map(({ intentId }) => intentId)).toEqual(['I1', 'I2']);
    expect(sent()).toEqual([
      ['list_intent', { limit: 1000 }],
      ['list_intent', { limit: 1000, cursor: 'N' }],
    ]);
  });
});

describe('what WeCom would refuse is refused before it is called', () => {
  test.each([
    ['a group without a name', () => knowledge.addGroup(' '), 'name is empty'],
    [
      'a long name',
      () => knowledge.renameGroup('G', '售'.repeat(13)),
      'name has 13 characters, at most 12 are allowed',
    ],
    ['no question', () => knowledge.addItem('G', { ...item, question: '' }), 'question is empty'],
    [
      'a long question',
      () => knowledge.addItem('G', { ...item, question: '退'.repeat(201) }),
      'question has 201 characters, at most 200 are allowed',
    ],
    [
      'a long similar question',
      () => knowledge.changeItem('I', { similar: ['退', '退'.repeat(201)] }),
      'similar question 2 has 201 characters, at most 200 are allowed',
    ],
    [
      'many similar questions',
      () => knowledge.changeItem('I', { similar: Array.from({ length: 101 }, () => '退') }),
      'has 101 similar questions, at most 100 are allowed',
    ],
    [
      'a long answer',
      () => knowledge.changeItem('I', { answer: { text: '退'.repeat(501), attachments: [] } }),
      'answer has 501 characters, at most 500 are allowed',
    ],
    [
      'many attachments',
      () =>
        knowledge.addItem('G', {
          ...item,
          answer: {
            text: 'x',
            attachments: Array.from({ length: 5 }, () => ({ type: 'image' as const, mediaId: 'M' })),
          },
        }),
      'has 5 attachments, at most 4 are allowed',
    ],
    ['no change', () => knowledge.changeItem('I', {}), 'nothing is to be changed'],
  ])('%s', async (_, ask, problem) => {
    expect(await ask().catch(caught)).toMatchObject({ name: 'KnowledgeError', problems: [problem] });
    expect(wecom.received).toEqual([]);
  });

  test('the largest that is allowed is sent', async () => {
    answer({ intent_id: 'I', group_id: 'G' });
    await knowledge.addGroup('售'.repeat(12));
    const similar = Array.from({ length: 100 }, () => '退'.repeat(200));
    const attachments = Array.from({ length: 4 }, () => ({ type: 'image' as const, mediaId: 'M' }));
    await knowledge.addItem('G', {
      question: '退'.repeat(200),
      similar,
      answer: { text: '退'.repeat(500), attachments },
    });
    expect(sent()).toHaveLength(2);
  });

  test('WeCom’s own refusals come through', async () => {
    answer({ errcode: 48002, errmsg: 'api forbidden' });
    expect(await knowledge.listGroups().catch(caught)).toMatchObject({ name: 'WeComError', errcode: 48002 });
  });
});

describe('a whole knowledge base', () => {
  const group = (name: string, ...questions: string[]) => ({
    name,
    items: questions.map((question) => ({ question })),
  });

  test('may have a hundred groups of two hundred questions', () => {
    const groups = Array.from({ length: 100 }, (_, g) =>
      group(`g${g}`, ...Array.from({ length: 200 }, (_, q) => `${g} ${q}`)),
    );
    expect(validateGroups(groups)).toEqual([]);
    expect(validateGroups([...groups, group('more')])).toEqual(['has 101 groups, at most 100 are allowed']);
  });

  test('has every group name and every question once, and no group too full', () => {
    const full = Array.from({ length: 201 }, (_, q) => `q${q}`);
    expect(validateGroups([group('a', 'x', 'x'), group('a', 'x'), group('b', ...full)])).toEqual([
      'group 1: question 2 is there already; it may be in one group only',
      'group 2: another group has this name',
      'group 2: question 1 is there already; it may be in one group only',
      'group 3: has 201 questions, at most 200 are allowed',
    ]);
  });
});
