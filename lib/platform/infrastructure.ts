/**
 * Whether an error comes from what we run on (a throttled table, a lost connection), and not from what we were handling.
 * Such an error says nothing about an entry or an effect, so it must not count against it.
 */
export function isInfrastructureError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // The table would refuse the same item again.
  if (error.name === 'ValidationException') return false;
  // Everything the AWS SDK throws carries its metadata; what Node's network throws carries a system call.
  return (
    error instanceof InfrastructureError || '$metadata' in error || 'syscall' in error || TIMED_OUT.has(error.name)
  );
}

const TIMED_OUT: ReadonlySet<string> = new Set(['TimeoutError', 'AbortError']);

/** Our own infrastructure did not do what it was asked; trying again later may help. */
export class InfrastructureError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
