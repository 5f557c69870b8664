import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, openYard, type Yard } from '../test/support/yard.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const PATIENCE_MS = 30_000;

export const messages: Bench = {
  name: 'messages',
  about:
    'from a customer’s message to the reply on the phone, through the whole local stack; each customer waits for it',
  async run({ runs = 10, say }): Promise<readonly Row[]> {
    say('starting the stack and WeCom');
    const yard = await openYard({ stack: { timeScale: 1 } });
    try {
      // Enough of them at once that every function has its environments.
      await writeAll(yard, 'wmWarm', 20, 2);
      const rows: Row[] = [];
      for (const customers of [1, 5, 20]) {
        say(`${customers} customers, ${runs} messages each`);
        rows.push(await measure(yard, customers, runs));
        await yard.quiet();
      }
      return rows;
    } finally {
      await yard.close();
    }
  },
};

async function measure(yard: Yard, customers: number, each: number): Promise<Row> {
  const began = performance.now();
  const took = await writeAll(yard, `wm${customers}of`, customers, each);
  const seconds = (performance.now() - began) / 1000;
  return {
    'customers at once': customers,
    messages: took.length,
    'per second': rounded(took.length / seconds, 1),
    'p50 ms': rounded(percentile(took, 50)),
    'p95 ms': rounded(percentile(took, 95)),
    'p99 ms': rounded(percentile(took, 99)),
  };
}

async function writeAll(yard: Yard, name: string, customers: number, each: number): Promise<number[]> {
  const people = Array.from({ length: customers }, (_, index) => `${name}${index}`);
  return (await Promise.all(people.map((customer) => converse(yard, customer, each)))).flat();
}

/** Milliseconds from each message to its answer, by WeCom's own record of both. */
async function converse(yard: Yard, customer: string, count: number): Promise<number[]> {
  const took: number[] = [];
  for (let said = 0; said < count; said++) {
    await yard.wecom.phone(customer).write(ACCOUNT, 'hours');
    const lines = await untilAnswered(yard, customer, said + 1);
    const answer = lines.filter(({ from }) => from === 'api').at(-1);
    const question = lines.filter(({ from }) => from === 'customer').at(-1);
    took.push((answer?.at ?? Number.NaN) - (question?.at ?? Number.NaN));
  }
  return took;
}

async function untilAnswered(yard: Yard, customer: string, answers: number) {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const lines = yard.wecom.transcript(ACCOUNT, customer);
    if (lines.filter(({ from }) => from === 'api').length >= answers) return lines;
    if (performance.now() > until) throw new Error(`${customer} was not answered in ${PATIENCE_MS} ms`);
    await sleep(2);
  }
}
