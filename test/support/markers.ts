import type { Stack } from '../../local/stack.ts';
import { seeded } from './seeded.ts';

/** Where nothing may stand that somebody outside wrote. `error`: our HTTP answers from 400 on. */
export type Place = 'log' | 'queue' | 'event' | 'error';

/** What a field is, for whom reads the list below. */
export type Kind = keyof typeof ALLOWED;

/** What may stand where all the same, and why. Whatever is not named here may stand nowhere. */
export const ALLOWED = {
  /** Words, names, remarks, addresses, files: what people wrote, and what is written about them. */
  said: { in: [], because: 'nobody needs it outside of the tables' },
  id: {
    in: ['log', 'queue', 'event'],
    because:
      'ids of accounts, customers, members, messages, tags and links: they lead to what happened, and say nothing of anybody',
  },
  pullToken: {
    in: ['queue'],
    because: 'WeCom limits pulls without one; it is worth ten minutes, and only with our access token',
  },
  replyCode: {
    in: ['queue'],
    because: 'a welcome is due within 20 seconds, a card is changed once; useless without our access token',
  },
  channel: {
    in: ['queue', 'event'],
    because:
      'the State of a code, the channel of a link, the scene of an entrance: keys that the company itself gave out',
  },
  kindOfEvent: {
    in: ['log', 'queue'],
    because: 'WeCom’s own word for what happened, from verified callbacks only, and only a plain word',
  },
  word: {
    in: ['queue', 'event'],
    because:
      'WeCom’s own words and numbers about what happened (ChangeType, FailReason, Status, msgtype …); no person writes them',
  },
  nameOfField: { in: ['error'], because: 'a finding names the field that is not known; who sent it wrote it himself' },
} as const satisfies Readonly<Record<string, { readonly in: readonly Place[]; readonly because: string }>>;

export interface Found {
  readonly field: string;
  readonly kind: Kind;
  readonly place: Place;
  readonly where: string;
}

export interface Text {
  readonly place: Place;
  /** Where exactly, for who has to look. */
  readonly where: string;
  readonly text: string;
}

/** Gives out words that nobody else writes, and finds them again. */
export function markerBoard(seed: number) {
  const random = seeded(seed);
  const planted = new Map<string, { readonly field: string; readonly kind: Kind }>();
  // Small letters and digits: no encoding changes them, and WeCom does not keep the case of a member's id. Long enough at both ends that no
  // random id looks like one: with two letters each, one run in ten had such an id.
  const word = () =>
    `zqvx${Math.floor(random() * 36 ** 8)
      .toString(36)
      .padStart(8, 'q')}xvqz`;
  const MARKER = /zqvx[0-9a-z]{8}xvqz/g;
  const markersIn = (text: string) => [...new Set(text.toLowerCase().match(MARKER))];

  return {
    /** A marker for this field, another one for each call. */
    mark(field: string, kind: Kind = 'said'): string {
      const marker = word();
      planted.set(marker, { field, kind });
      return marker;
    },
    /** One of these, by the seed. */
    pick<T>(all: readonly T[], otherwise: T): T {
      return all[Math.floor(random() * all.length)] ?? otherwise;
    },
    /** Every marker that stands where it may not. */
    leaks(texts: readonly Text[]): Found[] {
      return texts.flatMap(({ place, where, text }) =>
        markersIn(text).flatMap((marker) => {
          const { field, kind } = planted.get(marker) ?? { field: `nobody planted ${marker}`, kind: 'said' as const };
          const allowed: readonly Place[] = ALLOWED[kind].in;
          return allowed.includes(place) ? [] : [{ field, kind, place, where }];
        }),
      );
    },
    /** The fields whose markers stand in any of these texts. */
    fieldsIn(texts: readonly string[]): string[] {
      return [...new Set(texts.flatMap(markersIn).flatMap((marker) => planted.get(marker)?.field ?? []))];
    },
  };
}

/** What the stack's functions sent to queues and to the bus: whole requests, with groups and attributes. */
export function sentTexts({ calls, events }: Pick<Stack, 'calls' | 'events'>): Text[] {
  const sent = calls.flatMap(({ service, action, function: name, request }): Text[] => {
    const text = JSON.stringify(request) ?? '';
    if (service === 'sqs' && /^SendMessage/.test(action)) return [{ place: 'queue', where: `${name} ${action}`, text }];
    if (service === 'events') return [{ place: 'event', where: `${name} ${action}`, text }];
    return [];
  });
  return [
    ...sent,
    ...events.map((event): Text => ({ place: 'event', where: event['detail-type'], text: JSON.stringify(event) })),
  ];
}

/** What the stack's functions wrote into tables: there everything is allowed, and what was read has to come there. */
export const keptTexts = ({ calls }: Pick<Stack, 'calls'>): string[] =>
  calls.flatMap(({ service, request }) => (service === 'dynamodb' ? [JSON.stringify(request) ?? ''] : []));
