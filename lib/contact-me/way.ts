import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import { type Calendar, isOn, Shifts } from '../platform/shifts.ts';
import { CUSTOMER_REMARK_CHARACTERS, WAY_MEMBERS } from '../wecom/contact-limits.ts';
import { validateWelcome, Welcome } from '../wecom/welcome-messages.ts';

/** A member's userid; WeCom does not tell its case apart, so it is lower-cased here. */
const AgentId = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-z_\-@.]{1,64}$/, { error: 'is no userid: 1 to 64 letters, digits, "_", "-", "@" and "."' });

const Cap = z
  .int({ error: 'a cap is a whole number' })
  .min(1, { error: 'a cap is at least 1; to stop, take off duty' });

/** Weights are shares of the turns, so more than a hundredfold difference is a slip of the pen. */
const Weight = z.int().min(1).max(100).default(1);

/** Caps count adds. `…AcrossWays` counts those of all contact ways together. */
const room = {
  perDay: Cap.optional(),
  total: Cap.optional(),
  perDayAcrossWays: Cap.optional(),
  totalAcrossWays: Cap.optional(),
};

export const WayMember = z.strictObject({ agentId: AgentId, weight: Weight, shifts: Shifts.optional(), ...room });
export type WayMember = Readonly<z.infer<typeof WayMember>>;

/** Everybody in a department and those below it, alike. We expand it and name only members to WeCom. */
export const WayDepartment = z.strictObject({
  departmentId: z.int().min(1),
  weight: Weight,
  shifts: Shifts.optional(),
  ...room,
});
export type WayDepartment = Readonly<z.infer<typeof WayDepartment>>;

/** A welcome that WeCom would take, and that has a form for when WeCom does not tell the names. */
const WayWelcome = Welcome.check(({ value, issues }) => {
  for (const message of validateWelcome(value)) issues.push({ code: 'custom', message, input: value });
});

/** The greetings of a way: the first of `variants` in whose shift the customer came, else `standard`. */
export const WayWelcomes = z.strictObject({
  variants: z.array(z.strictObject({ shifts: Shifts, welcome: WayWelcome })).default([]),
  standard: WayWelcome.optional(),
});
export type WayWelcomes = Readonly<z.infer<typeof WayWelcomes>>;

/**
 * How turns come to members. `pool`: the code lists all who can take one, and WeCom picks. `turn`: it lists the next one only. `link`: the
 * printed code is our address, and each opening takes a turn.
 */
export const WayMode = z.enum(['pool', 'turn', 'link']);
export type WayMode = z.infer<typeof WayMode>;

/** `fixed` takes no turns: always the first of the list who can. */
export const WayStrategy = z.enum(['round-robin', 'weighted', 'least-added-today', 'fixed']);
export type WayStrategy = z.infer<typeof WayStrategy>;

/** A contact way as supervisors configure it. */
export const ContactWay = z
  .strictObject({
    /** Stands in WeCom's `state`, of 30 characters, beside our prefix, the stage and a member's number. */
    wayId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,15}$/, {
      error: 'is no way id: 1 to 16 small letters, digits and "-", not beginning with "-"',
    }),
    name: z.string().trim().min(1),
    app: z.string().min(1).default('main'),
    mode: WayMode,
    scene: z.enum(['code', 'mini-program']).default('code'),
    strategy: WayStrategy.default('round-robin'),
    /** In order: it decides where nothing else does. */
    members: z.array(WayMember).default([]),
    departments: z.array(WayDepartment).default([]),
    /** Who takes turns while no member can, one after the other. Shifts do not hold for them; a member's caps do. */
    backups: z.array(AgentId).default([]),
    /** Adds of the whole way. */
    perDay: Cap.optional(),
    total: Cap.optional(),
    /** The customer is added without the member's approval. */
    skipVerify: z.boolean().default(true),
    /** The member's remark of the customer. */
    remark: z.string().max(CUSTOMER_REMARK_CHARACTERS).optional(),
    welcome: WayWelcomes.default({ variants: [] }),
    tags: z.array(z.string().min(1)).default([]),
    /** `link`: who comes again within so many minutes gets the same member. */
    revisitMinutes: z.int().min(0).default(1440),
    /** `link`: a turn without an add after so many minutes is made good in the next epoch. Absent: it is not. */
    makeGoodAfterMinutes: z.int().min(1).optional(),
    /** `link`: how a visitor comes to his member. Acquisition links cost quota; where one cannot be had, the code is shown. */
    memberContact: z.enum(['code', 'acquisition-link']).default('code'),
    /** `link`: the kf account that is offered when nobody can take the customer. */
    kfAccount: z.string().min(1).optional(),
    /** `link`: the page shows WeCom's own code, as long as our turns are in doubt. */
    emergency: z.boolean().default(false),
    paused: z.boolean().default(false),
  })
  .check(({ value, issues }) => {
    for (const [path, message] of wayProblems(value)) issues.push({ code: 'custom', message, path, input: value });
  });
