import { createHash } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codeAsPng, codeAsSvg } from '../../../lib/wecom/code-drawing.ts';
import { dataUrl, imageAsSvg, readCodeImage } from '../../../lib/wecom/code-image.ts';
import { type Modules, qrCode } from '../../../lib/wecom/qr-code.ts';
import { readQr } from './read-qr.ts';

const ADDRESS = 'https://contact.example.com/contact/';

describe('a QR code of ours', () => {
  test('says what it was made of, in any language', () => {
    expect(readQr(qrCode(`${ADDRESS}expo`))).toBe(`${ADDRESS}expo`);
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => Buffer.byteLength(one) <= 42);
    fc.assert(
      fc.property(text, (one) => {
        expect(readQr(qrCode(one))).toBe(one.toWellFormed());
      }),
      { numRuns: 50 },
    );
  });

  // Pictures that a camera's reader was seen to read.
  test.each([
    [40, 3, 'df54883e39197767'],
    [62, 4, 'dae9b28ea07d1efc'],
    [63, 5, 'e702a6934c1fe596'],
    [106, 6, '8bbe2e0265bfdfcc'],
    [107, 7, '9b16aed22a235281'],
    [180, 9, '40802dbe74933394'],
    [213, 10, 'c58ac063d36b6d91'],
    [214, 11, '64025521ca3f5729'],
    [400, 15, 'a71506d17a31ffc1'],
    [666, 20, '441a3281cabe9d2e'],
  ])('of %i bytes is of version %i, and drawn as it always was', (length, version, hash) => {
    const modules = qrCode(ADDRESS.padEnd(length, 'spring-expo-2026/'));
    expect(modules).toHaveLength(17 + 4 * version);
    expect(createHash('sha256').update(JSON.stringify(modules)).digest('hex').slice(0, 16)).toBe(hash);
  });

  test('has an end', () => {
    expect(() => qrCode('a'.repeat(667))).toThrow('A text of 667 bytes is too long');
  });
});

/** The pixels of a PNG of one bit without filters, dark is true. */
function readPng(bytes: Uint8Array): Modules {
  const png = Buffer.from(bytes);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    chunks.set(named.toString('latin1', 0, 4), named.subarray(4));
    at += 12 + length;
  }
  const side = chunks.get('IHDR')?.readUInt32BE(0) ?? 0;
  const pixels = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const width = 1 + Math.ceil(side / 8);
  expect(pixels).toHaveLength(side * width);
  const row = (y: number) =>
    Array.from({ length: side }, (_, x) => (((pixels[y * width + 1 + (x >> 3)] ?? 0) << (x & 7)) & 0x80) === 0);
  return Array.from({ length: side }, (_, y) => row(y));
}

/** One pixel of each module, the quiet zone left out. */
const modulesIn = (pixels: Modules, scale: number): Modules =>
  pixels
    .filter((_, y) => y % scale === 0)
    .map((row) => row.filter((_, x) => x % scale === 0).slice(4, -4))
    .slice(4, -4);

describe('drawn for print', () => {
  test('as PNG every module has the same number of pixels, inside a light frame', () => {
    const pixels = readPng(codeAsPng(ADDRESS, 500));
    // 29 modules and a frame of 4 on every side: the next size from 500 on is 14 pixels for each of 37.
    expect(pixels).toHaveLength(518);
    expect(modulesIn(pixels, 14)).toEqual(qrCode(ADDRESS));
    const frame = [...pixels.slice(0, 56), ...pixels.slice(-56)].flat();
    expect(frame.concat(pixels.flatMap((row) => [...row.slice(0, 56), ...row.slice(-56)]))).not.toContain(true);
  });

  test('as PNG of poster size, which takes more than one block', () => {
    expect(modulesIn(readPng(codeAsPng(ADDRESS, 1480)), 40)).toEqual(qrCode(ADDRESS));
  });

  test('as SVG it has the same modules, and its size is the printer’s', () => {
    const svg = codeAsSvg(ADDRESS);
    expect(svg).toContain('viewBox="0 0 37 37"');
    expect(svg).not.toMatch(/href|width=|<script/);
    const dark = new Set<string>();
    for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
      for (let i = 0; i < Number(length); i++) dark.add(`${Number(x) + i - 4} ${Number(y) - 4}`);
    }
    const drawn = qrCode(ADDRESS).map((row, y) => row.map((_, x) => dark.has(`${x} ${y}`)));
    expect(drawn).toEqual(qrCode(ADDRESS));
  });
});

describe('WeCom’s own picture', () => {
  const png = Buffer.from('89504e470d0a1a0a00', 'hex');
  const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
  const caught = (error: unknown): unknown => error;
  const answers =
    (body: Uint8Array<ArrayBuffer>, status = 200) =>
    async () =>
      new Response(body, { status });
  const url = 'https://p.example/wwhead/x/0';

  test('is told by its first bytes, whatever its host calls it', async () => {
    expect(await readCodeImage(url, answers(png))).toEqual({ type: 'image/png', bytes: png });
    expect(await readCodeImage(url, answers(jpeg))).toEqual({ type: 'image/jpeg', bytes: jpeg });
  });

  test('stands in a page and in an SVG without loading anything', async () => {
    const image = await readCodeImage(url, answers(jpeg));
    expect(dataUrl(image)).toBe('data:image/jpeg;base64,/9j/4AAQSkZJRg==');
    expect(imageAsSvg(image)).toContain('href="data:image/jpeg;base64,/9j/4AAQSkZJRg=="');
  });

  const large = () => {
    const part = new Uint8Array(400_000);
    let given = 0;
    const body = new ReadableStream({
      pull: (stream) => {
        given++;
        stream.enqueue(part);
      },
    });
    return { response: new Response(body), given: () => given };
  };

  test.each([
    ['http 404', answers(png, 404)],
    ['no picture', answers(Buffer.from('<html>'))],
    ['no picture', answers(Buffer.alloc(0))],
    ['no answer', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('is not taken when there is %s', async (reason, download) => {
    expect(await readCodeImage(url, download).catch(caught)).toMatchObject({ name: 'CodeImageUnavailable', reason });
  });

  test('is not read to the end when it has none', async () => {
    const { response, given } = large();
    expect(await readCodeImage(url, async () => response).catch(caught)).toMatchObject({ reason: 'too large' });
    expect(given()).toBeLessThan(6);
  });

  test('is not looked for in files', async () => {
    let asked = 0;
    const download = async (): Promise<Response> => {
      asked++;
      return new Response(png);
    };
    expect(await readCodeImage('file:///etc/passwd', download).catch(caught)).toMatchObject({
      reason: 'no web address',
    });
    expect(asked).toBe(0);
  });
});
