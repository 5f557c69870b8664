import * as z from 'zod';
import { WayWelcomes } from '../contact-me/way.ts';
import { LibraryFile } from '../media/our-file.ts';
import { NoticeTerms, Supervisor } from '../notices/supervisor.ts';
import { Calendar } from '../platform/shifts.ts';
import { Entrance } from '../replies/entrance.ts';
import { Faq } from '../replies/faq.ts';
import { FaqTerms } from '../replies/faq-terms.ts';
import { LibraryReply } from '../replies/reply.ts';
import { RuleSet } from '../replies/rule-set.ts';
import { AgentTerms, TeamTerms } from '../routing/terms.ts';
import { WrittenWay } from './written-way.ts';

/** The account that stands for all accounts that no other entry names. */
export const ANY_ACCOUNT = '*';

/** A member's userid; WeCom does not tell its case apart, so it is lower-cased here. */
const agentId = z.string().trim().toLowerCase();

/** YAML 1.2 keeps `on` a text, but people also write true and false for it. */
const Duty = z.preprocess(
  (written) => (typeof written === 'boolean' ? (written ? 'on' : 'off') : written),
  z.enum(['on', 'off']),
);

/** Whether an account uses the list of frequent questions, and how; `false` alone switches it off. */
const WrittenFaqUse = z.preprocess(
  (written) => (typeof written === 'boolean' ? { enabled: written } : written),
  FaqTerms.extend({ enabled: z.boolean().default(true) }),
);

/**
 * The business configuration as its file says it, defaults filled in. This is the shape alone; what the values may be is
 * checked by `checkPeople`, `checkTerms`, `checkReplies` and `checkWays`, whose findings know the mend.
 */
export const Business = z.strictObject({
  agents: z
    .array(z.strictObject({ id: agentId, capacity: z.number(), duty: Duty.default('on'), ...AgentTerms.shape }))
    .default([]),
  teams: z
    .array(
      z.strictObject({
        id: z.string(),
        accounts: z.array(z.string()),
        agents: z.array(agentId),
        endAfterSilenceSeconds: z.number().default(1800),
        ...TeamTerms.shape,
      }),
    )
    .default([]),
  /** The quick replies that rules name come from the library. */
  replies: z
    .array(
      RuleSet.omit({ quickReplies: true, calendar: true, faq: true, media: true }).extend({
        accounts: z.array(z.string()),
        faq: WrittenFaqUse.optional(),
        /** The name by which entries take it. */
        id: z.string().optional(),
      }),
    )
    .default([]),
  quickReplies: z.array(LibraryReply).default([]),
  /** Frequent questions, for every account with a rule set that does not switch them off. */
  faq: Faq.default([]),
  // Codes are printed: what an older file does not know of must not stop working. So these are only changed where the file names them.
  contactWays: z.array(WrittenWay).optional(),
  /** The days that are the same for all shifts, of agents and in contact ways. */
  calendar: Calendar.optional(),
  /** For adds by a way that has no welcome of its own, and by none of ours. */
  welcome: WayWelcomes.optional(),
  /** Who is told in WeCom what goes wrong; nobody, unless named. */
  supervisors: z.array(Supervisor).default([]),
  notices: NoticeTerms.prefault({}),
  /** The ways into the accounts, by scene and channel, that meet customers with something of their own, or count them. */
  entries: z.array(Entrance).default([]),
  /** Pictures and other files that rules name; what they hold is read with them (`withMediaFiles`). */
  media: z.array(LibraryFile).default([]),
});
export type Business = z.infer<typeof Business>;

/** Something about the file that its author should know. `path` is the field's, e.g. `teams[0].agents[2]`. */
export interface Finding {
  readonly path: string;
  readonly problem: string;
  readonly mend: string;
}

/** What a check found. Problems keep the file from being applied, warnings do not. */
export interface Findings {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** The place of what is wrong as a whole. */
export const WHOLE_FILE = 'the file';

/** A field's place as it is written in findings: `replies[0].rules[2].reply`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '') || WHOLE_FILE;
}
