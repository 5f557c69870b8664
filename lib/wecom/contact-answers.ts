import * as z from 'zod';
import { SECOND } from '../platform/clock.ts';

/** What WeCom's answers about contacts and members have in common. */

/** WeCom does not keep the case of a member's id. */
export const UserId = z.string().transform((userid) => userid.toLowerCase());
export const UserIds = z.array(UserId).default([]);
export const Departments = z.array(z.number()).default([]);
/** WeCom writes an absent text as an empty one. */
export const Text = z.string().transform((text) => text || undefined);
/** To milliseconds. */
export const Seconds = z.number().transform((seconds) => seconds * SECOND);

/** The most that WeCom gives at a time. */
export const PER_PAGE = 1000;

/** Reads on until WeCom gives no further cursor, or the one that was just used, which would never end. */
export async function everyPage(read: (cursor: { cursor?: string }) => Promise<string>): Promise<void> {
  let cursor = '';
  for (;;) {
    const next = await read(cursor ? { cursor } : {});
    if (next === '' || next === cursor) return;
    cursor = next;
  }
}

/** A refusal that is an answer: there is no such thing. */
export async function orUndefined<T>(call: Promise<T>, isAbsence: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
