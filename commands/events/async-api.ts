import { stringify } from 'yaml';
import type { EventContract } from './contract.ts';

/** The AsyncAPI 3 document of these events, as YAML. */
export function asyncApi(contracts: readonly EventContract[], version: string): string {
  const messages = contracts.map(({ type, says, schema, sample }) => {
    // AsyncAPI's own form of schemas is JSON Schema without these.
    const { $schema: _, $id: __, examples: ___, ...payload } = schema;
    return [
      type,
      {
        name: type,
        title: type,
        summary: says,
        contentType: 'application/json',
        payload,
        examples: [{ payload: sample }],
      },
    ] as const;
  });
  const reference = (path: string) => ({ $ref: `#/${path}` });
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'WeCom Concierge events',
      version,
      description:
        'Facts on the event bus of a stage. EventBridge delivers each at least once and in no order: drop repeats by `id`, and what is not newer by `sequence` of its `subject`. The payload is `detail`; `detail-type` is its `type`, `source` is `wecom-concierge`.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      bus: {
        address: 'wecom-concierge-{stage}',
        description: 'The EventBridge bus of a stage; consumers put their rules on it.',
        parameters: { stage: { description: 'The stage, e.g. `prod`.' } },
        messages: Object.fromEntries(messages.map(([type]) => [type, reference(`components/messages/${type}`)])),
      },
    },
    operations: {
      tell: {
        action: 'send',
        summary: 'We tell what happened.',
        channel: reference('channels/bus'),
        messages: messages.map(([type]) => reference(`channels/bus/messages/${type}`)),
      },
    },
    components: { messages: Object.fromEntries(messages) },
  };
  return `# Written by npm run events, of events/*.ts.\n${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}
