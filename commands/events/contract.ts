import * as z from 'zod';
import { Envelope } from '../../events/envelope.ts';
import type { EventDefinition } from '../../lib/events/define-event.ts';

/** A JSON Schema, as far as this contract uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What is generated of one event. */
export interface EventContract {
  readonly type: string;
  readonly says: string;
  /** Of `detail` as a whole. */
  readonly schema: JsonSchema;
  /** A whole `detail`. */
  readonly sample: object;
}

/** An event's contract: a JSON Schema (draft 2020-12) of all that `detail` holds, with one sample. */
export function contractOf(definition: EventDefinition): EventContract {
  const { type, says, data, example } = definition;
  const shape = Envelope.extend({ type: z.literal(type), data });
  const { $schema, ...schema } = z.toJSONSchema(shape, { target: 'draft-2020-12', override: open });
  const sample = sampleOf(type, example);
  return {
    type,
    says,
    schema: {
      $schema,
      $id: `urn:wecom-concierge:event:${type}`,
      title: type,
      description: says,
      ...schema,
      examples: [sample],
    },
    sample,
  };
}

/**
 * Newer versions add fields, so no schema forbids them; a format says what zod's long pattern for it says; and that integers fit into a
 * JavaScript number is nothing that a consumer has to know.
 */
function open({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function sampleOf(type: string, data: unknown): object {
  return {
    specversion: '1.0',
    id: `sample-${type}`,
    source: 'wecom-concierge/dev',
    type,
    subject: subjectOf(type, Object(data)),
    time: '2026-11-21T08:00:01.000Z',
    sequence: 7,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    datacontenttype: 'application/json',
    data,
  };
}

/** As the rooms name what their facts are about. */
function subjectOf(type: string, data: { customerId?: string; wayId?: string; agentId?: string }): string {
  const [what] = type.split('.');
  if (what === 'agent') return `agent#${data.agentId}`;
  if (what === 'contact' || what === 'welcome') return data.customerId ?? '';
  if (what === 'way' || what === 'member' || what === 'rotation') return `way#${data.wayId}`;
  if (what === 'ways' || what === 'acquisition') return '#corp';
  return 'wkSUPPORT:wmEXAMPLE';
}
