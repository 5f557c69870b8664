import { describe, expect, test } from '@jest/globals';
import type { HttpRequest } from '../../../lib/platform/http-door.ts';
import { LARGEST_BODY, readToleranceSeconds } from '../../../lib/wecom/callback.ts';
import { readAesKey, signatureOf } from '../../../lib/wecom/callback-crypto.ts';
import { fingerprintOf } from '../../../lib/wecom/secrets.ts';
import {
  aCallbackRoom,
  aGet,
  anEvent,
  aPost,
  aRequest,
  CORP,
  envelope,
  KF_NEWS,
  NEW,
  NOON,
  OLD,
  REFUSED,
  sealed,
  vector,
  vectors,
} from './callback-samples.ts';

const ECHO = '1616140317555161061';
const echoed = { status: 200, headers: { 'content-type': 'text/plain' }, body: ECHO };
const SUCCESS = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' };

/** The secrets of an endpoint that a published vector was made for. */
const secretsOf = ({ token, encodingAesKey, receiveId }: ReturnType<typeof vector>) => {
  return { corpId: receiveId, apps: { main: { callbacks: [{ token, encodingAesKey }] } } };
};

/** What a pair is called in reports. */
const nameOf = ({ encodingAesKey }: typeof OLD) => fingerprintOf(readAesKey(encodingAesKey));

const queryOf = ({ timestamp, nonce, signature }: ReturnType<typeof vector>) => {
  return { timestamp, nonce, msg_signature: signature };
};

describe('GET proves that the address is ours', () => {
  test('the answer is the echo and nothing else', async () => {
    const { handle, sent, reports } = aCallbackRoom();
    expect(await handle(aGet(ECHO))).toEqual(echoed);
    expect(sent).toEqual([]);
    expect(reports).toEqual([
      { outcome: 'echoed', app: 'main', kind: 'url-verification', credential: nameOf(OLD), ms: 0 },
    ]);
  });

  test.each(['A', 'F', 'G', 'I'])('published vector %s is answered', async (id) => {
    const published = vector(id);
    const { handle } = aCallbackRoom({ secrets: secretsOf(published), toleranceSeconds: 0 });
    const answer = await handle(aRequest('GET', { ...queryOf(published), echostr: published.encrypted }, ''));
    expect(answer.body).toBe(published.message);
  });

  test('it works before the app has a secret', async () => {
    const { handle } = aCallbackRoom();
    expect(await handle(aGet(ECHO, { app: 'fresh', credential: NEW }))).toEqual(echoed);
  });

  test('it works while the queue does not', async () => {
    const { handle } = aCallbackRoom({ queue: () => Promise.reject(new Error('down')) });
    expect(await handle(aGet(ECHO))).toEqual(echoed);
  });

  test('an echo whose + became a space is repaired', async () => {
    const published = vector('A');
    expect(published.encrypted).toContain('+');
    const { handle } = aCallbackRoom({ secrets: secretsOf(published), toleranceSeconds: 0 });
    const echostr = published.encrypted.replaceAll('+', ' ');
    expect(await handle(aRequest('GET', { ...queryOf(published), echostr }, ''))).toEqual(echoed);
  });

  test.each([KF_NEWS, '{"MsgType":"text","Content":"hello"}'])(
    'a message is not decrypted for whoever asks',
    async (message) => {
      const { handle, reports } = aCallbackRoom();
      expect(await handle(aGet(message))).toEqual(REFUSED);
      expect(reports).toMatchObject([{ outcome: 'refused', reason: 'not-an-echo' }]);
    },
  );
});

