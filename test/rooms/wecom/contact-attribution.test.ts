import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { memberFault, saysNoRelation, saysNoSuchWay, saysTooManyWays } from '../../../lib/wecom/contact-refusals.ts';
import { isOutage, WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { linkAddress, parseState, wayChannel, wayState } from '../../../lib/wecom/way-state.ts';

describe('the state of a way', () => {
  test('is short, and says stage and way', () => {
    expect(wayState('prod', 'spring-expo')).toBe('cc:prod:spring-expo');
    expect(wayState('prod', 'spring-expo', 'm3')).toBe('cc:prod:spring-expo:m3');
  });

  test('leads back to its way, on its own stage', () => {
    const word = fc.stringMatching(/^[0-9A-Za-z_.-]{1,8}$/);
    fc.assert(
      fc.property(word, word, fc.option(word, { nil: undefined }), (stage, wayId, part) => {
        const state = wayState(stage, wayId, part);
        expect(state.length).toBeLessThanOrEqual(30);
        expect(parseState(stage, state)).toEqual(part === undefined ? { wayId } : { wayId, part });
        expect(parseState(`${stage}x`, state)).toEqual({ unattributed: true });
        expect(parseState(stage, wayChannel(stage, wayId, part))).toEqual(parseState(stage, state));
      }),
    );
  });

  test.each([
    undefined,
    '',
    'wb:1:4285486',
    'cc',
    'cc:prod',
    'cc:prod:',
    'cc:prod:a:',
    'cc:prod:a:b:c',
    'cc:prod:a b',
    'cc:PROD:a',
    'CC:prod:a',
    'cc:staging:a',
    'we_qr1234567890123456789',
    '外联二维码1',
  ])('of somebody else attributes nothing: %s', (state) => {
    expect(parseState('prod', state)).toEqual({ unattributed: true });
  });

  test('has room for 30 characters, and a link’s channel for 64', () => {
    expect(wayState('prod', 'w'.repeat(22))).toHaveLength(30);
    expect(wayChannel('prod', 'w'.repeat(22), 't'.repeat(33))).toHaveLength(64);
    expect(() => wayState('prod', 'w'.repeat(23))).toThrow(
      'wayId has 23 characters, too many for a state of 30: with this stage it may have 22.',
    );
    expect(() => wayChannel('prod', 'w'.repeat(22), 't'.repeat(34))).toThrow('too many for a state of 64');
    expect(() => wayState('s'.repeat(30), 'w')).toThrow('give the stage a shorter name');
  });

  test.each([
    ['stage', 'a:b', 'w', undefined],
    ['wayId', 'a', '展会', undefined],
    ['wayId', 'a', '', undefined],
    ['part', 'a', 'w', 'x y'],
  ])('cannot hold such a %s', (field, stage, wayId, part) => {
    expect(() => wayState(stage, wayId, part)).toThrow(`${field} cannot stand in a state`);
  });
});

test('an acquisition link carries its channel, in the browser and into WeChat', () => {
  expect(linkAddress('https://work.weixin.qq.com/ca/caX1', 'ad_0901')).toEqual({
    web: 'https://work.weixin.qq.com/ca/caX1?customer_channel=ad_0901',
    wechat: 'weixin://biz/ww/profile/https%3A%2F%2Fwork.weixin.qq.com%2Fca%2FcaX1%3Fcustomer_channel%3Dad_0901',
  });
  const { web } = linkAddress('https://work.weixin.qq.com/ca/caX1?s=1', 'cc:prod:expo:17');
  expect(new URL(web).searchParams.get('customer_channel')).toBe('cc:prod:expo:17');
  expect(new URL(web).searchParams.get('s')).toBe('1');
});

const refusal = (errcode: number) => new WeComError({ api: 'externalcontact/update_contact_way', errcode });

describe('a refused list', () => {
  test.each([
    [40098, 'not-verified'],
    [41054, 'not-activated'],
    [84074, 'no-permission'],
    [60011, 'out-of-range'],
    [60111, 'unknown-member'],
    [40003, 'unknown-member'],
    [40099, 'customers-full'],
  ])('with %i has a member who is %s', (errcode, fault) => expect(memberFault(refusal(errcode))).toBe(fault));

  test.each([45009, 45033, -1, 48002, 60020, 40058, 41045])('with %i is no member’s fault', (errcode) =>
    expect(memberFault(refusal(errcode))).toBeUndefined(),
  );

  test('is no member’s fault when WeCom did not answer', () => {
    const silence = new WeComUnreachable({ api: 'x', reason: 'time-out', mayHaveActed: true });
    expect(memberFault(silence)).toBeUndefined();
  });

  test('for one member’s permission would pass for an outage, so the member is asked about first', () => {
    expect([84074, 60011].map((errcode) => isOutage(refusal(errcode)))).toEqual([true, true]);
    expect([84074, 60011].map((errcode) => memberFault(refusal(errcode)))).toEqual(['no-permission', 'out-of-range']);
  });

  test('other refusals have words too', () => {
    expect([84061, 41044].map((errcode) => saysNoRelation(refusal(errcode)))).toEqual([true, false]);
    expect([84061, 41044].map((errcode) => saysNoSuchWay(refusal(errcode)))).toEqual([false, true]);
    expect([41045, 41044].map((errcode) => saysTooManyWays(refusal(errcode)))).toEqual([true, false]);
  });
});
