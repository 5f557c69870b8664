import type { Instant } from '../platform/clock.ts';

/**
 * What the rooms need of a bucket, and no more. Two things keep this contract: S3 (`s3-objects.ts`) and the in-memory world of the
 * fast tests (`test/support/memory-objects.ts`). Objects are small enough to be held in memory whole: at most 20 MB, as WeCom has it.
 */
export interface Objects {
  /** Puts an object; one of the same key is replaced. Throws `ObjectStoreFailed`. */
  put(key: string, object: StoredObject): Promise<void>;
  /** Undefined when there is none. Throws `ObjectStoreFailed`. */
  get(key: string): Promise<StoredObject | undefined>;
  /** Whether there is one. Throws `ObjectStoreFailed`. */
  has(key: string): Promise<boolean>;
  /** Removes an object; done also where there was none. Throws `ObjectStoreFailed`. */
  delete(key: string): Promise<void>;
  /** The keys that begin so, in no particular order. For commands: no function may list. Throws `ObjectStoreFailed`. */
  list(prefix: string): AsyncIterable<string>;
  /** An address under which anybody may download this object for `seconds`, as a file of that name. Asks nobody. */
  linkTo(key: string, link: { seconds: number; fileName: string; now: Instant }): Promise<string>;
}

export interface StoredObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}
