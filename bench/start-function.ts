import { pathToFileURL } from 'node:url';

// One cold start, in a process of its own: loads the bundle that is named, hands it one event, and prints how long each
// took in milliseconds. Arguments: the bundle, and the event as JSON.

const [, , bundle = '', event = 'null'] = process.argv;

/** Functions write their log to standard output, where only the result belongs here. */
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 30_000 };
const began = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const loaded = performance.now();
const answer: unknown = await handler(JSON.parse(event), context);
const done = performance.now();
print(JSON.stringify({ load: loaded - began, first: done - loaded, answer: answer ?? null }));
process.exit(0);
