import * as z from 'zod';
import { emptyBucket } from './empty-bucket.ts';
import { finishTemplate } from './finish.ts';
import { type Place, readStackSettings, UnusableStackSettings } from './settings.ts';
import type { Template } from './template.ts';

/** What this plugin uses of the Serverless Framework. */
interface Framework {
  readonly service: {
    readonly custom: { readonly settings: unknown; readonly prefix: string; readonly where: string };
    readonly provider: { compiledCloudFormationTemplate: Template };
  };
  /** The framework says what such an error says, without where it comes from. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: 'aws'): {
    getStage(): string;
    getRegion(): string;
    getAccountId(): Promise<string>;
    getAwsSdkV3Config(): Promise<object>;
  };
}

/** Finishes the template for the place where it is to stand, and empties buckets that go with their stack. */
export default class StackOfAPlace {
  readonly hooks: Readonly<Record<string, () => unknown>>;

  constructor(framework: Framework) {
    this.hooks = {
      // Before the functions are bundled: nobody should wait for that sentence.
      'before:package:cleanup': () => check(framework),
      'after:aws:package:finalize:mergeCustomProviderResources': () => finish(framework),
      'before:remove:remove': () => emptyBuckets(framework),
    };
  }
}

function placeOf(framework: Framework): Place {
  const aws = framework.getProvider('aws');
  const where = framework.service.custom.where === 'laptop' ? 'laptop' : 'cloud';
  return { stage: aws.getStage(), region: aws.getRegion(), where };
}

function check(framework: Framework): void {
  try {
    readStackSettings(framework.service.custom.settings, placeOf(framework));
  } catch (error) {
    if (!(error instanceof UnusableStackSettings)) throw error;
    throw new framework.classes.Error(error.message, 'UNUSABLE_STACK_SETTINGS');
  }
}

function finish(framework: Framework): void {
  const { custom, provider } = framework.service;
  provider.compiledCloudFormationTemplate = finishTemplate(
    provider.compiledCloudFormationTemplate,
    custom.settings,
    placeOf(framework),
    custom.prefix,
  );
}

const Settings = z.object({ deletionPolicy: z.string() });

/** The bucket of a stage that keeps its data is left alone. */
async function emptyBuckets(framework: Framework): Promise<void> {
  const { settings, prefix } = framework.service.custom;
  if (Settings.parse(settings).deletionPolicy !== 'Delete') return;
  const aws = framework.getProvider('aws');
  await emptyBucket(await aws.getAwsSdkV3Config(), `${prefix}-${await aws.getAccountId()}-${aws.getRegion()}`);
}
