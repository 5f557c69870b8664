import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalServer, listen, PortTaken } from '../../local/http-server.ts';
import { playDoor } from '../../local/play-door.ts';

let server: LocalServer;
beforeAll(async () => {
  const play = {
    functions: ['reconcile-contacts', 'sweep'].map((name) => ({ name, fullName: `wecom-concierge-dev-${name}` })),
    invoke: async (name: string, event: unknown) => {
      if (name === 'sweep') throw new Error('sweep: timed out');
      return Object(event).answer === 'nothing' ? undefined : { name, event };
    },
  };
  server = await listen(playDoor(play, (_, response) => response.end('the API')));
});
afterAll(() => server.stop());

async function ask(method: string, path: string, body?: string) {
  const response = await fetch(`${server.url}${path}`, { method, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text() };
}
const invoke = async (name: string, body?: string) => {
  const { status, text } = await ask('POST', `/_/invoke/${name}`, body);
  return { status, body: JSON.parse(text) };
};

test('a function is invoked with the event that is posted, or an empty one', async () => {
  const name = 'reconcile-contacts';
  expect(await invoke(name)).toEqual({ status: 200, body: { name, event: {} } });
  expect(await invoke(name, '{"a":1}')).toEqual({ status: 200, body: { name, event: { a: 1 } } });
  expect(await invoke(name, '{"answer":"nothing"}')).toEqual({ status: 200, body: null });
});

test('what cannot be invoked says why', async () => {
  expect(await invoke('nothing')).toMatchObject({ status: 404, body: { functions: ['reconcile-contacts', 'sweep'] } });
  expect(await invoke('sweep')).toEqual({ status: 502, body: { error: 'sweep: timed out' } });
  expect(await invoke('reconcile-contacts', '{')).toMatchObject({ status: 400 });
  expect(await ask('GET', '/_/invoke/sweep')).toMatchObject({ status: 405 });
});

test.each(['/admin/v1/teams', '/_/', '/_/invoke/', '/_/invoke/a/b'])('all else is the API’s: %s', async (path) => {
  expect(await ask('POST', path)).toEqual({ status: 200, text: 'the API' });
});

test('Lambda’s own Invoke finds a function by its name in the account, and none of another stage', async () => {
  const asLambda = (name: string, body = '{}') => ask('POST', `/2015-03-31/functions/${name}/invocations`, body);
  const { status, text } = await asLambda('wecom-concierge-dev-reconcile-contacts', '{"a":1}');
  expect({ status, body: JSON.parse(text) }).toEqual({
    status: 200,
    body: { name: 'reconcile-contacts', event: { a: 1 } },
  });
  expect(await asLambda('wecom-concierge-dev-nothing')).toMatchObject({ status: 404 });
  expect(await asLambda('wecom-concierge-prod-sweep')).toMatchObject({ status: 404 });
  const failed = await fetch(`${server.url}/2015-03-31/functions/wecom-concierge-dev-sweep/invocations`, {
    method: 'POST',
  });
  expect([failed.status, failed.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
});

test('a port that is taken is named with the mend', async () => {
  const port = Number(new URL(server.url).port);
  const second = listen((_, response) => response.end(), port);
  await expect(second).rejects.toThrow(PortTaken);
  await expect(second).rejects.toThrow(`PORT=${port + 1} npm start`);
});
