import { createRequire } from 'node:module';
import * as z from 'zod';

const Listed = z.object({ Contents: z.array(z.object({ Key: z.string() })).optional() });
const Deleted = z.object({ Errors: z.array(z.unknown()).optional() });

/** What is used of the SDK that the framework brings along; the project itself has no client of S3. */
interface Sdk {
  readonly S3Client: new (config: object) => { send(command: object): Promise<unknown> };
  readonly ListObjectsV2Command: new (input: object) => object;
  readonly DeleteObjectsCommand: new (input: object) => object;
}

/**
 * Deletes every object of a bucket, which CloudFormation demands before it removes one. A bucket that is not there is empty.
 *
 * @param config what a client of the AWS SDK is made with
 * @throws when an object cannot be deleted
 */
export async function emptyBucket(config: object, Bucket: string): Promise<void> {
  const framework = createRequire(import.meta.url).resolve('serverless/package.json');
  const sdk: Sdk = createRequire(framework)('@aws-sdk/client-s3');
  const s3 = new sdk.S3Client(config);
  for (;;) {
    const listed = await s3.send(new sdk.ListObjectsV2Command({ Bucket })).catch((error: unknown) => {
      if (Object(error).name === 'NoSuchBucket') return {};
      throw error;
    });
    const Objects = (Listed.parse(listed).Contents ?? []).map(({ Key }) => ({ Key }));
    if (Objects.length === 0) return;
    const deleted = await s3.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    // Asked again, what was not deleted would be there again, for ever.
    if ((Deleted.parse(deleted).Errors ?? []).length > 0) throw new Error(`${Bucket} cannot be emptied.`);
  }
}
