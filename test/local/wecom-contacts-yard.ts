import type { CorpSetup, WeComOptions } from '../../local/wecom/simulator.ts';
import { type Door, inYard, openDoor, type Yard } from './wecom-yard.ts';

export const TEAM = ['alice', 'bob', 'carol'];

/** Three people who may serve customers, one app, and nothing else. */
export const teamCorp: CorpSetup = { accounts: [], members: TEAM };

/** What a callback said, as far as its fields are plain. */
export type Told = Readonly<Record<string, string>>;

export interface ContactYard extends Yard {
  door: Door;
  /** Creates a code for these members, with `state` "c_1", and returns its config_id. */
  code(users: readonly string[], more?: object): Promise<string>;
  /** All contact events that arrived so far, oldest first. */
  told(): Promise<Told[]>;
  /** Only the change types. */
  changes(): Promise<string[]>;
}

export function fieldsOf(xml: string): Told {
  return Object.fromEntries(
    [...xml.matchAll(/<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|(\d+))<\/\1>/g)].map(([, name, text, number]) => [
      name,
      text ?? number ?? '',
    ]),
  );
}

/** A yard whose main app has a callback address. */
export async function inContactYard(options: WeComOptions, play: (yard: ContactYard) => Promise<void>): Promise<void> {
  await inYard({ corp: teamCorp, ...options }, async (yard) => {
    const door = await openDoor(yard.secrets.apps.main?.callbacks[0] ?? { encodingAesKey: '' });
    try {
      await yard.wecom.setCallbackUrl('main', door.url);
      const told = async () => {
        await yard.wecom.idle();
        return door.arrived.map((one) => fieldsOf(one.xml));
      };
      await play({
        ...yard,
        door,
        async code(users, more = {}) {
          const way = { type: 2, scene: 2, user: users, state: 'c_1', ...more };
          return (await yard.post('externalcontact/add_contact_way', way)).config_id;
        },
        told,
        changes: async () => (await told()).map((one) => one.ChangeType ?? one.Event ?? ''),
      });
    } finally {
      await door.close();
    }
  });
}
