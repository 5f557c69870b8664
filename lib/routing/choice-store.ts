import { DAY, type Instant } from '../platform/clock.ts';
import { absent, equals, type Item, present, type Table } from '../store/table.ts';
import type { WaitingRequest } from './agent.ts';
import { DecisionRecord } from './decision-record.ts';
import type { Why } from './rank.ts';

/** One choice of an agent for a request. Written before the claim, so that a redelivery follows it (rule 14). */
export interface Choice {
  readonly r: string;
  readonly n: number;
  readonly agentId: string;
  readonly element: string;
  /** `chosen`: to be claimed and told. `told`: the conversation knows. `gone`: the place was taken by another. */
  readonly status: 'chosen' | 'told' | 'gone' | 'refused';
  readonly why?: Why;
  /** As it stood in line, should it have to go back there. */
  readonly request?: WaitingRequest;
}

export interface ChoiceStore {
  lastChoice(r: string): Promise<Choice | undefined>;
  /** All choices of a request, the newest last, consistently read. */
  choices(r: string): Promise<Choice[]>;
  /** Keeps a choice with its record, in one write. False when this choice was made before. */
  recordChoice(choice: Choice, now: Instant, record?: DecisionRecord): Promise<boolean>;
  /** False when the choice does not stand as it `was` any more: another process knows more of it. */
  noteChoice(choice: Pick<Choice, 'r' | 'n'>, status: Choice['status'], was?: Choice['status']): Promise<boolean>;
  /** The records of a request's choices and what became of them, the newest last. */
  decisions(r: string): Promise<{ n: number; status: Choice['status']; record: DecisionRecord }[]>;
}

/** As long as a redelivery can come (queue and dead letters together, and then some), and somebody asks why. */
const KEPT_FOR = 30 * DAY;

export function choiceStore(table: Table): ChoiceStore {
  const choiceKey = ({ r, n }: Pick<Choice, 'r' | 'n'>) => ({
    id: `request#${r}`,
    entry: `choice#${String(n).padStart(4, '0')}`,
  });

  async function itemsOf(r: string): Promise<Item[]> {
    const sort = { beginsWith: 'choice#' };
    const { items } = await table.query({ partition: `request#${r}`, sort, consistent: true });
    return items;
  }

  return {
    choices: async (r) => (await itemsOf(r)).map(choiceOf),

    async lastChoice(r) {
      const { items } = await table.query({
        partition: `request#${r}`,
        sort: { beginsWith: 'choice#' },
        descending: true,
        limit: 1,
        consistent: true,
      });
      return items[0] && choiceOf(items[0]);
    },

    async recordChoice(choice, now, record) {
      const expiresAt = Math.ceil((now + KEPT_FOR) / 1000);
      const { status, ...chosen } = choice;
      return table.put({ ...choiceKey(choice), choice: chosen, status, record, expiresAt }, absent('id'));
    },

    async noteChoice(choice, status, was) {
      const condition = was === undefined ? present('id') : equals('status', was);
      return (await table.update(choiceKey(choice), { set: { status } }, { condition })) !== undefined;
    },

    async decisions(r) {
      return (await itemsOf(r)).flatMap((item) => {
        const { n, status } = choiceOf(item);
        const record = DecisionRecord.safeParse(item.record);
        return record.success ? [{ n, status, record: record.data }] : [];
      });
    },
  };
}

// Written by `recordChoice` and `noteChoice` alone.
const choiceOf = (item: Item): Choice => ({
  ...(item.choice as Omit<Choice, 'status'>),
  status: item.status as Choice['status'],
});
