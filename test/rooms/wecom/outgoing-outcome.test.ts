import { describe, expect, test } from '@jest/globals';
import {
  classify,
  GateClosed,
  isOutage,
  MissingAppSecret,
  WeComError,
  WeComUnreachable,
} from '../../../lib/wecom/errors.ts';
import { judgeSend, judgeSendByCode, readDuplicateCodes, saysOtherState } from '../../../lib/wecom/send-outcome.ts';

const api = 'kf/send_msg';
const refusal = (errcode: number) => new WeComError({ api, errcode });
const lost = (mayHaveActed: boolean) => new WeComUnreachable({ api, reason: 'time-out', mayHaveActed });
const first = { firstAttempt: true, duplicateCodes: [40058] };
const later = { firstAttempt: false, duplicateCodes: [40058] };

describe('a message that was tried', () => {
  test('and taken is sent', () => {
    expect([judgeSend(undefined, first), judgeSend(undefined, later)]).toEqual(['sent', 'sent']);
  });

  test.each([40007, 40058, 40096, 95000, 95001, 95002, 95008, 95009, 95013, 95018, 95030, 95031, 123_456])(
    'for the first time and refused (%i) is refused',
    (errcode) => expect(judgeSend(refusal(errcode), first)).toBe('refused'),
  );

  test('again, after an unknown outcome, and called a duplicate was sent before', () => {
    expect(judgeSend(refusal(40058), later)).toBe('sent');
    expect(judgeSend(refusal(95099), { ...later, duplicateCodes: [95099] })).toBe('sent');
    expect(judgeSend(refusal(40058), { ...later, duplicateCodes: [95099] })).toBe('uncertain');
  });

  test.each([40007, 95008, 95009, 95030])('again, and refused for its content (%i), was never sent', (errcode) => {
    expect(judgeSend(refusal(errcode), later)).toBe('refused');
  });

  test.each([95001, 95002, 95018, 95013, 95031, 123_456])(
    'again, and refused for the state of things (%i), may have been sent before',
    (errcode) => expect(judgeSend(refusal(errcode), later)).toBe('uncertain'),
  );

  test('without an answer may have been sent, unless no connection was made', () => {
    expect([judgeSend(lost(true), first), judgeSend(lost(false), first)]).toEqual(['unknown', 'again']);
  });

  test('while WeCom was busy may have been sent all the same', () => {
    expect([judgeSend(refusal(-1), first), judgeSend(refusal(-1), later)]).toEqual(['unknown', 'unknown']);
  });

  test('and held back by a limit is to be tried again', () => {
    const closed = new GateClosed({ app: 'main', api, reason: 'errcode 45009', until: 1 });
    for (const error of [refusal(45009), refusal(45033), refusal(6000), closed]) {
      expect([judgeSend(error, first), judgeSend(error, later)]).toEqual(['again', 'again']);
    }
  });

  test('while our configuration is wrong waits for an operator', () => {
    for (const error of [60020, 48002, 48007, 40001].map(refusal)) {
      expect([judgeSend(error, first), judgeSend(error, later)]).toEqual(['outage', 'outage']);
    }
    expect(judgeSend(new MissingAppSecret('main'), first)).toBe('outage');
    expect(judgeSend(new WeComError({ api, errcode: 42001, class: 'configuration' }), first)).toBe('outage');
  });

  test('and met an error that is not WeCom’s is not judged', () => {
    expect(() => judgeSend(new RangeError('ours'), first)).toThrow(RangeError);
  });
});

describe('a message for a code', () => {
  test('that was used or is too old is refused the first time, and uncertain on a repeat', () => {
    for (const errcode of [41050, 40058, 95018]) {
      expect(judgeSendByCode(refusal(errcode), { firstAttempt: true })).toBe('refused');
      expect(judgeSendByCode(refusal(errcode), { firstAttempt: false })).toBe('uncertain');
    }
  });

  test('without an answer may be tried again', () => {
    expect(judgeSendByCode(lost(true), { firstAttempt: true })).toBe('unknown');
  });
});

describe('reading a refusal', () => {
  test.each([
    [-1, 'transient'],
    [6000, 'transient'],
    [45033, 'transient'],
    [40014, 'token'],
    [42001, 'token'],
    [45009, 'frequency'],
    [60020, 'configuration'],
    [48007, 'configuration'],
    [40091, 'configuration'],
    [95017, 'configuration'],
    [40058, 'parameter'],
    [95008, 'parameter'],
    [95001, 'state'],
    [95016, 'state'],
    [41050, 'state'],
    [95007, 'state'],
    [846_605, 'unknown'],
    [0, 'unknown'],
  ])('errcode %i is of class %s', (errcode, name) => {
    expect(classify(errcode)).toBe(name);
  });

  test('another session state than ours is read before anything else', () => {
    expect([95013, 95016, 95018, 95001].map(saysOtherState)).toEqual([true, true, true, false]);
  });

  test('an outage is what waiting or an operator mends', () => {
    for (const error of [refusal(-1), refusal(45009), refusal(60020), lost(true), new MissingAppSecret('main')]) {
      expect(isOutage(error)).toBe(true);
    }
    for (const error of [refusal(95018), refusal(40058), refusal(123_456), new Error('ours'), undefined]) {
      expect(isOutage(error)).toBe(false);
    }
  });
});

test('the setting names the codes of a repeated message, or says what is wrong with it', () => {
  expect(readDuplicateCodes('40058')).toEqual([40058]);
  expect(readDuplicateCodes('40058, 95033')).toEqual([40058, 95033]);
  for (const wrong of ['', 'forty', '40058,', '-1', '1.5'])
    expect(() => readDuplicateCodes(wrong)).toThrow('duplicateCodes');
});
