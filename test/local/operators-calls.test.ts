import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalServer, listen } from '../../local/http-server.ts';
import { lambdaDoor } from '../../local/lambda-door.ts';
import { createParameters } from '../../local/parameters.ts';
import { storedSettings } from '../../local/stored-settings.ts';
import { readTemplate } from '../../local/template.ts';

// What the operators' commands ask of AWS about functions and what they read.

const clock = { now: () => Date.UTC(2026, 0, 5, 4) };
const restarted: string[] = [];
let server: LocalServer;
beforeAll(async () => {
  const environment = { WECOM_SECRETS: 'ssm:/a', MODEL_SECRETS: '{"key":"PRIVATE"}' };
  const one = { name: 'sweep', fullName: 'stack-dev-sweep', description: 'Sweeps.', environment };
  const door = { functions: [one], clock, restart: (name: string) => void restarted.push(name) };
  server = await listen(lambdaDoor(door, (_, response) => response.end('the API')));
});
afterAll(() => server.stop());

async function ask(path: string, init?: RequestInit) {
  const response = await fetch(`${server.url}/2015-03-31/functions${path}`, init);
  return { status: response.status, error: response.headers.get('x-amzn-errortype'), text: await response.text() };
}

test('functions are listed with their settings, but for what a setting holds itself', async () => {
  const { text } = await ask('/?Marker=');
  expect(JSON.parse(text)).toEqual({
    Functions: [
      {
        FunctionName: 'stack-dev-sweep',
        Description: 'Sweeps.',
        LastModified: '2026-01-05T04:00:00.000+0000',
        Environment: { Variables: { WECOM_SECRETS: 'ssm:/a', MODEL_SECRETS: '{…}' } },
      },
    ],
  });
});

test('a function is restarted by a new description, and nothing else of it can be changed', async () => {
  const change = (name: string, body: object) =>
    ask(`/${name}/configuration`, { method: 'PUT', body: JSON.stringify(body) });
  expect(await change('stack-dev-sweep', { Timeout: 3 })).toMatchObject({ status: 400 });
  expect(await change('stack-dev-nothing', { Description: 'x' })).toMatchObject({
    status: 404,
    error: 'ResourceNotFoundException',
  });
  expect(restarted).toEqual([]);
  expect(await change('stack-dev-sweep', { Description: 'today' })).toMatchObject({ status: 200 });
  expect(JSON.parse((await ask('/stack-dev-sweep/configuration')).text)).toMatchObject({ Description: 'today' });
  expect(restarted).toEqual(['sweep']);
  expect((await ask('/a/b/c')).text).toBe('the API');
});

test('a parameter is written over only on request, and not beyond what it holds; every write is a version', () => {
  const store = createParameters({ '/a': 'first' }, clock);
  const put = (Value: string, more: object = {}) => store.handle('PutParameter', { Name: '/a', Value, ...more }).body;
  expect(put('second')).toMatchObject({ __type: 'ParameterAlreadyExists' });
  expect(put('x'.repeat(4097), { Overwrite: true })).toMatchObject({ __type: 'ValidationException' });
  expect(put('second', { Overwrite: true })).toMatchObject({ Version: 2 });
  expect(store.handle('GetParameter', { Name: '/a' }).body).toMatchObject({
    Parameter: { Value: 'second', Version: 2, LastModifiedDate: clock.now() / 1000 },
  });
});

test('a secret keeps the version before', () => {
  const store = createParameters({ a: 'first' }, clock);
  const get = (more: object = {}) => store.handle('GetSecretValue', { SecretId: 'a', ...more }).body;
  const { VersionId: first } = Object(get());
  expect(get({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({ __type: 'ResourceNotFoundException' });
  store.handle('PutSecretValue', { SecretId: 'a', SecretString: 'second' });
  expect(get()).toMatchObject({ SecretString: 'second' });
  expect(get({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'first', VersionId: first });
  expect(store.handle('PutSecretValue', { SecretId: 'b', SecretString: 'x' }).status).toBe(400);
});

test('a text is kept where the template’s functions look for it', () => {
  const reads = (setting: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Environment: { Variables: { WECOM_SECRETS: setting } } },
  });
  const template = (setting: string) => readTemplate({ Resources: { One: reads(setting) } });
  const stored = { WECOM_SECRETS: '{}' };
  expect(storedSettings(template('ssm:/stack/wecom'), stored)).toEqual({ '/stack/wecom': '{}' });
  expect(storedSettings(template('secretsmanager:stack/wecom'), stored)).toEqual({ 'stack/wecom': '{}' });
  expect(() => storedSettings(template('{}'), stored)).toThrow('No function reads WECOM_SECRETS');
});
