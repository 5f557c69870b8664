import { WeComError } from './errors.ts';

/**
 * Why WeCom refuses a list of members. It never says which of them is meant: ask `followUsers` and `memberStatus`, and
 * never find out by changing the printed code.
 *
 * - `not-verified`: a member has no real name yet (实名认证).
 * - `not-activated`: a member has never logged in.
 * - `no-permission`: a member may not serve customers (客户联系).
 * - `out-of-range`: a member is outside the app's visible range.
 * - `unknown-member`: a member left, was deleted, or is outside the visible range.
 * - `customers-full`: a member has reached WeCom's limit of customers.
 */
export type MemberFault =
  | 'not-verified'
  | 'not-activated'
  | 'no-permission'
  | 'out-of-range'
  | 'unknown-member'
  | 'customers-full';

const MEMBER_FAULTS: ReadonlyMap<number, MemberFault> = new Map([
  [40098, 'not-verified'],
  [41054, 'not-activated'],
  [84074, 'no-permission'],
  [60011, 'out-of-range'],
  [40003, 'unknown-member'],
  [60111, 'unknown-member'],
  [40099, 'customers-full'],
]);

/**
 * What is wrong with a member of the list, when that is why a code or a link was refused. To be asked before `isOutage`:
 * WeCom answers one member without permission with the same code as an app without permission (84074, 60011).
 */
export function memberFault(error: unknown): MemberFault | undefined {
  return error instanceof WeComError ? MEMBER_FAULTS.get(error.errcode) : undefined;
}

/**
 * Whether WeCom knows no relation between this member and this customer. After a half add it comes with the full one, so it is
 * worth trying again then (WeCom: add_half_external_contact).
 */
export function saysNoRelation(error: unknown): boolean {
  return error instanceof WeComError && error.errcode === 84061;
}

/** Whether the code or link that was named does not exist, or is not this app's. */
export function saysNoSuchWay(error: unknown): boolean {
  return error instanceof WeComError && error.errcode === 41044;
}

/** Whether the app sees no member of that id: left, deleted, never there, or outside the visible range. */
export function saysUnknownMember(error: unknown): boolean {
  const fault = memberFault(error);
  return fault === 'unknown-member' || fault === 'out-of-range';
}

/** Whether the corp has as many codes as WeCom allows. */
export function saysTooManyWays(error: unknown): boolean {
  return error instanceof WeComError && error.errcode === 41045;
}
