import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seal, sign, unseal } from '../../local/wecom/crypto.ts';
import { cutToBytes } from '../../local/wecom/fields.ts';
import { seededRandom } from '../../local/wecom/random.ts';
import { writeXml } from '../../local/wecom/xml.ts';

// Public sample values of WeCom's "加解密方案说明" and its sample libraries.
const published = [
  {
    id: 'the official GET',
    token: 'QDG6eK',
    key: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
    receiveId: 'wx5823bf96d3bd56c7',
    timestamp: '1409659589',
    nonce: '263014780',
    signature: '5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3',
    random: 'c41b64491c2468d0',
    encrypted: 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==',
    message: '1616140317555161061',
  },
  {
    id: 'the official POST',
    token: 'QDG6eK',
    key: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
    receiveId: 'wx5823bf96d3bd56c7',
    timestamp: '1409659813',
    nonce: '1372623149',
    signature: '477715d11cdb4164915debcba66cb864d751f3e6',
    random: '0960688932c47ef1',
    encrypted:
      'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==',
    message:
      '<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>',
  },
  {
    id: 'the sample server',
    token: 'gY1AGR3mjBhzy',
    key: 'g8VGfQEqluUhoKOlyjmmll8Q9C5tVFUTX5T2qkmI9Sv',
    receiveId: 'wwabfd0cec7171e769',
    timestamp: '1597998748',
    nonce: '1597483820',
    signature: '825075c093249d5a60967fe4a613cae93146636b',
    random: 'e86c1f6f0469c1ed',
    encrypted: 'neLB8CftccHiz19tluVb+UBnUVMT3xpUMZU8qvDdD17eH8XfEsbPYC/kJyPsZOOc6GdsCeu8jSIa2noSJ/ez2w==',
    message: '7139691598513686239',
  },
  {
    id: 'the debugging tool',
    token: 'kjr2TKI8umCBfVF3wAHk8JiPwma5VBme',
    key: '4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws',
    receiveId: 'ww6a112864f8022910',
    timestamp: '1583940690',
    nonce: 'VHh7ymSeb0jc4lSb',
    signature: '1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011',
    random: '5QMsYcwjR95t2vmC',
    encrypted: '6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==',
    message: '94966531020182955848408',
  },
];

describe('the encryption is the published one', () => {
  test.each(published)('$id', (sample) => {
    const { message, receiveId, key, encrypted } = sample;
    expect(sign(sample.token, sample.timestamp, sample.nonce, encrypted)).toBe(sample.signature);
    expect(unseal(encrypted, key)).toEqual({ message, receiveId });
    expect(seal({ message, receiveId }, key, Buffer.from(sample.random))).toBe(encrypted);
  });
});

test('anything sealed can be opened again, in multiples of 32 bytes', () => {
  const anyKey = fc.integer().map((seed) => seededRandom(seed).text(43));
  fc.assert(
    fc.property(anyKey, fc.string({ unit: 'binary' }), fc.string(), (key, message, receiveId) => {
      const encrypted = seal({ message, receiveId }, key, Buffer.alloc(16, 7));
      expect(Buffer.from(encrypted, 'base64').length % 32).toBe(0);
      expect(unseal(encrypted, key)).toEqual({ message, receiveId });
    }),
  );
});

test('a text sealed with another key is not opened', () => {
  const encrypted = seal({ message: 'hello', receiveId: 'ww1' }, seededRandom(1).text(43), Buffer.alloc(16));
  expect(() => unseal(encrypted, seededRandom(2).text(43))).toThrow();
});

test('the same seed plays the same run, another seed another one', () => {
  expect(seededRandom(5).text(30)).toBe(seededRandom(5).text(30));
  expect(seededRandom(5).text(30)).not.toBe(seededRandom(6).text(30));
});

test('XML keeps text in CDATA, numbers bare, and repeats the element of a list', () => {
  expect(writeXml({ Name: 'a]]>b', Time: 7, Id: ['x', 'y'] })).toBe(
    [
      '<xml>',
      '  <Name><![CDATA[a]]]]><![CDATA[>b]]></Name>',
      '  <Time>7</Time>',
      '  <Id><![CDATA[x]]></Id>',
      '  <Id><![CDATA[y]]></Id>',
      '</xml>',
    ].join('\n'),
  );
});

test('a text is cut between two characters and never beyond the bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(64), (text, bytes) => {
      const kept = cutToBytes(text, bytes);
      expect(text.startsWith(kept)).toBe(true);
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(bytes);
      const next = [...text.slice(kept.length)][0];
      if (next !== undefined) expect(Buffer.byteLength(kept + next)).toBeGreaterThan(bytes);
    }),
  );
});
