import { expect, test } from '@jest/globals';
import { readProofs, showProof } from '../../../lib/wecom/domain-proof.ts';

const ask = (names: string, file: string) =>
  showProof(readProofs(names))({
    method: 'GET',
    path: `/${file}`,
    domain: 'wecom.example.com',
    params: { file },
    query: {},
    headers: {},
    body: Buffer.alloc(0),
  });

test('a file of proof says what its name says', async () => {
  const names = 'WW_verify_AbCd.txt, WW_verify_EfGh.txt';
  expect(await ask(names, 'WW_verify_AbCd.txt')).toEqual({ status: 200, body: 'AbCd' });
  expect(await ask(names, 'WW_verify_EfGh.txt')).toEqual({ status: 200, body: 'EfGh' });
});

test.each(['WW_verify_Other.txt', 'favicon.ico', '__proto__', ''])('%j is not there', async (file) => {
  expect(await ask('WW_verify_AbCd.txt', file)).toEqual({ status: 404 });
});

test.each(['', 'none', 'robots.txt', 'WW_verify_.txt', 'WW_verify_a/b.txt'])('%j names no file', async (names) => {
  expect(await ask(names, names)).toEqual({ status: 404 });
});
