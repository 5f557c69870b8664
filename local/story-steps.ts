import { setTimeout as sleep } from 'node:timers/promises';

/** A step of the story did not come about in time. */
export class StepFailed extends Error {
  constructor(step: string) {
    super(`the step did not happen: ${step}`);
    this.name = 'StepFailed';
  }
}

/** How long a step may take, in milliseconds; a whole answer needs a small part of it. */
const PATIENCE = 15_000;

/** Throws `StepFailed` when the step does not come about in time. */
export async function until(step: string, happened: () => boolean, patience = PATIENCE): Promise<void> {
  const deadline = Date.now() + patience;
  while (!happened()) {
    if (Date.now() > deadline) throw new StepFailed(step);
    await sleep(20);
  }
}
