import type { Relation } from './contact-book.ts';
import { memberOf } from './corp.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const LIFETIME = 20_000;

/** A code for the event of this friendship, or undefined where WeCom gives none (change_external_contact, WelcomeCode). */
export function welcomeCodeFor(world: World, relation: Relation): string | undefined {
  const member = memberOf(world.corp, relation.member);
  const coworker = world.contacts.employers.has(relation.customer);
  if (member === undefined || member.consoleWelcome || coworker) return undefined;
  if (relation.welcomed || relation.messages > 0) return undefined;
  if (member.archived && !relation.agreed && !world.switches.codeBeforeConsent) return undefined;
  const code = world.random.text(43);
  world.contacts.welcomeCodes.set(code, { relation, at: world.now(), used: undefined });
  return code;
}

/**
 * Uses a code up. WeCom: externalcontact/send_welcome_msg; one code works once, whichever app is first.
 *
 * @throws Refusal 41050 unknown, late or used by this app; 41096 and then 41051 used by another; 41051 already chatting or
 *   welcomed by the friendship's other code; 41053 no consent to the archive; 92599 the member has not signed in for long
 */
export function redeem(world: World, app: string, code: string): Relation {
  const now = world.now();
  const issued = world.contacts.welcomeCodes.get(code);
  if (issued === undefined || now - issued.at > LIFETIME) throw new Refusal(41050);
  const { relation, used } = issued;
  if (used?.app === app) throw new Refusal(41050);
  if (used !== undefined) throw new Refusal(now - used.at < world.switches.welcomeUnderWayMs ? 41096 : 41051);
  const member = memberOf(world.corp, relation.member);
  if (member === undefined || relation.stage === 'over') throw new Refusal(41050);
  if (relation.welcomed || relation.messages > 0) throw new Refusal(41051);
  if (member.archived && !relation.agreed) throw new Refusal(41053);
  if (!member.signedIn) throw new Refusal(92599);
  issued.used = { app, at: now };
  relation.welcomed = true;
  return relation;
}
