import { expect, test } from '@jest/globals';
import { packageStack } from '../../local/package-stack.ts';
import { startStack } from '../../local/stack.ts';
import { npmStart } from '../support/npm-start.ts';
import { startOtherWeCom } from '../support/other-wecom.ts';

async function eventually(what: string, happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error(`It did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("another WeCom's callbacks are verified and its customers answered, by the configuration that was named", async () => {
  const other = await startOtherWeCom();
  const start = npmStart(['--config', 'config/sample.yml'], {
    WECOM_API_URL: other.url,
    WECOM_SECRETS: JSON.stringify(other.secrets),
    PORT: '0',
  });
  try {
    const address = `${await start.ready()}/wecom/callbacks/main`;

    expect(await other.verify(address, '1616140317555161061')).toBe('1616140317555161061');
    expect(await other.write(address, 'wmOut', '没有规则认识的话')).toBe('success');

    await eventually('the customer is answered', () => other.sent.length > 0);
    expect(other.sent).toHaveLength(1);
    expect(other.sent[0]).toMatchObject({ touser: 'wmOut' });
    expect(start.printed()).toMatch(/^logs +\.local\/functions\.log$/m);
    expect(start.printed()).toMatch(/^AWS_ENDPOINT_URL=http:\S+ AWS_REGION=\S+ .* npm run config -- plan /m);
  } finally {
    other.stop();
    await start.stop();
  }
  expect(await start.ended).toBe(0);
});

test('the stack works on the AWS at AWS_ENDPOINT_URL, and creates there what it needs', async () => {
  const other = await startOtherWeCom();
  // Somebody else's emulator: another stack's, of a stage whose names are not ours.
  const emulator = await startStack({
    packaged: await packageStack({ stage: 'other', root: process.cwd() }),
    schedules: false,
  });
  const start = npmStart([], {
    WECOM_API_URL: other.url,
    WECOM_SECRETS: JSON.stringify(other.secrets),
    PORT: '0',
    AWS_ENDPOINT_URL: emulator.aws.endpoint,
  });
  try {
    const address = `${await start.ready()}/wecom/callbacks/main`;
    await other.write(address, 'wmElsewhere', 'hello');
    await eventually('the customer is answered', () => other.sent.length > 0);
    expect(other.sent[0]?.touser).toBe('wmElsewhere');
  } finally {
    await start.stop();
    await emulator.stop();
    other.stop();
  }
});

test('npm start -- --once has no story about another WeCom, and says so', async () => {
  const other = await startOtherWeCom();
  const start = npmStart(['--once'], { WECOM_API_URL: other.url, WECOM_SECRETS: JSON.stringify(other.secrets) });
  expect([await start.ended, start.printed()]).toEqual([0, expect.stringContaining('nothing to tell')]);
  expect(start.printed()).not.toContain('The story is told.');
  other.stop();
});
