import type { Instant } from '../../lib/platform/clock.ts';
import type { Signal } from '../../lib/platform/wakes.ts';
import type { AppCard, CardChange } from '../../lib/wecom/app-cards.ts';
import { ownersOfTask } from '../../lib/wecom/card-task.ts';
import { WeComError } from '../../lib/wecom/errors.ts';
import { befallen, type Mishap } from './befallen.ts';

/** A card as an agent's WeCom shows it. */
export interface ShownCard {
  readonly agentId: string;
  readonly task: string;
  readonly card: AppCard;
  readonly at: Instant;
  /** What stands in the place of the buttons. */
  says?: string;
}

/** Cards in agents' WeCom: shown once each, changed for a code that is good once, tapped. */
export function memoryCards(clock: () => Instant) {
  const shown: ShownCard[] = [];
  const codes = new Map<string, ShownCard>();
  const mishaps: Mishap[] = [];
  let everywhere: Mishap | undefined;
  let issued = 0;

  function codeFor(card: ShownCard): string {
    issued += 1;
    codes.set(`code${issued}`, card);
    return `code${issued}`;
  }

  async function call<T>(api: string, act: () => T): Promise<T> {
    return befallen(everywhere ?? mishaps.shift(), api, act);
  }

  return {
    shown: shown as readonly ShownCard[],
    /** The latest card of this agent. */
    latestOf: (agentId: string): ShownCard | undefined => shown.findLast((card) => card.agentId === agentId),
    /** The next calls meet these. */
    befall: (...more: readonly Mishap[]): void => void mishaps.push(...more),
    /** Every call meets this until it is lifted with `undefined`. */
    befallAll(mishap: Mishap | undefined): void {
      everywhere = mishap;
      if (mishap === undefined) mishaps.length = 0;
    },

    send: (card: AppCard): Promise<{ code?: string }> =>
      call('message/send', () => {
        const known = shown.find(({ task }) => task === card.task);
        const one = known ?? { agentId: card.user, task: card.task, card, at: clock() };
        if (!known) shown.push(one);
        return { code: codeFor(one) };
      }),
    change: ({ code, says }: CardChange): Promise<void> =>
      call('message/update_template_card', () => {
        const card = codes.get(code);
        if (!card) throw new WeComError({ api: 'message/update_template_card', errcode: 40058 });
        codes.delete(code);
        card.says = says;
      }),

    /** The agent taps a card, his latest unless one is named; what WeCom calls back. */
    tap(agentId: string, answer: 'take' | 'pass', task?: string): Signal {
      const card = shown.findLast((one) => one.agentId === agentId && (task === undefined || one.task === task));
      const owners = card && ownersOfTask(card.task);
      if (!card || !owners) throw new Error(`${agentId} has no such card`);
      const at = clock();
      const base = { v: 1 as const, kind: 'card' as const, app: 'main', createdAt: at, receivedAt: at };
      return { ...base, ...owners, task: card.task, agentId, answer, code: codeFor(card) };
    },
  };
}
