import { ACCOUNT, openYard, type Yard } from '../test/support/yard.ts';
import type { Bench, Row } from './bench.ts';

export const awsCalls: Bench = {
  name: 'aws-calls',
  about: 'calls to AWS and WeCom that one message costs, by function; what Lambda itself asks of queues is not counted',
  async run({ say }): Promise<readonly Row[]> {
    say('starting the stack and WeCom');
    const yard = await openYard({ house: { agents: { zhangsan: 20 } }, stack: { timeScale: 1 } });
    try {
      // Tokens, rules and the account's list are read once and remembered.
      await callsOf(yard, 'wmWarm', 'hours');
      await callsOf(yard, 'wmWarmToo', '转人工');
      const first = await callsOf(yard, 'wmNew', 'hours');
      const next = await callsOf(yard, 'wmNew', 'hours');
      const person = await callsOf(yard, 'wmPerson', '转人工');
      const after = await callsOf(yard, 'wmPerson', 'and then?');
      const keys = [...new Set([first, next, person, after].flatMap((calls) => [...calls.keys()]))].sort();
      const row = (name: string, call: string, value: (calls: Map<string, number>) => number): Row => ({
        function: name,
        call,
        'rule, first message': value(first),
        'rule, next message': value(next),
        'handed to a person': value(person),
        'said to the person': value(after),
      });
      const sum = (which: (key: string) => boolean) => (calls: Map<string, number>) =>
        [...calls].reduce((all, [key, count]) => all + (which(key) ? count : 0), 0);
      return [
        ...keys.map((key) => {
          const [name = '', call = ''] = key.split(' ');
          return row(name, call, (calls) => calls.get(key) ?? 0);
        }),
        row(
          'all',
          'AWS',
          sum((key) => !key.includes(' wecom:')),
        ),
        row(
          'all',
          'WeCom',
          sum((key) => key.includes(' wecom:')),
        ),
      ];
    } finally {
      await yard.close();
    }
  },
};

/** How often each `function service:action` was called from one message until everything was quiet. */
async function callsOf(yard: Yard, customer: string, text: string): Promise<Map<string, number>> {
  const before = yard.stack.calls.length;
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
  const counted = new Map<string, number>();
  for (const call of yard.stack.calls.slice(before)) {
    const key = `${call.function} ${call.service}:${call.action}`;
    counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  return counted;
}
