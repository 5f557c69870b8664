import { expect, test } from '@jest/globals';
import { npmStart } from '../support/npm-start.ts';

test('npm start -- --once tells the story and exits 0', async () => {
  const start = npmStart(['--once']);
  expect([await start.ended, start.printed()]).toEqual([0, expect.stringContaining('The story is told.')]);
  expect(start.printed()).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/m);
});

test('npm start says what it cannot do without', async () => {
  const start = npmStart(['--once'], { WECOM_API_URL: 'http://127.0.0.1:9' });
  expect(await start.ended).toBe(1);
  expect(start.printed()).toContain('WECOM_SECRETS');
});
