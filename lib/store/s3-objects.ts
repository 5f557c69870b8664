import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { AwsAccess } from '../platform/aws-json.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import type { Objects, StoredObject } from './objects.ts';

/** The bucket did not do what it was asked. The message has the call and the trouble; the object's name is a customer's id. */
export class ObjectStoreFailed extends InfrastructureError {
  constructor(action: string, trouble: string) {
    super(`s3:${action}: ${trouble}`);
  }
}

/** A bucket is close by: an object of 20 MB takes a second or two. */
const TRY_MS = 8000;
const TRIES = 3;

/**
 * A bucket of S3, without the AWS SDK: its client would add half a megabyte to the function that has to answer fast
 * (docs/decisions/0024-media-is-ours.md). Calls are repeated after a broken connection, a time-out or a 5xx.
 */
export function s3Objects(access: Omit<AwsAccess, 'endpointOf'> & Partial<AwsAccess>, bucket: string): Objects {
  const { accessKeyId, secretAccessKey, sessionToken, region } = access;
  const client = new AwsClient({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  const base = baseOf(access.endpointOf?.('s3'), region, bucket);
  const aws = { service: 's3', region };

  async function ask(
    action: string,
    method: string,
    key: string,
    object?: StoredObject,
    query = '',
  ): Promise<Response> {
    const init = {
      method,
      aws,
      ...(object && {
        body: object.bytes,
        headers: {
          'content-type': object.contentType,
          'x-amz-content-sha256': createHash('sha256').update(object.bytes).digest('hex'),
        },
      }),
    };
    for (let tries = 1; ; tries += 1) {
      try {
        const request = await client.sign(`${base}/${pathOf(key)}${query}`, init);
        const response = await fetch(request, { signal: AbortSignal.timeout(TRY_MS) });
        if (response.status < 500 && response.status !== 429) return response;
        if (tries >= TRIES) throw new ObjectStoreFailed(action, `HTTP ${response.status}`);
        await response.body?.cancel();
      } catch (error) {
        if (error instanceof ObjectStoreFailed) throw error;
        if (tries >= TRIES) throw new ObjectStoreFailed(action, 'no answer');
      }
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** tries));
    }
  }

  return {
    async put(key, object) {
      const { ok, status } = await ask('PutObject', 'PUT', key, object);
      if (!ok) throw new ObjectStoreFailed('PutObject', `HTTP ${status}`);
    },

    async get(key) {
      const response = await ask('GetObject', 'GET', key);
      if (response.status === 404) return undefined;
      if (!response.ok) throw new ObjectStoreFailed('GetObject', `HTTP ${response.status}`);
      const bytes = await response.arrayBuffer().catch(() => {
        throw new ObjectStoreFailed('GetObject', 'the answer broke off');
      });
      const contentType = response.headers.get('content-type') ?? 'application/octet-stream';
      return { bytes: new Uint8Array(bytes), contentType };
    },

    async has(key) {
      const { ok, status } = await ask('HeadObject', 'HEAD', key);
      if (!ok && status !== 404) throw new ObjectStoreFailed('HeadObject', `HTTP ${status}`);
      return ok;
    },

    async delete(key) {
      const { ok, status } = await ask('DeleteObject', 'DELETE', key);
      if (!ok && status !== 404) throw new ObjectStoreFailed('DeleteObject', `HTTP ${status}`);
    },

    async *list(prefix) {
      let after: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix, ...(after && { 'continuation-token': after }) });
        const response = await ask('ListObjectsV2', 'GET', '', undefined, `?${query}`);
        if (!response.ok) throw new ObjectStoreFailed('ListObjectsV2', `HTTP ${response.status}`);
        const xml = await response.text();
        for (const [, key = ''] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) yield plain(key);
        const next = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(xml)?.[1];
        after = next === undefined ? undefined : plain(next);
      } while (after !== undefined);
    },

    async linkTo(key, { seconds, fileName, now }) {
      const url = new URL(`${base}/${pathOf(key)}`);
      url.searchParams.set('X-Amz-Expires', String(seconds));
      // Downloaded, never shown: what a customer sent is not to run as a page.
      const name = encodeURIComponent(fileName).replace(/['()*]/g, '');
      url.searchParams.set('response-content-disposition', `attachment;filename*=UTF-8''${name}`);
      const datetime = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      return (await client.sign(url, { method: 'GET', aws: { ...aws, datetime, signQuery: true } })).url;
    },
  };
}

/** AWS in China has a domain of its own. Other endpoints than AWS's want the bucket in the path. */
function baseOf(endpoint: string | undefined, region: string, bucket: string): string {
  if (endpoint) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

const pathOf = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const plain = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => ENTITIES[name] ?? '');
