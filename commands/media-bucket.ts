import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { type LibraryStore, libraryStore, putContent } from '../lib/media/library-store.ts';
import { hashOf } from '../lib/media/our-file.ts';
import type { dynamoClient } from '../lib/store/dynamo-table.ts';
import type { Objects } from '../lib/store/objects.ts';
import { s3Objects } from '../lib/store/s3-objects.ts';
import type { Table } from '../lib/store/table.ts';
import { Refusal } from './refusal.ts';

type Client = ReturnType<typeof dynamoClient>;

/** The library of files; saving one also puts its content into the stage's bucket. `configuration` is the file beside which they lie. */
export function mediaLibrary(replies: Table, client: Client, stage: string, configuration: string): LibraryStore {
  const library = libraryStore(replies);
  let bucket: Promise<Objects> | undefined;
  return {
    ...library,
    async saveFile(file) {
      const bytes = new Uint8Array(await readFile(resolve(dirname(configuration), file.file)));
      if (hashOf(bytes) !== file.hash) throw new Refusal(`${file.file} was changed meanwhile. Apply it again.`);
      bucket ??= openBucket(client, stage);
      await putContent(await bucket, file, bytes);
      await library.saveFile(file);
    },
  };
}

/** The stage's bucket. */
export async function openBucket(client: Client, stage: string): Promise<Objects> {
  const access = await accessOf(client);
  // Names of buckets are one for all accounts, so ours has the account's number in it.
  const name = process.env.MEDIA_BUCKET ?? `wecom-concierge-${stage}-${await accountOf(access)}-${access.region}`;
  return s3Objects(access, name);
}

/** The credentials that the SDK found for the tables: a profile, a role, variables. */
export async function accessOf({ config }: Client) {
  const [credentials, region] = await Promise.all([config.credentials(), config.region()]);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    region,
    endpointOf: (service: string) =>
      process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || process.env.AWS_ENDPOINT_URL || undefined,
  };
}

/** The number of the account. Throws `Refusal` where AWS does not say it. */
export async function accountOf(access: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  region: string;
  endpointOf: (service: string) => string | undefined;
}): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = access;
  const client = new AwsClient({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  const url = access.endpointOf('sts') ?? `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const response = await client.fetch(`${url.replace(/\/+$/, '')}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    aws: { service: 'sts', region },
  });
  const [, account] = /<Account>(\d{12})<\/Account>/.exec(await response.text()) ?? [];
  if (account === undefined)
    throw new Refusal('AWS does not say which account this is. Set MEDIA_BUCKET to the bucket.');
  return account;
}
