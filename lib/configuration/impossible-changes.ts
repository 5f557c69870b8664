import type { ContactWay } from '../contact-me/way.ts';
import type { Arrangement } from './arrangement.ts';
import type { Finding } from './business.ts';

/** What of a way that exists WeCom cannot change. Pure. WeCom: externalcontact/update_contact_way has no `scene`. */
export function impossibleChanges(before: ContactWay, after: ContactWay): Finding[] {
  if (before.scene === after.scene) return [];
  return [
    {
      path: 'scene',
      problem: `WeCom cannot change the scene of a way that exists, which is ${before.scene}`,
      mend: `write scene: ${before.scene}, or delete the way and make one with another id, which gets a new code`,
    },
  ];
}

/** The same for all ways of a file, with their places in it. Pure. */
export function impossibleInFile(current: Arrangement, wanted: Arrangement): Finding[] {
  return [...(wanted.contactWays?.values() ?? [])].flatMap((after, index) => {
    const before = current.contactWays?.get(after.wayId);
    const found = before ? impossibleChanges(before, after) : [];
    return found.map((finding) => ({ ...finding, path: `contactWays[${index}].${finding.path}` }));
  });
}