describe('POST brings news', () => {
  test('it is answered once the queue has taken it', async () => {
    let taken: () => void = () => undefined;
    const queue = () => new Promise<void>((resolve) => (taken = resolve));
    const { handle, sent, reports } = aCallbackRoom({ queue });
    let answered = false;
    const answer = handle(aPost(KF_NEWS)).finally(() => (answered = true));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    taken();
    expect(await answer).toEqual(SUCCESS);
    expect(sent).toMatchObject([
      { queue: 'signals', group: 'wkSUPPORT', body: { openKfId: 'wkSUPPORT', app: 'main' } },
    ]);
    expect(reports).toEqual([
      { outcome: 'queued', app: 'main', kind: 'kf_msg_or_event', credential: nameOf(OLD), ms: 0 },
    ]);
  });

  test('when the queue refuses, WeCom is asked to come again', async () => {
    const error = new Error('down');
    const { handle, reports } = aCallbackRoom({ queue: () => Promise.reject(error) });
    expect(await handle(aPost(KF_NEWS))).toEqual({ status: 500 });
    expect(reports).toMatchObject([{ outcome: 'not-queued', kind: 'kf_msg_or_event', error }]);
  });

  test('every delivery is queued, also a repeat: the queue wakes, and wakes are harmless', async () => {
    const { handle, sent } = aCallbackRoom();
    const request = aPost(KF_NEWS);
    await handle(request);
    await handle(request);
    expect(sent).toHaveLength(2);
  });

  test('a source that shares an app’s secret signals for that app', async () => {
    const { handle, sent, reports } = aCallbackRoom();
    await handle(aPost(KF_NEWS, { app: 'kf' }));
    expect(sent).toMatchObject([{ body: { app: 'main' } }]);
    expect(reports).toMatchObject([{ outcome: 'queued', app: 'kf' }]);
  });

  test('a customer’s event goes to the contacts', async () => {
    const { handle, sent } = aCallbackRoom();
    await handle(aPost(anEvent('change_external_contact', { UserID: 'lisi', ExternalUserID: 'woX' })));
    expect(sent).toMatchObject([{ queue: 'contacts', group: 'woX' }]);
  });

  test.each([['enter_agent'], ['a_kind_of_tomorrow']])(
    'a kind that we do not know is acknowledged: %s',
    async (event) => {
      const { handle, sent, reports } = aCallbackRoom();
      expect(await handle(aPost(anEvent(event)))).toEqual(SUCCESS);
      expect(sent).toEqual([]);
      expect(reports).toEqual([{ outcome: 'ignored', app: 'main', kind: event, credential: nameOf(OLD), ms: 0 }]);
    },
  );

  test.each(['B', 'C', 'H', 'J'])('published vector %s is acknowledged', async (id) => {
    const published = vector(id);
    const { handle, reports } = aCallbackRoom({ secrets: secretsOf(published), toleranceSeconds: 0 });
    expect(await handle(aRequest('POST', queryOf(published), envelope(published.encrypted)))).toEqual(SUCCESS);
    expect(reports).toMatchObject([{ outcome: 'ignored', kind: 'text' }]);
  });

  test('published vector E, whose message is broken JSON, is refused', async () => {
    const published = vector('E');
    const { handle, reports } = aCallbackRoom({ secrets: secretsOf(published), toleranceSeconds: 0 });
    expect(await handle(aRequest('POST', queryOf(published), envelope(published.encrypted)))).toEqual(REFUSED);
    expect(reports).toMatchObject([{ reason: 'not-xml' }]);
  });

  const { encrypted, ...query } = sealed(KF_NEWS);
  test.each([
    ['as CDATA', envelope(encrypted)],
    ['as plain text', `<xml><Encrypt>${encrypted}</Encrypt></xml>`],
    ['first', `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><AgentID>218</AgentID></xml>`],
    ['last', `<xml><AgentID><![CDATA[]]></AgentID><ToUserName>x</ToUserName><Encrypt>${encrypted}</Encrypt></xml>`],
    ['with lines around it', `<xml>\r\n<Encrypt><![CDATA[\n${encrypted}\n]]></Encrypt>\r\n</xml>`],
    ['with spaces for plus signs', envelope(encrypted.replaceAll('+', ' '))],
    ['as JSON', JSON.stringify({ tousername: CORP, encrypt: encrypted, agentid: '218' })],
    ['as JSON with capital letters', JSON.stringify({ ToUserName: CORP, Encrypt: encrypted, AgentID: 218 })],
  ])('Encrypt is found %s', async (_, body) => {
    const { handle, sent } = aCallbackRoom();
    expect(await handle(aRequest('POST', query, body))).toEqual(SUCCESS);
    expect(sent).toHaveLength(1);
  });
});

