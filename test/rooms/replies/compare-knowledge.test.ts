import { describe, expect, test } from '@jest/globals';
import { compareKnowledge, groupWithRoom, listOfKnowledge, ownGroup } from '../../../lib/replies/compare-knowledge.ts';
import { Faq } from '../../../lib/replies/faq.ts';

const faq = Faq.parse([{ id: 'returns', question: '怎么退货', similar: ['我要退货'], answer: { text: '七天内' } }]);
const groups = [
  { groupId: 'G0', name: '默认分组' },
  { groupId: 'G1', name: ownGroup(1) },
];
const item = {
  intentId: 'I1',
  groupId: 'G1',
  question: '怎么退货',
  similar: ['我要退货'],
  text: '七天内',
  attachments: [],
};
const steps = (...items: (typeof item | (Omit<typeof item, 'attachments'> & { attachments: string[] }))[]) =>
  compareKnowledge(faq, items, groups);

describe('an entry', () => {
  test('that WeCom has not is added, and one that it has as it is needs nothing', () => {
    expect(steps()).toMatchObject([{ do: 'add', id: 'returns', item: { question: '怎么退货' } }]);
    expect(steps(item)).toEqual([]);
  });

  test('that differs is changed in the parts that differ', () => {
    expect(steps({ ...item, text: '三天内' })).toMatchObject([
      { do: 'change', intentId: 'I1', parts: { answer: { text: '七天内' } } },
    ]);
    const [step] = steps({ ...item, similar: [] });
    expect(step).toMatchObject({ parts: { similar: ['我要退货'] } });
    expect(step && 'parts' in step && Object.keys(step.parts)).toEqual(['similar']);
  });

  test('whose answer has pictures in WeCom is left there, unless it is only other wordings that differ', () => {
    expect(steps({ ...item, text: '三天内', attachments: ['image'] })).toMatchObject([{ do: 'leave', id: 'returns' }]);
    expect(steps({ ...item, similar: [], attachments: ['image'] })).toMatchObject([{ do: 'change' }]);
  });

  test('whose question somebody else has is left, and one that came from there by its id is changed there', () => {
    const theirs = { ...item, groupId: 'G0', text: '三天内' };
    expect(steps(theirs)).toMatchObject([{ do: 'leave', problems: [expect.stringContaining('somebody else')] }]);
    expect(steps({ ...theirs, intentId: 'returns', question: '退货' })).toMatchObject([
      { do: 'change', intentId: 'returns', parts: { question: '怎么退货' } },
    ]);
  });
});

test('what the list has not is to be removed where it is ours, and is nobody’s business elsewhere', () => {
  const gone = { ...item, intentId: 'I2', question: '旧问题' };
  expect(steps(item, gone, { ...gone, intentId: 'I3', groupId: 'G0' })).toEqual([{ do: 'remove', intentId: 'I2' }]);
});

test('a new item goes where there is room: WeCom takes 200 in a group', () => {
  const full = Array.from({ length: 200 }, () => ({ groupId: 'G1' }));
  expect(groupWithRoom(groups, full.slice(1))).toEqual({ groupId: 'G1' });
  expect(groupWithRoom(groups, full)).toEqual({ name: ownGroup(2) });
  expect(groupWithRoom([], [])).toEqual({ name: ownGroup(1) });
});

test('WeCom’s items become entries; what does not come along is named', () => {
  const pictured = { ...item, intentId: 'I2', question: '营业时间', attachments: ['image'] };
  const { faq: read, left } = listOfKnowledge([item, pictured, { ...item, intentId: 'I3', text: '' }]);
  expect(read.map(({ id }) => id)).toEqual(['I1', 'I2']);
  expect(left).toMatchObject([{ intentId: 'I2' }, { intentId: 'I3', problems: ['its answer has no text'] }]);
});
