import * as z from 'zod';
import { Shifts } from '../platform/shifts.ts';

/** The word for all teams, and for what belongs to no team. */
export const EVERY_TEAM = '*';

/** Somebody who is told in WeCom what goes wrong. */
export const Supervisor = z.strictObject({
  /** A member's userid; WeCom does not tell its case apart. */
  id: z.string().trim().toLowerCase(),
  teams: z.array(z.string()).default([EVERY_TEAM]),
  language: z.enum(['zh', 'en']).default('zh'),
  /**
   * What a supervisor may do in the console: look (without anybody's words), also read conversations and change what is of the teams, or
   * everything. To look unless said otherwise.
   */
  role: z.enum(['viewer', 'supervisor', 'operator']).optional(),
  /** When nothing is told; what happens then is told afterwards, together. */
  quiet: Shifts.optional(),
});
export type Supervisor = Readonly<z.infer<typeof Supervisor>>;

/** What is the same for all supervisors. */
export const NoticeTerms = z.strictObject({
  /** The app of `WECOM_SECRETS` that sends. */
  app: z.string().default('main'),
  /** Where a supervisor can look closer; stands below every message. */
  link: z
    .url({ protocol: /^https$/, error: 'is no address; write one that begins with https://' })
    .max(500)
    .regex(/^[^"<>\s]+$/, { error: 'has a character that no address has; write it as %xx' })
    .optional(),
  /** Messages to one supervisor in any hour. */
  perHour: z.int().min(1).max(60).default(20),
  /** Of these, messages that say something of one kind. */
  perHourOfAKind: z.int().min(1).max(60).default(6),
  /** For so long after a message, more of the same is gathered. */
  mergeMinutes: z.int().min(1).max(60).default(5),
  /** The language in which agents are told about conversations that they are given. */
  agentLanguage: z.enum(['zh', 'en']).default('zh'),
  /** Where an agent reads a conversation's history; `{id}` stands for the conversation. */
  historyLink: z
    .string()
    .max(500)
    .regex(/^https:\/\/[^"<>\s]+$/, { error: 'is no address; write one that begins with https://' })
    .includes('{id}', { error: 'says nowhere which conversation; write {id} in its place' })
    .optional(),
});
export type NoticeTerms = Readonly<z.infer<typeof NoticeTerms>>;

/** Who is told, and how. */
export interface NoticeSettings {
  readonly supervisors: readonly Supervisor[];
  readonly terms: NoticeTerms;
}

/** Of a stage where nobody is told anything. */
export const NO_NOTICES: NoticeSettings = { supervisors: [], terms: NoticeTerms.parse({}) };

/** Whether this is theirs to know; what belongs to no team is for those who have all. */
export function concerns({ teams }: Supervisor, teamId: string | undefined): boolean {
  return teams.includes(EVERY_TEAM) || (teamId !== undefined && teams.includes(teamId));
}
