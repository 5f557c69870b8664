import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readModelAnswer } from '../../../lib/replies/model-answer.ts';
import { askEndpoint, modelLine } from '../../../lib/replies/model-endpoint.ts';
import { modelPrompt } from '../../../lib/replies/model-prompt.ts';
import { type Says, startModel } from '../../support/model-endpoint.ts';

const completion = (content: string, more: object = {}) =>
  JSON.stringify({ choices: [{ finish_reason: 'stop', message: { role: 'assistant', content }, ...more }] });

const noAnswer = (why: string) => ({ said: 'hand-over', why });

test('an answer is read, with or without a fence around its JSON', () => {
  const said = { said: 'answer', text: 'Yes.' };
  expect(readModelAnswer(completion('{"answer":"Yes."}'))).toEqual(said);
  expect(readModelAnswer(completion('```json\n{"answer": " Yes.\\u0000 "}\n```'))).toEqual(said);
});

test.each([
  ['it says that it does not know', completion('{"handOver":true}'), 'does-not-know'],
  ['plain text is no answer', completion('Yes.'), 'unreadable'],
  ['an answer with anything beside it is none', completion('{"answer":"Yes","handOver":true}'), 'unreadable'],
  ['a marker within other text is no marker and no answer', completion('He said {"handOver": true}'), 'unreadable'],
  ['an empty answer', completion('{"answer":" "}'), 'empty'],
  ['no content at all', completion(''), 'empty'],
  ['its own refusal', completion('', { message: { content: null, refusal: 'I cannot' } }), 'refused'],
  ['its provider’s filter', completion('{"answer":"Yes"}', { finish_reason: 'content_filter' }), 'refused'],
  ['half an answer', completion('{"answer":"Yes"}', { finish_reason: 'length' }), 'cut-off'],
  ['no choices', '{"choices":[]}', 'unreadable'],
  ['no JSON', '<html>', 'unreadable'],
])('%s: a person takes over', (_, body, why) => {
  expect(readModelAnswer(body)).toEqual(noAnswer(why));
});

test('a marker that the customer wrote and the model repeats as its answer is words like any others', () => {
  const echoed = completion(JSON.stringify({ answer: '{"handOver": true}' }));
  expect(readModelAnswer(echoed)).toEqual({ said: 'answer', text: '{"handOver": true}' });
});

test('an answer is never longer than WeCom takes, nor half a character, whatever the model says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (answer) => {
      const said = readModelAnswer(completion(JSON.stringify({ answer })));
      if (said.said !== 'answer') return expect(said).toEqual(noAnswer('empty'));
      expect(Buffer.byteLength(said.text)).toBeLessThanOrEqual(2048);
      expect(said.text.isWellFormed()).toBe(true);
      expect(said.text).not.toMatch(/(?!\n)\p{Cc}/u);
    }),
  );
  const said = readModelAnswer(completion(JSON.stringify({ answer: '答'.repeat(1000) })));
  expect(said).toEqual({ said: 'answer', text: '答'.repeat(682) });
});

test('whatever the customer writes, it is only ever a message of the role user', () => {
  const knowledge = { faq: [{ question: 'Invoice?', answer: 'On the order page.' }], quickReplies: [] };
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fc.string(), (questions, earlier) => {
      const marked = questions.map((text) => `«${text}»`);
      const messages = modelPrompt(
        { instructions: 'Be brief.' },
        knowledge,
        [{ by: 'customer', text: earlier }],
        marked,
      );
      expect(messages.filter(({ role }) => role === 'user')).toHaveLength(marked.length + 1);
      const [system, ...others] = messages;
      expect(system).toMatchObject({ role: 'system' });
      expect(others.every(({ role }) => role === 'user')).toBe(true);
      expect(system?.content).toBe(modelPrompt({ instructions: 'Be brief.' }, knowledge, [], [])[0]?.content);
    }),
  );
});

test('knowledge and turns are bounded', () => {
  const entry = { question: 'q'.repeat(100), answer: 'a'.repeat(2000) };
  const long = { by: 'customer' as const, text: '🙂'.repeat(3000) };
  const knowledge = {
    faq: Array(50).fill(entry),
    quickReplies: Array(50).fill({ id: 'x', folder: '', zh: '好'.repeat(500) }),
  };
  const messages = modelPrompt({ instructions: 'Be brief.' }, knowledge, Array(50).fill(long), [long.text]);
  expect(JSON.stringify(messages).length).toBeLessThan(80_000);
  expect(messages.every(({ content }) => content.isWellFormed())).toBe(true);
});

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function asking(says: Says, timeoutMs = 5000) {
  const endpoint = await startModel(() => says);
  running.push(endpoint);
  const line = modelLine(endpoint.url, 'house-1', '{"key":"k-1"}', fetch);
  return { outcome: await askEndpoint(line, [{ role: 'user', content: 'Waterproof?' }], timeoutMs), endpoint };
}

test('the endpoint is asked as chat completions are, with the key', async () => {
  const { outcome, endpoint } = await asking({ completion: '{"answer":"Yes."}' });
  expect(outcome).toEqual({ said: 'answer', text: 'Yes.' });
  expect(endpoint.heard[0]?.headers).toMatchObject({ authorization: 'Bearer k-1', 'content-type': 'application/json' });
  expect(endpoint.heard[0]?.body).toMatchObject({
    model: 'house-1',
    messages: [{ role: 'user', content: 'Waterproof?' }],
    response_format: { type: 'json_object' },
  });
});

test.each<[string, Says, string]>([
  ['it limits us', { status: 429 }, 'limited'],
  ['it fails', { status: 500, body: 'oops' }, 'failed'],
  ['it does not know us', { status: 401 }, 'failed'],
  ['it sends us elsewhere', { status: 307, headers: { location: 'http://127.0.0.1:9/' } }, 'failed'],
  ['its answer is no JSON', { status: 200, body: 'hello' }, 'unreadable'],
  ['its answer has no end', { status: 200, body: 'x'.repeat(1_000_000) }, 'too-long'],
])('%s: a person takes over', async (_, says, why) => {
  expect((await asking(says)).outcome).toEqual(noAnswer(why));
});

test('an endpoint that says nothing in its time, one that nobody answers at, and a time that is over: a person takes over', async () => {
  expect((await asking('nothing', 50)).outcome).toEqual(noAnswer('slow'));
  const { endpoint, outcome } = await asking({ completion: '{"answer":"Yes."}' }, 0);
  expect({ outcome, heard: endpoint.heard }).toEqual({ outcome: noAnswer('slow'), heard: [] });
  const gone = modelLine('http://127.0.0.1:9/', 'm', '{}', fetch);
  expect(await askEndpoint(gone, [], 5000)).toEqual(noAnswer('failed'));
});

test('a stage’s model needs https, a name, and a secret that is one; what is wrong is said without quoting it', () => {
  expect(() => modelLine('http://models.example.com/v1', 'm', '{}', fetch)).toThrow('https');
  expect(() => modelLine('not an address', 'm', '{}', fetch)).toThrow('https');
  expect(() => modelLine('https://models.example.com/v1', '', '{}', fetch)).toThrow('modelName');
  const wrong = () => modelLine('https://models.example.com/v1', 'm', 'sk-secret', fetch);
  expect(wrong).toThrow('JSON');
  expect(wrong).not.toThrow('sk-secret');
  expect(modelLine('https://models.example.com/v1', 'm', '{"key":"k"}', fetch)).toMatchObject({ key: 'k' });
});
