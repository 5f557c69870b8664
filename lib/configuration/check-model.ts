import type { Business, Finding } from './business.ts';

/** Rule sets that ask for a model in a stage that names none: they work, and answer as if they did not ask. Pure. */
export function checkModel({ replies }: Business, stage: string, modelUrl: string): Finding[] {
  if (modelUrl !== '') return [];
  return replies.flatMap(({ model }, index): Finding[] =>
    model
      ? [
          {
            path: `replies[${index}].model`,
            problem: `stage ${stage} names no model, so nobody is asked and the fallback is said`,
            mend: `set modelUrl and modelName in config/${stage}.yml and deploy, or remove the field`,
          },
        ]
      : [],
  );
}