describe('credentials', () => {
  test.each([
    ['old', OLD],
    ['new', NEW],
  ])('both of a source are valid, and the one that matched is reported: %s', async (_, credential) => {
    const { handle, reports } = aCallbackRoom();
    expect(await handle(aGet(ECHO, { credential }))).toEqual(echoed);
    expect(await handle(aPost(KF_NEWS, { credential }))).toEqual(SUCCESS);
    expect(reports.map((report) => report.credential)).toEqual([nameOf(credential), nameOf(credential)]);
  });

  test('two that share a token are told apart by their keys', async () => {
    const { handle, reports } = aCallbackRoom();
    expect(await handle(aGet(ECHO, { app: 'same-token' }))).toEqual(echoed);
    expect(await handle(aGet(ECHO, { app: 'same-token', credential: { ...NEW, token: OLD.token } }))).toEqual(echoed);
    expect(reports.map((report) => report.credential)).toEqual([nameOf(OLD), nameOf(NEW)]);
  });

  test('those of another source are not valid', async () => {
    const { handle, reports } = aCallbackRoom();
    expect(await handle(aGet(ECHO, { app: 'fresh', credential: OLD }))).toEqual(REFUSED);
    expect(reports).toMatchObject([{ app: 'fresh', reason: 'bad-signature' }]);
  });

  test.each(['wwsuite', ''])('a source takes what is meant for any of its receive ids: "%s"', async (receiveId) => {
    const { handle } = aCallbackRoom();
    expect(await handle(aGet(ECHO, { app: 'suite', receiveId }))).toEqual(echoed);
  });
});

describe('the timestamp', () => {
  const at = (seconds: number) => aGet(ECHO, { timestamp: String(NOON / 1000 + seconds) });

  test.each([-600, 0, 600])('%i seconds from now is on time', async (seconds) => {
    const { handle } = aCallbackRoom();
    expect(await handle(at(seconds))).toEqual(echoed);
  });

  test.each([-601, 601, -100_000])('%i seconds from now is stale', async (seconds) => {
    const { handle, reports } = aCallbackRoom();
    expect(await handle(at(seconds))).toEqual(REFUSED);
    expect(reports).toMatchObject([{ reason: 'stale' }]);
  });

  test.each([-100_000, 100_000])('with a tolerance of 0 any is on time: %i', async (seconds) => {
    const { handle } = aCallbackRoom({ toleranceSeconds: 0 });
    expect(await handle(at(seconds))).toEqual(echoed);
  });

  test('with a tolerance of 0 its form does not matter either', async () => {
    const { handle } = aCallbackRoom({ toleranceSeconds: 0 });
    for (const timestamp of ['1', '1409659589000'])
      expect(await handle(aGet('echo', { timestamp }))).toMatchObject({ body: 'echo' });
  });

  test('digits cannot be moved between the timestamp and the nonce, although the signature stays the same', async () => {
    const published = vector('A');
    const moved = { timestamp: `${published.timestamp}2`, nonce: published.nonce.slice(1) };
    expect(published.nonce.startsWith('2')).toBe(true);
    const { token, encrypted, signature } = published;
    expect(signatureOf(token, moved.timestamp, moved.nonce, encrypted)).toBe(signature);

    // Where the time counts; with the check off there is nothing to be gained by moving them.
    const { handle, reports } = aCallbackRoom({ secrets: secretsOf(published), toleranceSeconds: 600 });
    expect(await handle(aRequest('GET', { ...moved, msg_signature: signature, echostr: encrypted }, ''))).toEqual(
      REFUSED,
    );
    expect(reports).toMatchObject([{ reason: 'missing-parameters' }]);
  });

  test('the setting is a whole number', () => {
    expect(['0', '600'].map(readToleranceSeconds)).toEqual([0, 600]);
    for (const wrong of ['', '-1', '1.5', 'ten'])
      expect(() => readToleranceSeconds(wrong)).toThrow('CALLBACK_TOLERANCE');
  });
});

