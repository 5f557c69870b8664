import { expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type HttpRequest, httpDoor } from '../../../lib/platform/http-door.ts';
import { anHttpEvent } from './http-event.ts';

/** What the use is handed for an event. */
async function requestOf(event: APIGatewayProxyEventV2): Promise<HttpRequest | undefined> {
  let seen: HttpRequest | undefined;
  await httpDoor(async (request) => {
    seen = request;
    return { status: 200 };
  })(event);
  return seen;
}

test('a request is its method, path, parameters and bytes', async () => {
  const event = anHttpEvent({ method: 'post', query: 'a=1&b=2', body: 'über' });
  expect(await requestOf(event)).toMatchObject({
    method: 'POST',
    path: '/wecom/callbacks/main',
    domain: 'example.org',
    params: { app: 'main' },
    query: { a: '1', b: '2' },
    headers: { host: 'example.org' },
    body: Buffer.from('über'),
  });
});

test('cookies, which the gateway keeps apart, are one header again', async () => {
  const request = await requestOf({ ...anHttpEvent({}), cookies: ['a=1', 'b=2'] });
  expect(request?.headers).toEqual({ host: 'example.org', 'content-type': 'text/xml', cookie: 'a=1; b=2' });
});

test('a body in Base64 is the same bytes', async () => {
  const request = await requestOf(
    anHttpEvent({ method: 'POST', body: Buffer.from('über').toString('base64'), base64: true }),
  );
  expect(request?.body).toEqual(Buffer.from('über'));
});

test.each([
  ['a%2Bb%2Fc%3D%3D', 'a+b/c=='],
  ['a+b', 'a+b'],
  ['a%20b', 'a b'],
  ['a%252Bb', 'a%2Bb'],
  ['a=b=', 'a=b='],
  ['%E5%AE%A2', '客'],
  ['', ''],
])('a parameter is decoded exactly once: %s', async (raw, value) => {
  expect((await requestOf(anHttpEvent({ query: `x=1&p=${raw}` })))?.query.p).toBe(value);
});

test('a broken escape leaves its parameter out, the first of two counts, and no name reaches a prototype', async () => {
  const query = (await requestOf(anHttpEvent({ query: 'p=%E0%A4%A&q=1&q=2&__proto__=x&&=' })))?.query;
  expect([query?.p, query?.q, query?.constructor]).toEqual([undefined, '1', undefined]);
  expect(Object('').x).toBeUndefined();
});

test('a HEAD request is answered like a GET, without the body', async () => {
  const door = httpDoor(async ({ method }) => ({ status: 404, headers: { 'x-method': method }, body: 'b' }));
  expect(await door(anHttpEvent({ method: 'HEAD' }))).toEqual({
    statusCode: 404,
    headers: { 'content-type': 'text/plain', 'x-method': 'HEAD' },
    body: '',
  });
});

test('an answer is text unless it says otherwise', async () => {
  const door = (headers?: Record<string, string>) =>
    httpDoor(async () => ({ status: 201, ...(headers && { headers }), body: 'b' }));
  const json = { 'content-type': 'application/json' };
  expect(await door()(anHttpEvent({}))).toEqual({
    statusCode: 201,
    headers: { 'content-type': 'text/plain' },
    body: 'b',
  });
  expect(await door(json)(anHttpEvent({}))).toEqual({ statusCode: 201, headers: json, body: 'b' });
});

test('bytes travel in Base64', async () => {
  const png = { 'content-type': 'image/png' };
  const bytes = Uint8Array.of(0x89, 0x50, 0, 0xff);
  const door = httpDoor(async () => ({ status: 200, headers: png, bytes }));
  const body = Buffer.from(bytes).toString('base64');
  expect(await door(anHttpEvent({}))).toEqual({ statusCode: 200, headers: png, body, isBase64Encoded: true });
});

test('the domain is the gateway’s word, not the caller’s header', async () => {
  const event = anHttpEvent({});
  const forged = { ...event, headers: { ...event.headers, Host: 'evil.example', 'x-forwarded-host': 'evil.example' } };
  expect((await requestOf(forged))?.domain).toBe('example.org');
});

test('an error nobody expected is a 500 without a word', async () => {
  const failed = { statusCode: 500, headers: { 'content-type': 'text/plain' }, body: '' };
  const door = httpDoor(() => Promise.reject(new Error('PRIVATE')));
  expect(await door(anHttpEvent({}))).toEqual(failed);
  const broken: APIGatewayProxyEventV2 = JSON.parse('{}');
  expect(await door(broken)).toEqual(failed);
});
