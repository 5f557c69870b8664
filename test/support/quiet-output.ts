import { afterAll, beforeAll } from '@jest/globals';

/**
 * Keeps log lines and metrics off the terminal while this file's tests run: stories by the hundred would bury what the tests
 * say. Nothing that is tested reads the stream.
 */
export function quietOutput(): void {
  const loud = process.stdout.write;
  beforeAll(() => {
    process.stdout.write = () => true;
  });
  afterAll(() => {
    process.stdout.write = loud;
  });
}
