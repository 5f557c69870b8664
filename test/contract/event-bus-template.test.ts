import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { type PackagedStack, packageStack } from '../../local/package-stack.ts';

let packaged: PackagedStack;

beforeAll(async () => {
  packaged = await packageStack({ stage: 'dev', root: fileURLToPath(new URL('../..', import.meta.url)) });
}, 120_000);

test('what is told is kept in an archive, and nothing else', () => {
  expect(packaged.template.resource('EventArchive')?.properties).toEqual({
    ArchiveName: 'wecom-concierge-dev',
    SourceArn: { 'Fn::GetAtt': ['EventBus', 'Arn'] },
    EventPattern: { source: ['wecom-concierge'] },
    RetentionDays: 30,
  });
});

test('consumer accounts look after their own rules on this bus, and may publish nothing', () => {
  const { Statement } = packaged.template.resource('EventConsumersPolicy')?.properties ?? {};
  expect(Statement).toMatchObject({
    Effect: 'Allow',
    Resource: { 'Fn::Sub': expect.stringMatching(/:rule\/\$\{EventBus\}\/\*$/) },
    // Without it, one consumer could change another one's rules. CloudFormation takes the `!` away.
    Condition: {
      StringEqualsIfExists: {
        'events:creatorAccount': { 'Fn::Sub': expect.stringContaining('{!aws:PrincipalAccount}') },
      },
    },
  });
  expect(JSON.stringify(Statement)).not.toMatch(/PutEvents|\*"\]|"events:\*"/);
});
