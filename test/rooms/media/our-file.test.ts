import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileIn, withMediaId } from '../../../lib/media/fill-media.ts';
import { inboundKey, mediaRef, readMediaRef } from '../../../lib/media/our-file.ts';
import { MEDIA_KINDS, problemsOfMedia, readMediaFacts } from '../../../lib/wecom/media.ts';

const hash = 'ab'.repeat(32);

test('a file of ours is named so that it can be read back, whatever it is called', () => {
  fc.assert(
    fc.property(fc.constantFrom(...MEDIA_KINDS), fc.string({ minLength: 1, unit: 'grapheme' }), (kind, name) => {
      expect(readMediaRef(mediaRef({ kind, hash, name }))).toEqual({ kind, hash, name });
    }),
  );
});

test('an id of WeCom’s is not taken for a file of ours', () => {
  expect(readMediaRef('1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0')).toBeUndefined();
  expect(fileIn({ type: 'image', mediaId: '1G6nrLmr5EC3MMb' })).toBeUndefined();
  expect(fileIn({ type: 'text', text: mediaRef({ kind: 'image', hash, name: 'a' }) })).toBeUndefined();
});

test('WeCom’s id takes the place of our file in a picture, and in the picture beside a link', () => {
  const ref = mediaRef({ kind: 'image', hash, name: 'a.png' });
  const link = { type: 'link', title: 't', url: 'https://example.com', thumbMediaId: ref } as const;
  expect(fileIn(link)).toMatchObject({ hash });
  expect(withMediaId(link, 'WECOM')).toEqual({ ...link, thumbMediaId: 'WECOM' });
  expect(withMediaId({ type: 'image', mediaId: ref }, 'WECOM')).toEqual({ type: 'image', mediaId: 'WECOM' });
});

test('two messages never share an object, and no name of one has anything but ids', () => {
  expect(inboundKey('wkA:wmB', 'm1')).toBe('inbound/wkA/wmB/m1');
  expect(inboundKey('wkA:wmB', '../m 1')).toMatch(/^inbound\/wkA\/wmB\/[0-9a-f]{64}$/);
});

const bytes = (text: string, length = 10) => Buffer.concat([Buffer.from(text, 'latin1')], length);

test.each([
  ['\xff\xd8\xff', 'jpg'],
  ['\x89PNG', 'png'],
  ['#!AMR\n', 'amr'],
  ['\0\0\0\x18ftypmp42', 'mp4'],
  ['%PDF-1.7', 'other'],
])('a file is known by what it holds (%#)', (content, format) => {
  expect(readMediaFacts(bytes(content)).format).toBe(format);
});

test('what WeCom would refuse is found before it is sent', () => {
  const megabytes = 1024 * 1024;
  expect(problemsOfMedia('image', { bytes: 10 * megabytes, format: 'png' })).toEqual([]);
  expect(problemsOfMedia('image', { bytes: 10 * megabytes + 1, format: 'png' })).toHaveLength(1);
  expect(problemsOfMedia('image', { bytes: 100, format: 'mp4' })).toEqual(['as image it has to be jpg or png']);
  expect(problemsOfMedia('voice', { bytes: 100, format: 'amr', seconds: 60.02 })).toHaveLength(1);
  expect(problemsOfMedia('file', { bytes: 5, format: 'other' })).toHaveLength(1);
  expect(problemsOfMedia('file', { bytes: 20 * megabytes, format: 'other' })).toEqual([]);
  expect(problemsOfMedia('video', { bytes: 11 * megabytes, format: 'mp4' })).toHaveLength(1);
});

test('how long a voice lasts is counted in its frames', () => {
  // Mode 7 (12.2 kbit/s): a first byte of 0x3c and 31 more.
  const frame = Buffer.concat([Buffer.from([0x3c])], 32);
  const voice = Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: 100 }, () => frame)]);
  expect(readMediaFacts(voice)).toMatchObject({ format: 'amr', seconds: 2 });
});
