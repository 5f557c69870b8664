import { expect, test } from '@jest/globals';
import { type Limits, remember } from '../../../lib/platform/remember.ts';

/** A memory of 10 ms, and what was really read. */
function memory(
  limits: Limits<string | undefined> = {},
  answer = async (key: string): Promise<string | undefined> => key,
) {
  const read: string[] = [];
  let now = 0;
  const recall = remember(
    10,
    () => now,
    (key) => {
      read.push(key);
      return answer(key);
    },
    limits,
  );
  return {
    read,
    recall,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test('what was read is not read again until its time is over', async () => {
  const { read, recall, wait } = memory();
  await recall('a');
  wait(9);
  expect(await recall('a')).toBe('a');
  expect(read).toEqual(['a']);
  wait(1);
  await recall('a');
  expect(read).toEqual(['a', 'a']);
});

test('who asks while it is being read gets the same answer', async () => {
  const { read, recall } = memory();
  expect(await Promise.all([recall('a'), recall('a')])).toEqual(['a', 'a']);
  expect(read).toEqual(['a']);
});

test('a read that failed is made again', async () => {
  let fails = true;
  const { read, recall } = memory({}, async (key) => {
    if (fails) throw new Error('no answer');
    return key;
  });
  await expect(recall('a')).rejects.toThrow('no answer');
  fails = false;
  expect(await recall('a')).toBe('a');
  expect(read).toEqual(['a', 'a']);
});

test('what is not worth keeping is read again', async () => {
  let found: string | undefined;
  const { read, recall } = memory({ keep: (value) => value !== undefined }, async () => found);
  expect(await recall('a')).toBeUndefined();
  found = 'there';
  expect([await recall('a'), await recall('a')]).toEqual(['there', 'there']);
  expect(read).toEqual(['a', 'a']);
});

test('of more keys than it may keep, it forgets those that it read first', async () => {
  const { read, recall, wait } = memory({ most: 2 });
  for (const key of ['a', 'b']) await recall(key);
  wait(10);
  // Read again, a is younger than b.
  for (const key of ['a', 'c', 'a', 'b']) await recall(key);
  expect(read).toEqual(['a', 'b', 'a', 'c', 'b']);
});
