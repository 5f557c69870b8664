/** The work was not done in its time. It goes on regardless, and nobody waits for it any more. */
export class TimeIsUp extends Error {
  constructor() {
    super('The work was not done in its time');
    this.name = 'TimeIsUp';
  }
}

/** Waits for the work, but so many milliseconds at most; then throws `TimeIsUp`. */
export async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeIsUp()), milliseconds);
  });
  try {
    return await Promise.race([work, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
