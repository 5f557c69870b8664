import type { Business, Finding } from './business.ts';

/** Rule sets that ask for a model in a stage that names none (`namedBy`: what would): they work, and answer as if they did not ask. Pure. */
export function checkModel({ replies }: Business, stage: string, model: { url: string; namedBy: string }): Finding[] {
  const { url, namedBy } = model;
  if (url !== '') return [];
  return replies.flatMap(({ model }, index): Finding[] =>
    model
      ? [
          {
            path: `replies[${index}].model`,
            problem: `stage ${stage} names no model, so nobody is asked and the fallback is said`,
            mend: `${namedBy}, or remove the field`,
          },
        ]
      : [],
  );
}