export type ContactWay = Readonly<z.infer<typeof ContactWay>>;

/** What befalls a way while it works; none of it is configuration. Agents are named by their lower-cased ids. */
export interface WayState {
  /** Our own switch, by agent; who is not named is on. */
  readonly duty: Readonly<Record<string, 'on' | 'off'>>;
  readonly setAside: Readonly<Record<string, SetAside>>;
  /** The last list, not empty, that WeCom took. */
  readonly lastGood: readonly string[];
}

/** A member whom WeCom refuses in a list. `reason` is for people, e.g. `not-verified`. */
export interface SetAside {
  readonly reason: string;
  readonly since: Instant;
}

/** Where in the way, and what is wrong with it: `what; the mend`. */
export type WayProblem = readonly [path: (string | number)[], message: string];

/** What cannot be in a way although each of its fields is good by itself. */
export function wayProblems(way: ContactWay): WayProblem[] {
  return [
    ...repeats(way.members.map(({ agentId }) => agentId)).map(
      (index): WayProblem => [['members', index, 'agentId'], 'is a member already; raise the weight instead'],
    ),
    ...repeats(way.backups).map((index): WayProblem => [['backups', index], 'is a backup already']),
    ...repeats(way.departments.map(({ departmentId }) => departmentId)).map(
      (index): WayProblem => [['departments', index, 'departmentId'], 'is named already'],
    ),
    ...(way.members.length + way.departments.length === 0
      ? [[['members'], 'a way needs at least one member or department'] satisfies WayProblem]
      : []),
    ...(way.scene === 'mini-program' && way.mode === 'link'
      ? [[['mode'], 'a mini-program button cannot be a link; use pool or turn'] satisfies WayProblem]
      : []),
    ...(way.mode === 'pool' && way.members.length > WAY_MEMBERS
      ? [
          [
            ['members'],
            `WeCom lists at most ${WAY_MEMBERS} members; use turn or link, or two ways`,
          ] satisfies WayProblem,
        ]
      : []),
  ];
}

/** Where something stands that stood before. */
function repeats(values: readonly (string | number)[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}

/**
 * The way with its departments as members: who is named himself keeps his own weight, shifts and caps; who is in two departments
 * has those of the first. `peopleOf` has each department's members, those of the departments below included.
 */
export function withDepartments(way: ContactWay, peopleOf: (departmentId: number) => readonly string[]): ContactWay {
  const named = new Set(way.members.map(({ agentId }) => agentId));
  const members = [...way.members];
  for (const { departmentId, ...terms } of way.departments) {
    for (const agentId of peopleOf(departmentId)) {
      if (named.has(agentId)) continue;
      named.add(agentId);
      members.push({ agentId, ...terms });
    }
  }
  return { ...way, members, departments: [] };
}

/** The welcome for a customer who came at this moment; undefined when the way has none. */
export function welcomeAt(
  way: Pick<ContactWay, 'welcome'>,
  calendar: Calendar,
  zone: string,
  at: Instant,
): Welcome | undefined {
  const { variants, standard } = way.welcome;
  return variants.find(({ shifts }) => isOn(shifts, calendar, zone, at))?.welcome ?? standard;
}
