import { describe, expect, test } from '@jest/globals';
import { type PairTraffic, pairTraffic } from '../../commands/callback-traffic.ts';
import { Refusal } from '../../commands/refusal.ts';
import { mayFinish } from '../../commands/rotation-verdict.ts';
import { AwsRefused, type StageAccess } from '../../commands/stage-access.ts';
import { outdated, readersOf, restart } from '../../commands/stage-functions.ts';
import { readPlace, readStored, type SecretPlace, writeStored } from '../../commands/stage-secret.ts';
import { DAY, HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { metricLine } from '../../lib/platform/metrics.ts';
import { createMetricSums } from '../../local/metric-sums.ts';
import { createParameters } from '../../local/parameters.ts';

const NOON = Date.UTC(2026, 0, 5, 4);

/** AWS with only the calls that a test is about. */
function anAccess(calls: Partial<StageAccess>): StageAccess {
  const notAsked = () => Promise.reject(new Error('not asked here'));
  return {
    invoke: notAsked,
    lambda: notAsked,
    store: notAsked,
    metrics: notAsked,
    sqs: notAsked,
    query: notAsked,
    output: notAsked,
    ...calls,
  };
}

describe('the old pair may go', () => {
  const used = (lastAt?: number): PairTraffic => ({ count: lastAt === undefined ? 0 : 1, lastAt, kinds: {} });
  const verdict = (old: number | undefined, next: number | undefined, pairs = ['aaaaaa', 'bbbbbb']) =>
    mayFinish(
      pairs,
      new Map([
        ['aaaaaa', used(old)],
        ['bbbbbb', used(next)],
      ]),
      NOON,
      HOUR,
    ).outcome;

  test.each<[string, string, number | undefined, number | undefined]>([
    ['ready', 'it has been quiet for an hour and the new one is used', NOON - HOUR - MINUTE, NOON],
    ['ready', 'it was never seen and the new one is used', undefined, NOON - 5 * HOUR],
    ['old-in-use', 'its last minute may have ended within the hour', NOON - HOUR - MINUTE + 1, NOON],
    ['new-unused', 'nobody wrote all night and the new one was never used', NOON - 8 * HOUR, undefined],
    ['new-unused', 'the console went back to the old one after trying the new', NOON - 8 * HOUR, NOON - 9 * HOUR],
    ['new-unused', 'nothing came at all', undefined, undefined],
  ])('%s: %s', (outcome, _, old, next) => {
    expect(verdict(old, next)).toBe(outcome);
  });

  test('nothing tells two pairs with one key apart', () => {
    expect(verdict(undefined, NOON, ['bbbbbb', 'bbbbbb'])).toBe('same-key');
  });
});

test('a pair’s traffic is what the functions counted of it in a day, by kind, and the proof of an address is none', async () => {
  const sums = createMetricSums();
  const callback = (metric: string, credential: string, kind: string, at: number, app = 'main') => {
    const byKind = ['app', 'kind', 'credential'];
    const sets = kind === 'url-verification' ? [byKind] : [byKind, ['app', 'credential']];
    const one = { namespace: 'WeComConcierge/prod', at, metric, value: 1, unit: 'Count', sets };
    sums.note(JSON.stringify(metricLine({ ...one, dimensions: { app, kind, credential } })));
  };
  callback('CallbacksAccepted', 'aaaaaa', 'kf_msg_or_event', NOON - 2 * HOUR);
  callback('CallbacksAccepted', 'aaaaaa', 'kf_msg_or_event', NOON - 2 * HOUR + 1);
  callback('CallbacksIgnored', 'aaaaaa', 'enter_agent', NOON - HOUR);
  callback('CallbacksAccepted', 'aaaaaa', 'url-verification', NOON);
  callback('CallbacksAccepted', 'bbbbbb', 'url-verification', NOON);
  callback('CallbacksAccepted', 'bbbbbb', 'kf_msg_or_event', NOON, 'other');
  callback('CallbacksAccepted', 'bbbbbb', 'kf_msg_or_event', NOON - 2 * DAY);
  sums.note('{"message":"no metric"}');
  const access = anAccess({ metrics: async (form) => sums.handle(new URLSearchParams(form)) ?? '' });

  const asked = { app: 'main', pairs: ['aaaaaa', 'bbbbbb'], from: NOON - DAY, to: NOON };
  expect(Object.fromEntries(await pairTraffic(access, 'prod', asked))).toEqual({
    aaaaaa: { count: 3, lastAt: NOON - HOUR, kinds: { kf_msg_or_event: 2, enter_agent: 1 } },
    bbbbbb: { count: 0, lastAt: undefined, kinds: {} },
  });
});

test.each(['InternalError', 'Forbidden', 'PartialData'])(
  'a pair whose traffic CloudWatch does not say (%s) is not taken for a quiet one',
  async (status) => {
    const sums = createMetricSums();
    const access = anAccess({
      metrics: async (form) => (sums.handle(new URLSearchParams(form)) ?? '').replaceAll('Complete', status),
    });
    const asked = { app: 'main', pairs: ['aaaaaa', 'bbbbbb'], from: NOON - DAY, to: NOON };
    await expect(pairTraffic(access, 'prod', asked)).rejects.toThrow(`cloudwatch:GetMetricData: ${status}`);
  },
);

test('what CloudWatch says on several pages is added up', async () => {
  const page = (status: string, at: number, next: string) =>
    `<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>m0</Id><StatusCode>${status}</StatusCode><Timestamps><member>${new Date(at).toISOString()}</member></Timestamps><Values><member>2.0</member></Values></member></MetricDataResults>${next}</GetMetricDataResult></GetMetricDataResponse>`;
  const nothing = createMetricSums();
  const access = anAccess({
    metrics: async (form) => {
      if (form.Action !== 'GetMetricData') return nothing.handle(new URLSearchParams(form)) ?? '';
      return form.NextToken === 'more'
        ? page('Complete', NOON - 2 * HOUR, '')
        : page('PartialData', NOON - HOUR, '<NextToken>more</NextToken>');
    },
  });
  const asked = { app: 'main', pairs: ['aaaaaa'], from: NOON - DAY, to: NOON };
  const found = await pairTraffic(access, 'prod', asked);
  expect(found.get('aaaaaa')).toEqual({ count: 4, lastAt: NOON - HOUR, kinds: {} });
});

describe.each<[string, SecretPlace]>([
  ['the parameter store', { store: 'ssm', name: '/stack/wecom' }],
  ['the secrets manager', { store: 'secretsmanager', name: 'stack/wecom' }],
])('what lies in %s', (_, place) => {
  const aStore = () => {
    let now = NOON;
    const store = createParameters({ [place.name]: 'first' }, { now: () => now });
    const writeOf = (text: string) =>
      place.store === 'ssm'
        ? store.handle('PutParameter', { Name: place.name, Value: text, Overwrite: true })
        : store.handle('PutSecretValue', { SecretId: place.name, SecretString: text });
    const calls: string[] = [];
    /** What another operator does before our n-th call. */
    const meanwhile = new Map<string, () => void>();
    const access = anAccess({
      store: async (service, action, body) => {
        expect(service).toBe(place.store);
        meanwhile.get(action)?.();
        calls.push(action);
        now += 1000;
        const { status, body: answer } = store.handle(action, { ...body });
        if (status === 200) return answer;
        throw new AwsRefused(action, String(Object(answer).__type));
      },
    });
    return { access, writeOf, meanwhile, calls };
  };

  test('is written once nobody else did', async () => {
    const { access } = aStore();
    const seen = await readStored(access, place);
    const after = await writeStored(access, place, 'second', seen);
    expect([seen.text, after.text, after.version === seen.version]).toEqual(['first', 'second', false]);
    expect(after.writtenAt).toBeGreaterThan(seen.writtenAt);
  });

  test('is left alone where somebody wrote since it was read', async () => {
    const { access, writeOf, calls } = aStore();
    const seen = await readStored(access, place);
    writeOf('theirs');
    await expect(writeStored(access, place, 'ours', seen)).rejects.toThrow('nothing was written');
    expect((await readStored(access, place)).text).toBe('theirs');
    expect(calls.filter((action) => action.startsWith('Put'))).toEqual([]);
  });

  test('is said to lie over another’s text, where both wrote in the same moment', async () => {
    const { access, writeOf, meanwhile } = aStore();
    const seen = await readStored(access, place);
    meanwhile.set(place.store === 'ssm' ? 'PutParameter' : 'PutSecretValue', () => writeOf('theirs'));
    await expect(writeStored(access, place, 'ours', seen)).rejects.toThrow('lies over theirs');
  });

  test('is asked for by its place, and what is not there is a refusal', async () => {
    expect(readPlace(`${place.store}:${place.name}`)).toEqual(place);
    await expect(readStored(aStore().access, { ...place, name: '/other' })).rejects.toThrow(Refusal);
  });
});

test('a JSON that a parameter has no room for is a refusal that quotes none of it, and nothing is written', async () => {
  const place: SecretPlace = { store: 'ssm', name: '/stack/wecom' };
  const store = createParameters({ [place.name]: 'first' }, { now: () => NOON });
  const access = anAccess({
    store: async (_, action, body) => {
      const { status, body: answer } = store.handle(action, { ...body });
      if (status === 200) return answer;
      throw new AwsRefused(action, String(Object(answer).__type));
    },
  });
  const seen = await readStored(access, place);
  const refused = await writeStored(access, place, 'secret'.repeat(1000), seen).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect(String(refused)).toMatch(/takes no 6000 characters/);
  expect(String(refused)).not.toContain('secret');
  expect(await readStored(access, place)).toEqual(seen);
});

test('a setting that is the JSON itself names no place', () => {
  expect(readPlace('{"corpId":"ww1"}')).toBeUndefined();
});

describe('the functions of a stage', () => {
  const aFunction = (name: string, variables: object, more: object = {}) => {
    const LastModified = new Date(NOON).toISOString().replace('Z', '+0000');
    return {
      FunctionName: name,
      Description: 'Does it.',
      LastModified,
      Environment: { Variables: variables },
      ...more,
    };
  };
  const reads = { CONCIERGE_STAGE: 'prod', WECOM_SECRETS: 'ssm:/stack/wecom' };
  const lambda = (pages: readonly object[][]): StageAccess['lambda'] => {
    return async (_, path) => {
      const page = Number(/Marker=(\d+)/.exec(path)?.[1] ?? 0);
      return { Functions: pages[page], ...(page + 1 < pages.length && { NextMarker: String(page + 1) }) };
    };
  };

  test('that read credentials are found by their settings, page by page, and those of other stages are not', async () => {
    const pages = [
      [aFunction('wecom-concierge-prod-b', reads), aFunction('elsewhere', {}, { Environment: undefined })],
      [
        aFunction('wecom-concierge-prod-a', reads),
        aFunction('wecom-concierge-prod-eu-a', { ...reads, CONCIERGE_STAGE: 'prod-eu' }),
        aFunction('wecom-concierge-prod-sweep', { CONCIERGE_STAGE: 'prod' }),
      ],
    ];
    const found = await readersOf(anAccess({ lambda: lambda(pages) }), 'prod');
    expect(found.map(({ name }) => name)).toEqual(['wecom-concierge-prod-a', 'wecom-concierge-prod-b']);
    expect(found[0]).toMatchObject({ modifiedAt: NOON, setting: 'ssm:/stack/wecom' });
    expect(outdated(found, NOON - 1)).toEqual([]);
    expect(outdated(found, NOON)).toHaveLength(2);
  });

  test('whose settings cannot be read are a refusal, and so is a stage without any', async () => {
    const hidden = aFunction('wecom-concierge-prod-a', {}, { Environment: { Error: { ErrorCode: 'AccessDenied' } } });
    await expect(readersOf(anAccess({ lambda: lambda([[hidden]]) }), 'prod')).rejects.toThrow('cannot be read');
    await expect(readersOf(anAccess({ lambda: lambda([[]]) }), 'prod')).rejects.toThrow('deploy it first');
  });

  /** Lambda's answers, one call after the other. */
  const answering = (...answers: readonly (object | string)[]) => {
    const seen: [method: string, path: string, body: unknown][] = [];
    const left = [...answers];
    const access = anAccess({
      lambda: async (method, path, body) => {
        seen.push([method, path, body]);
        const next = left.shift();
        if (typeof next === 'string') throw new AwsRefused(path, next);
        return next ?? { LastUpdateStatus: 'Successful' };
      },
    });
    return { access, seen };
  };
  const aReader = (description: string) => ({ name: 'f', description, modifiedAt: NOON, setting: '' });
  const path = '/2015-03-31/functions/f/configuration';

  test('begin anew by what each says of itself, which keeps its words', async () => {
    const { access, seen } = answering();
    const told: number[] = [];
    await restart(access, [aReader('Does it. · credentials of 2020-01-01T00:00:00.000Z')], new Date(NOON), (done) =>
      told.push(done),
    );
    expect(seen).toEqual([
      ['PUT', path, { Description: 'Does it. · credentials of 2026-01-05T04:00:00.000Z' }],
      ['GET', path, undefined],
    ]);
    expect(told).toEqual([1]);
  });

  test('are waited for while Lambda changes them, and while another change is under way', async () => {
    const { access, seen } = answering('ResourceConflictException', {}, { LastUpdateStatus: 'InProgress' });
    await restart(access, [aReader('x'.repeat(300))], new Date(NOON), () => undefined);
    expect(seen.map(([method]) => method)).toEqual(['PUT', 'PUT', 'GET', 'GET']);
    expect(Object(seen[0]?.[2]).Description).toHaveLength(256);
  });

  test('that cannot be changed end the command with Lambda’s reason', async () => {
    const failed = answering({}, { LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no subnet' });
    await expect(restart(failed.access, [aReader('')], new Date(NOON), () => undefined)).rejects.toThrow('no subnet');
    const denied = answering('AccessDeniedException');
    await expect(restart(denied.access, [aReader('')], new Date(NOON), () => undefined)).rejects.toThrow(AwsRefused);
  });
});
