import * as z from 'zod';
import type { EventContract } from './contract.ts';

const Fields = z.object({
  properties: z.object({
    data: z.object({
      properties: z.record(z.string(), z.record(z.string(), z.unknown())),
      required: z.array(z.string()).default([]),
    }),
  }),
});
const Envelope = z.object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())) });
const Sample = z.object({ data: z.unknown() });

/** The readable page of all events, in Markdown. */
export function cataloguePage(contracts: readonly EventContract[]): string {
  const shown = contracts.find(({ type }) => type === 'conversation.assigned.v1') ?? contracts[0];
  return `${[
    '# Catalogue of events',
    'Written by `npm run events`, of `events/*.ts`. What consumers do with them: [README](README.md).',
    '## Around every event',
    shown ? envelope(shown) : '',
    '## All events',
    [
      '| event | says |',
      '|---|---|',
      ...contracts.map(({ type, says }) => `| [${type}](#${anchor(type)}) | ${cell(says)} |`),
    ].join('\n'),
    ...contracts.flatMap(section),
  ].join('\n\n')}\n`;
}

function envelope({ schema, sample }: EventContract): string {
  const { properties } = Envelope.parse(schema);
  const { data: _, type, ...rest } = properties;
  const rows = Object.entries({ ...rest, type: { ...type, description: 'The same as `detail-type`.' } }).map(
    ([name, one]) => `| \`${name}\` | ${cell(String(one.description ?? fixed(one)))} |`,
  );
  const lines = [
    '| field of `detail` | |',
    '|---|---|',
    ...rows,
    '| `data` | What the event itself says; see below. |',
  ];
  return `${lines.join('\n')}\n\n\`\`\`json\n${JSON.stringify(sample, null, 2)}\n\`\`\``;
}

const fixed = (one: Readonly<Record<string, unknown>>): string => ('const' in one ? `\`${String(one.const)}\`` : '');

function section({ type, says, schema, sample }: EventContract): string[] {
  const { properties, required } = Fields.parse(schema).properties.data;
  const rows = Object.entries(properties).map(([name, one]) => {
    const presence = required.includes(name) ? '' : 'optional';
    return `| \`${name}\` | ${cell(kindOf(one))} | ${presence} | ${cell(String(one.description ?? ''))} |`;
  });
  return [
    `### ${type}`,
    says,
    ['| field of `data` | is | | |', '|---|---|---|---|', ...rows].join('\n'),
    `\`\`\`json\n${JSON.stringify(Sample.parse(sample).data)}\n\`\`\``,
  ];
}

/** E.g. `date-time`, `integer 0…10`, `"agent" or "team"`, `string[]`. */
function kindOf(one: Readonly<Record<string, unknown>>): string {
  if ('const' in one) return JSON.stringify(one.const);
  if (Array.isArray(one.enum)) return one.enum.map((value: unknown) => JSON.stringify(value)).join(' or ');
  if (typeof one.format === 'string') return one.format;
  if (one.type === 'array') return `${kindOf({ ...Object(one.items) })}[]`;
  const { minimum, maximum } = one;
  const range = `${minimum ?? ''}…${maximum ?? ''}`;
  return range === '…' ? String(one.type ?? 'anything') : `${String(one.type)} ${range}`;
}

/** As GitHub makes them of headings. */
const anchor = (heading: string): string => heading.replaceAll('.', '').toLowerCase();
const cell = (text: string): string => text.replaceAll('|', '\\|');
