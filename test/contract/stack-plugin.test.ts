import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { createClock } from '../../local/clock.ts';
import { type Emulators, startEmulators } from '../../local/emulators.ts';
import StackOfAPlace from '../../stack/plugin.ts';

let emulators: Emulators;
beforeAll(async () => {
  emulators = await startEmulators({ clock: createClock(), parameters: {} });
});
afterAll(() => emulators.stop());

const BUCKET = 'wecom-concierge-dev-000000000000-us-east-1';
const Listed = z.object({ KeyCount: z.number() });

function s3() {
  const framework = createRequire(import.meta.url).resolve('serverless/package.json');
  const sdk = createRequire(framework)('@aws-sdk/client-s3');
  const config = {
    endpoint: emulators.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new sdk.S3Client(config);
  return {
    config,
    async fill(count: number): Promise<void> {
      await client.send(new sdk.CreateBucketCommand({ Bucket: BUCKET })).catch(() => undefined);
      for (let n = 0; n < count; n++) {
        await client.send(new sdk.PutObjectCommand({ Bucket: BUCKET, Key: `inbound/${n}`, Body: 'x' }));
      }
    },
    async count(): Promise<number> {
      return Listed.parse(await client.send(new sdk.ListObjectsV2Command({ Bucket: BUCKET }))).KeyCount;
    },
  };
}

/** The part of the framework that the plugin uses, for a stage with this policy. */
function framework(deletionPolicy: string, config: object) {
  return new StackOfAPlace({
    classes: { Error },
    service: {
      custom: { settings: { deletionPolicy }, prefix: 'wecom-concierge-dev', where: 'cloud' },
      provider: { compiledCloudFormationTemplate: { Resources: {}, Outputs: {} } },
    },
    getProvider: () => ({
      getStage: () => 'dev',
      getRegion: () => 'us-east-1',
      getAccountId: async () => '000000000000',
      getAwsSdkV3Config: async () => config,
    }),
  });
}

const remove = (plugin: StackOfAPlace) => plugin.hooks['before:remove:remove']?.();

test('removing a stage that keeps nothing empties its bucket first, also when it is gone already', async () => {
  const { config, fill, count } = s3();
  await remove(framework('Delete', config));
  await fill(3);
  expect(await count()).toBe(3);
  await remove(framework('Delete', config));
  expect(await count()).toBe(0);
});

test('removing a stage that keeps its data leaves the bucket alone', async () => {
  const { config, fill, count } = s3();
  await fill(2);
  await remove(framework('Retain', config));
  expect(await count()).toBe(2);
});
