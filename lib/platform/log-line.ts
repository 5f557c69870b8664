/** In bytes, without its line feed: whoever reads the log pays for each of them, and reads it at three in the morning. */
export const LONGEST_LINE = 300;

type Value = string | number;
/** Names and what they are, in the order in which they are written. */
type Fields = readonly (readonly [name: string, value: Value])[];

/** What stands on every line; messages and services are words of our own, which are shorter. */
const LONGEST = { message: 80, service: 40, trace: 32, error: 40 } as const;
const ROOM_FOR_PART = ',"part":"00/00"'.length;

/**
 * The lines that tell this, each of at most `LONGEST_LINE` bytes. Mostly it is one. What has no room on the first goes on in further
 * ones, which repeat `level`, `message`, `service` and `trace`, and have `part` ("2/3"), so that whoever finds one of them finds all.
 * Nothing is left out; a value for which a whole line is too short is cut, and ends in `…`.
 *
 * @param head stands on the first line in any case, `fields` as far as there is room for them
 */
export function linesOf(
  always: { readonly level: string; readonly message: string; readonly service: string; readonly trace?: string },
  head: { readonly errcode?: number | undefined; readonly error?: string | undefined },
  fields: Fields,
): string[] {
  const everywhere: Fields = [
    ['level', always.level],
    ['message', cut(always.message, LONGEST.message)],
    ['service', cut(always.service, LONGEST.service)],
    ...(always.trace === undefined ? [] : [['trace', cut(always.trace, LONGEST.trace)] as const]),
  ];
  const first: Fields = [
    ...everywhere,
    ...(head.errcode === undefined ? [] : [['errcode', head.errcode] as const]),
    ...(head.error === undefined ? [] : [['error', cut(head.error, LONGEST.error)] as const]),
  ];
  const whole = written([...first, ...fields]);
  if (bytes(whole) <= LONGEST_LINE) return [whole];

  const room = LONGEST_LINE - ROOM_FOR_PART;
  const alone = room - bytes(written(everywhere));
  const parts: Fields[] = [];
  let left = fields.map(([name, value]): Fields[number] => [name, fitting(name, value, alone)]);
  for (let start = first; parts.length === 0 || left.length > 0; start = everywhere) {
    const taken = fill(start, left, room);
    parts.push(taken);
    left = left.filter((field) => !taken.includes(field));
  }
  return parts.map((part, index) => written([...part, ['part', `${index + 1}/${parts.length}`]]));
}

/** As many of the fields as have room, those in front first. */
function fill(start: Fields, fields: Fields, room: number): Fields {
  let line = start;
  for (const field of fields) if (bytes(written([...line, field])) <= room) line = [...line, field];
  return line;
}

/** A value that has room on a line of its own. */
function fitting(name: string, value: Value, room: number): Value {
  return typeof value === 'string' ? cut(value, room - bytes(`,"${name}":""`)) : value;
}

/** As much of the text as has room in a JSON string of so many bytes, by whole characters; `…` says that it was longer. */
export function cut(text: string, room: number): string {
  if (bytesInJson(text) <= room) return text;
  let [kept, used] = ['', bytesInJson('…')];
  for (const character of text) {
    used += bytesInJson(character);
    if (used > room) break;
    kept += character;
  }
  return `${kept}…`;
}

const written = (fields: Fields): string => JSON.stringify(Object.fromEntries(fields));
const bytes = (text: string): number => Buffer.byteLength(text);
const bytesInJson = (text: string): number => bytes(JSON.stringify(text)) - 2;
