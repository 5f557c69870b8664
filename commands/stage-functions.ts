import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Refusal } from './refusal.ts';
import { AwsRefused, type StageAccess } from './stage-access.ts';

/** A function of the stage that reads credentials when it starts. */
export interface Reader {
  /** Lambda's name. */
  readonly name: string;
  readonly description: string;
  /** When its code or configuration last changed (milliseconds since 1970): whatever runs it has started since. */
  readonly modifiedAt: number;
  /** What its setting says: `ssm:/name`, `secretsmanager:name`, or the JSON itself. */
  readonly setting: string;
}

const Page = z.object({
  Functions: z.array(
    z.object({
      FunctionName: z.string(),
      Description: z.string().default(''),
      // 2026-11-22T06:30:00.000+0000
      LastModified: z.string().transform((text) => Date.parse(text.replace(/\+0000$/, 'Z'))),
      Environment: z
        .object({ Variables: z.record(z.string(), z.string()).optional(), Error: z.unknown().optional() })
        .default({}),
    }),
  ),
  NextMarker: z.string().nullish(),
});

const State = z.object({ LastUpdateStatus: z.string().optional(), LastUpdateStatusReason: z.string().optional() });

/** The functions of the deployed stage that have the setting `WECOM_SECRETS`. Throws `Refusal` where there is none. */
export async function readersOf(access: StageAccess, stage: string): Promise<Reader[]> {
  const found: Reader[] = [];
  let marker: string | undefined;
  do {
    const query = marker === undefined ? '' : `?Marker=${encodeURIComponent(marker)}`;
    const { Functions, NextMarker } = Page.parse(await access.lambda('GET', `/2015-03-31/functions/${query}`));
    for (const { FunctionName: name, Description: description, LastModified, Environment } of Functions) {
      if (Environment.Error !== undefined && name.startsWith(`wecom-concierge-${stage}-`)) {
        throw new Refusal(
          `The settings of ${name} cannot be read: may you use its key? 无法读取函数设置，请检查密钥权限。`,
        );
      }
      const { CONCIERGE_STAGE, WECOM_SECRETS: setting } = Environment.Variables ?? {};
      if (CONCIERGE_STAGE !== stage || setting === undefined) continue;
      found.push({ name, description, modifiedAt: LastModified, setting });
    }
    marker = NextMarker ?? undefined;
  } while (marker !== undefined);
  if (found.length > 0) return found.sort((a, b) => a.name.localeCompare(b.name));
  throw new Refusal(
    `No function of stage ${stage} reads credentials: deploy it first. 该环境没有读取凭证的函数，请先部署。`,
  );
}

/** Those that may still run with what was stored before. */
export function outdated(readers: readonly Reader[], writtenAt: number): Reader[] {
  return readers.filter(({ modifiedAt }) => modifiedAt <= writtenAt);
}

const LOOK_AGAIN_MS = 1000;
const LOOKS = 180;
const MARK = / · credentials of .*$/;
/** Lambda's limit for a description. */
const LONGEST = 256;

/**
 * Makes functions begin anew, by a change of what each says of itself; what works already is finished as it was. `told` hears after each one.
 * Returns when Lambda says that all of them are changed. Throws `Refusal`, `AwsRefused`.
 */
export async function restart(
  access: StageAccess,
  readers: readonly Reader[],
  now: Date,
  told: (done: number) => void,
): Promise<void> {
  const mark = ` · credentials of ${now.toISOString()}`;
  for (const { name, description } of readers) {
    const Description = description.replace(MARK, '').slice(0, LONGEST - mark.length) + mark;
    await patiently(() => access.lambda('PUT', `/2015-03-31/functions/${name}/configuration`, { Description }));
  }
  for (const [index, { name }] of readers.entries()) {
    await untilChanged(access, name);
    told(index + 1);
  }
}

async function untilChanged(access: StageAccess, name: string): Promise<void> {
  for (let look = 1; look <= LOOKS; look++) {
    const asked = await patiently(() => access.lambda('GET', `/2015-03-31/functions/${name}/configuration`));
    const { LastUpdateStatus, LastUpdateStatusReason } = State.parse(asked);
    if (LastUpdateStatus === 'Failed')
      throw new Refusal(
        `${name} could not be changed: ${LastUpdateStatusReason ?? 'Lambda gives no reason'}. 函数更新失败。`,
      );
    if (LastUpdateStatus !== 'InProgress') return;
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Refusal(`${name} is still being changed; run it again. 函数仍在更新，请稍后重试。`);
}

/** Lambda refuses a change while another one is under way, and too many calls in a second. */
async function patiently(call: () => Promise<unknown>): Promise<unknown> {
  for (let look = 1; ; look++) {
    try {
      return await call();
    } catch (error) {
      const passes = error instanceof AwsRefused && /ResourceConflict|TooManyRequests|Throttl/.test(error.trouble);
      if (!passes || look === LOOKS) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}
