import { expect, test } from '@jest/globals';
import { wrongLines } from '../../support/log-lines.ts';

// Every journey holds its lines against this (test/support/yard.ts), so it has to say what is wrong when something is.

const news = { level: 'info', message: 'callback taken', service: 'receive-callback', app: 'main' };
const metric = {
  _aws: {
    Timestamp: 1_700_000_000_000,
    CloudWatchMetrics: [
      { Namespace: 'WeComConcierge/dev', Dimensions: [['app']], Metrics: [{ Name: 'ItemsPulled', Unit: 'Count' }] },
    ],
  },
  app: 'main',
  ItemsPulled: 3,
};
const wrong = (line: unknown) =>
  wrongLines([JSON.stringify(line)]).map((found) => found.slice(0, found.indexOf(': {')));

test('news, complaints in parts, stacks that are cut, metrics, and Lambda’s own words are right', () => {
  const complaint = { ...news, level: 'warn', message: 'WeCom refused a call', part: '1/2' };
  const lines = [news, complaint, { ...complaint, stack: 'at save…' }, metric].map((one) => JSON.stringify(one));
  const ofLambda = ['Task timed out after 5.00 seconds', 'Invoke Error {"errorType":"ScheduledRunFailed"}'];
  expect(wrongLines([...lines, ...ofLambda])).toEqual([]);
});

test.each([
  ['is too long', { ...news, reason: 'x'.repeat(300) }, ['397 bytes']],
  ['has a field that nobody allowed', { ...news, nickname: 'Zhang San' }, ['nickname is not allowed']],
  ['is news and goes on in a second line', { ...news, part: '1/2' }, ['news in several lines']],
  ['has an id that is cut', { ...news, conversationId: 'wk1:wm…' }, ['conversationId is cut']],
  ['counts by something that nobody allowed', { ...metric, customerId: 'wm1' }, ['customerId is not allowed']],
  ['counts what is no number', { ...metric, ItemsPulled: 'three' }, ['ItemsPulled is no number']],
])('a line that %s is told', (_, line, found) => {
  expect(wrong(line)).toEqual(found);
});

test('words that somebody printed are told', () => {
  expect(wrongLines(['the customer wrote: hello'])).toEqual([
    'neither a log line nor a metric: the customer wrote: hello',
  ]);
});
