import { afterAll, beforeAll } from '@jest/globals';

// Set up for every test file: log lines and metrics stay off the terminal, where they would bury what the tests say. Who wants to hear
// them listens to the stream himself.
const loud = process.stdout.write;
beforeAll(() => {
  process.stdout.write = () => true;
});
afterAll(() => {
  process.stdout.write = loud;
});
