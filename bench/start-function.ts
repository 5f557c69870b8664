import { pathToFileURL } from 'node:url';

// One cold start, in a process of its own: loads the bundle that is named, hands it one event if there is one, and prints
// how long each took in milliseconds. Arguments: the bundle, and the event as JSON.

const [, , bundle = '', event] = process.argv;
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 30_000 };

// Functions write their log to standard output, where only the result belongs here.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

const began = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const load = performance.now() - began;
if (event === undefined) {
  print(JSON.stringify({ load, answer: null }), () => process.exit());
} else {
  const invoked = performance.now();
  const answer: unknown = await handler(JSON.parse(event), context);
  const first = performance.now() - invoked;
  print(JSON.stringify({ load, first, answer: answer ?? null }), () => process.exit());
}
