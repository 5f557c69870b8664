import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageStack } from '../../local/package-stack.ts';
import { type Stack, startStack } from '../../local/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    packaged: await packageStack({ stage: 'dev', root: process.cwd() }),
    environment: { VERIFICATION_FILES: 'WW_verify_AbCdEf0123456789.txt' },
    schedules: false,
  });
}, 180_000);
afterAll(() => stack?.stop());

test('WeCom finds its proof at the root of the domain, and nothing else there', async () => {
  const proof = await fetch(`${stack.url}/WW_verify_AbCdEf0123456789.txt`);
  expect([proof.status, await proof.text()]).toEqual([200, 'AbCdEf0123456789']);
  const other = await fetch(`${stack.url}/WW_verify_0000000000000000.txt`);
  expect(other.status).toBe(404);
});
