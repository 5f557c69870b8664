import * as z from 'zod';
import { ContactWay, WayDepartment, WayMember, type WayWelcomes } from '../contact-me/way.ts';
import { writtenShifts } from '../platform/shifts.ts';

/** A member's id, or a department's, is mostly all that is said of them. */
const byId = (written: unknown) =>
  typeof written === 'string' || typeof written === 'number' ? { id: written } : written;

const { agentId, ...member } = WayMember.shape;
const { departmentId, ...department } = WayDepartment.shape;
const { wayId, members: _, departments: __, ...way } = ContactWay.shape;

/**
 * A contact way as people write it, in the file and in the admin API: with `id` in every place, and plain ids where nothing else is said of a
 * member. What cannot be in a way although each field is good by itself is found by `checkWay`.
 */
export const WrittenWay = z.strictObject({
  id: wayId,
  ...way,
  members: z.array(z.preprocess(byId, z.strictObject({ id: agentId, ...member }))).default([]),
  departments: z.array(z.preprocess(byId, z.strictObject({ id: departmentId, ...department }))).default([]),
});
export type WrittenWay = z.infer<typeof WrittenWay>;

/** The same way in the words of the room that it is for. */
export function contactWayOf({ id, members, departments, ...rest }: WrittenWay): ContactWay {
  return {
    wayId: id,
    ...rest,
    members: members.map(({ id: agentId, ...terms }) => ({ agentId, ...terms })),
    departments: departments.map(({ id: departmentId, ...terms }) => ({ departmentId, ...terms })),
  };
}

/** A way as it would be written: whoever reads this gets the same way again. */
export function writtenWay({ wayId: id, name, members, departments, welcome, ...rest }: ContactWay) {
  return {
    id,
    name,
    ...rest,
    members: members.map(({ agentId, ...terms }) => ({ id: agentId, ...writtenTerms(terms) })),
    departments: departments.map(({ departmentId, ...terms }) => ({ id: departmentId, ...writtenTerms(terms) })),
    welcome: writtenWelcomes(welcome),
  };
}

/** Welcomes as they would be written. */
export function writtenWelcomes({ variants, standard }: WayWelcomes) {
  return {
    variants: variants.map(({ shifts, welcome }) => ({ shifts: writtenShifts(shifts), welcome })),
    ...(standard && { standard }),
  };
}

function writtenTerms({ shifts, ...terms }: Omit<WayMember, 'agentId'>) {
  return { ...terms, ...(shifts && { shifts: writtenShifts(shifts) }) };
}
