import { MissingAppSecret, WeComError, WeComUnreachable } from '../wecom/errors.ts';
import type { Words } from './finding.ts';
import { stepOfRefusal } from './judge.ts';

/** What became of a call: its answer, WeCom's refusal, or why there was neither. */
export type Tried<T> =
  | { readonly value: T }
  | { readonly errcode: number; readonly api: string; readonly fromIp: string | undefined }
  | { readonly reason: string };

export async function tried<T>(call: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof WeComError) return { errcode: error.errcode, api: error.api, fromIp: error.fromIp };
    if (error instanceof WeComUnreachable) return { reason: error.reason };
    if (error instanceof MissingAppSecret) return { reason: 'no-secret' };
    throw error;
  }
}

export type NotDone = Exclude<Tried<unknown>, { value: unknown }>;

export const stepFor = (not: NotDone, about: Parameters<typeof stepOfRefusal>[1], otherwise: number): number =>
  ('errcode' in not ? stepOfRefusal(not.errcode, about) : undefined) ?? otherwise;

export function wordsOf(not: NotDone, api: string): Words {
  if ('reason' in not)
    return { zh: `${api} 没有可读的回答（${not.reason}）`, en: `${api} gave no readable answer (${not.reason})` };
  return { zh: `${not.api} 被拒绝（${not.errcode}）`, en: `${not.api} is refused (${not.errcode})` };
}
