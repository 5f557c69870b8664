import { contactPage } from '../lib/contact-me/contact-page.ts';
import { type LinkStore, linkStore } from '../lib/contact-me/link-store.ts';
import { openWay } from '../lib/contact-me/open-way.ts';
import { rotate } from '../lib/contact-me/rotate.ts';
import { NO_TURNS } from '../lib/contact-me/turns.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { aLink, aView, type Calls, countingTable, LINK_SHAPE, linkFacts } from '../test/rooms/contact-me/link-ways.ts';
import { NOON } from '../test/rooms/contact-me/rotation-facts.ts';
import { startDynalite } from '../test/support/dynalite.ts';
import { memoryTable } from '../test/support/memory-table.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const FUNCTIONS = 50;
const MEMBERS = Array.from({ length: 100 }, (_, index) => ({ agentId: `m${index}`, weight: 1 + (index % 10) }));
const WAY = aLink({ strategy: 'weighted', members: MEMBERS });
const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50';
/** As large as WeCom's own picture of a code. */
const IMAGE = `data:image/png;base64,${Buffer.alloc(12_000, 7).toString('base64')}`;

export const openings: Bench = {
  name: 'openings',
  about: `openings of a link way of 100 members from ${FUNCTIONS} functions at once, each with its page; writes per opening`,
  async run({ runs = 5000, say }): Promise<readonly Row[]> {
    say(`${runs} openings in memory`);
    const inMemory = countingTable(memoryTable(LINK_SHAPE));
    const memory = await measure('a table in memory', runs, [inMemory.calls], () => linkStore(inMemory, inMemory));
    const few = Math.min(runs, 2000);
    say(`${few} openings over dynalite`);
    const dynalite = await startDynalite([LINK_SHAPE]);
    const once = dynamoClient({ ...dynalite.access, attempts: 1 });
    try {
      const table = countingTable(dynamoTable(dynalite.client, LINK_SHAPE));
      const counter = countingTable(dynamoTable(once, LINK_SHAPE));
      const stores = () => linkStore(table, counter);
      const emulated = await measure('dynalite, in this process', few, [table.calls, counter.calls], stores);
      return [memory, emulated, rotation(), page()];
    } finally {
      once.destroy();
      await dynalite.stop();
    }
  },
};

async function measure(what: string, count: number, calls: readonly Calls[], make: () => LinkStore): Promise<Row> {
  const view = aView(linkFacts(WAY));
  const took: number[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    const open = openWay({
      stage: 'bench',
      now: () => NOON,
      cookieKey: 'key',
      find: async () => view,
      image: async () => IMAGE,
      turns: make(),
      report: () => {},
    });
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      await open({ method: 'GET', headers: { 'user-agent': WECHAT }, domain: 'localhost', params: { wayId: 'fair' } });
      took.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: FUNCTIONS }, work));
  const seconds = (performance.now() - began) / 1000;
  return row(what, took, count / seconds, {
    'writes per opening': rounded(sum(calls.map(({ update, put }) => update + put)) / count, 3),
    'reads per opening': rounded(sum(calls.map(({ get }) => get)) / count, 3),
  });
}

/** Who is next and who is listed, of a hundred members. */
function rotation(): Row {
  const facts = { ...linkFacts(WAY), turns: NO_TURNS, at: NOON };
  return alone('rotation for 100 members', () => rotate(facts));
}

/** The page alone. */
function page(): Row {
  return alone('the page', () => contactPage({ shows: 'code', image: IMAGE }, 'zh'));
}

function alone(what: string, act: () => unknown): Row {
  const took: number[] = [];
  for (let n = 0; n < 2000; n += 1) {
    const began = performance.now();
    act();
    took.push(performance.now() - began);
  }
  return row(what, took, (took.length / sum(took)) * 1000, { 'writes per opening': '', 'reads per opening': '' });
}

function row(what: string, took: readonly number[], perSecond: number, rest: Row): Row {
  return {
    opening: what,
    'per second': rounded(perSecond),
    'p50 ms': rounded(percentile(took, 50), 3),
    'p99 ms': rounded(percentile(took, 99), 3),
    ...rest,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