describe('refused', () => {
  const { encrypted, ...query } = sealed(KF_NEWS);
  const post = (changes: Record<string, string>, body: string | Buffer = envelope(encrypted)) =>
    aRequest('POST', { ...query, ...changes }, body);
  const badSignature = { msg_signature: '0'.repeat(40) };
  const doctype = `<!DOCTYPE xml>${envelope(encrypted)}`;

  const cases: [string, number, HttpRequest][] = [
    ['unknown-app', 404, aPost(KF_NEWS, { app: 'nobody' })],
    ['unknown-app', 404, aPost(KF_NEWS, { app: '__proto__' })],
    ['unknown-app', 404, aGet(ECHO, { app: '' })],
    ['wrong-method', 405, aRequest('PUT', query, envelope(encrypted))],
    ['wrong-method', 405, aRequest('HEAD', query, '')],
    ['too-large', 413, post({}, Buffer.alloc(LARGEST_BODY + 1, ' '))],
    ['not-xml', 400, post({}, Buffer.alloc(LARGEST_BODY, ' '))],
    ['not-xml', 400, post({}, '')],
    ['not-xml', 400, post({}, 'hello')],
    ['not-xml', 400, post({}, Buffer.from([0xff, 0xfe, 0x00]))],
    ['not-xml', 400, aPost('not an event')],
    ['not-xml', 400, aPost(Buffer.from([0xff, 0xfe, 0xfd]))],
    ['entities', 400, post({}, doctype)],
    ['entities', 400, aPost(`<!DOCTYPE xml [<!ENTITY e "x">]>${KF_NEWS}`)],
    ['missing-parameters', 400, post({ msg_signature: '' })],
    ['missing-parameters', 400, post({ timestamp: '' })],
    ['missing-parameters', 400, post({ timestamp: 'now' })],
    ['missing-parameters', 400, post({ nonce: '' })],
    ['missing-parameters', 400, post({ nonce: 'n'.repeat(65) })],
    ['missing-parameters', 400, post({}, '<xml><Encrypt></Encrypt></xml>')],
    ['missing-parameters', 400, post({}, '<xml><AgentID>1</AgentID></xml>')],
    ['missing-parameters', 400, aRequest('GET', query, '')],
    ['bad-signature', 400, post(badSignature)],
    ['bad-signature', 400, post({ msg_signature: query.msg_signature.toUpperCase() })],
    ['bad-signature', 400, post({ msg_signature: 'short' })],
    ['bad-signature', 400, post({ nonce: 'another' })],
    ['bad-signature', 400, aGet(ECHO, { credential: { ...OLD, token: 'Unknown' } })],
    ['bad-padding', 400, aGet(ECHO, { credential: { ...NEW, token: OLD.token } })],
    ['wrong-receive-id', 400, aPost(KF_NEWS, { receiveId: 'wwANOTHER' })],
    ['wrong-receive-id', 400, aGet(ECHO, { receiveId: '' })],
    ['not-an-echo', 400, aGet('')],
  ];

  test.each(cases)('%s is answered %i, with nothing inside', async (reason, status, request) => {
    const { handle, sent, reports } = aCallbackRoom();
    expect(await handle(request)).toEqual({ status });
    expect(reports).toHaveLength(1);
    expect(reports).toMatchObject([{ outcome: 'refused', reason }]);
    expect(sent).toEqual([]);
  });

  test('the report of a refusal says nothing of what came', async () => {
    const { handle, reports } = aCallbackRoom();
    for (const [, , request] of cases) await handle(request);
    const allowed = new Set(['outcome', 'app', 'reason', 'ms']);
    for (const report of reports) expect(Object.keys(report).filter((name) => !allowed.has(name))).toEqual([]);
    expect(JSON.stringify(reports)).not.toMatch(/nobody|__proto__|nonce123|ENCpull|wkSUPPORT/);
  });
});

test('nothing that a callback said is reported, only its kind', async () => {
  const { handle, reports } = aCallbackRoom();
  const text = '<xml><MsgType>text</MsgType><Content>PRIVATE</Content><FromUserName>PRIVATE</FromUserName></xml>';
  await handle(aPost(text));
  await handle(aPost(KF_NEWS));
  await handle(aPost(anEvent('change_external_contact', { UserID: 'PRIVATE', ExternalUserID: 'PRIVATE' })));
  expect(reports).toHaveLength(3);
  expect(JSON.stringify(reports)).not.toMatch(/PRIVATE|ENCpull|wkSUPPORT/);
});

test('the published vectors are all there', () => {
  expect(vectors.map((each) => each.id).join('')).toBe('ABCEFGHIJK');
});
