import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { replay } from '../../../lib/routing/decision-record.ts';
import { Strategy } from '../../../lib/routing/terms.ts';
import { KF, NOON, routingYard } from '../../support/routing-yard.ts';

const CUSTOMERS = 8;
const customer = fc.integer({ min: 0, max: CUSTOMERS - 1 }).map((n) => `c${n}`);

type Step =
  | {
      readonly do: 'asks';
      readonly who: string;
      readonly team: string;
      readonly priority: number;
      readonly skilled: boolean;
    }
  | { readonly do: 'ends' | 'cancels' | 'is refused' | 'misses' | 'answers'; readonly who: string }
  | { readonly do: 'duty'; readonly who: string; readonly on: boolean }
  | { readonly do: 'dies'; readonly call: number; readonly happens: boolean }
  | { readonly do: 'passes'; readonly seconds: number }
  | { readonly do: 'wakes' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('asks' as const),
      who: customer,
      team: fc.constantFrom('support', 'support', 'night'),
      priority: fc.integer({ min: 0, max: 2 }),
      skilled: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'ends' as const,
        'ends' as const,
        'cancels' as const,
        'is refused' as const,
        'misses' as const,
        'answers' as const,
      ),
      who: customer,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('duty' as const),
      who: fc.constantFrom('amy', 'ben', 'nat'),
      on: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('dies' as const),
      call: fc.integer({ min: 1, max: 20 }),
      happens: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('passes' as const), seconds: fc.constantFrom(1, 20, 45, 400) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'wakes' as const }) },
);

/** Whoever served a customer last, in the request that is not over yet. */
interface Asked {
  readonly r: string;
  readonly team: string;
  over: boolean;
  refusals: number;
}

test('whatever dies where, nobody has more than his places, each request its one agent, and every record replays', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Strategy.options),
      fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
      async (strategy, steps) => {
        const yard = await routingYard({
          teams: [
            {
              agents: ['amy', 'ben'],
              strategy,
              relaxAfterSeconds: [30],
              overflow: [{ teamId: 'night', afterSeconds: 40 }],
              offer: { seconds: 60, offDutyAfter: 2 },
            },
            { teamId: 'night', agents: ['nat'], strategy, relaxAfterSeconds: [30] },
          ],
          agents: [
            { agentId: 'amy', capacity: 1, skills: { billing: 2 } },
            { agentId: 'ben', capacity: 2 },
            { agentId: 'nat', capacity: 1, teams: ['night'], helps: ['support'] },
          ],
        });
        const asked = new Map<string, Asked>();
        const all: Asked[] = [];
        const placeOf = async (r: string) => {
          const agents = await yard.store.agents(['amy', 'ben', 'nat']);
          return agents.filter(({ serving }) => [...serving].some((element) => element.endsWith(`#${r}`)));
        };
        const giveBack = async (who: string, r: string): Promise<void> => {
          for (const { agentId } of await placeOf(r)) await yard.desk.release(agentId, `${KF}:${who}#${r}`);
        };

        async function act(one: Step): Promise<void> {
          switch (one.do) {
            case 'asks': {
              if (asked.get(one.who)?.over === false) return;
              const it = { r: `${one.who}-${all.length}`, team: one.team, over: false, refusals: 0 };
              asked.set(one.who, it);
              all.push(it);
              const skills = one.skilled ? { skills: { billing: 2 } } : {};
              const { r, team: teamId } = it;
              return yard.ask(one.who, { r, teamId, priority: one.priority, ...skills });
            }
            case 'ends': {
              const it = asked.get(one.who);
              if (!it || it.over || (await placeOf(it.r)).length === 0) return;
              it.over = true;
              return giveBack(one.who, it.r);
            }
            case 'cancels': {
              const it = asked.get(one.who);
              // Served already: the conversation ends instead.
              if (!it || it.over || (await yard.store.lastChoice(it.r))) return;
              it.over = true;
              return yard.desk.cancel(it.team, it.r);
            }
            case 'is refused': {
              const it = asked.get(one.who);
              const last = it && (await yard.store.lastChoice(it.r));
              if (!it || it.over || it.refusals > 2 || last?.status !== 'told') return;
              it.refusals += 1;
              await giveBack(one.who, it.r);
              const again = { r: it.r, conversationId: `${KF}:${one.who}`, openKfId: KF, askedAt: yard.clock() };
              return yard.desk.refused(it.team, again, last.n, last.agentId);
            }
            case 'misses':
            case 'answers': {
              const it = asked.get(one.who);
              const [agent] = it ? await placeOf(it.r) : [];
              if (!it || !agent) return;
              const about = { conversationId: `${KF}:${one.who}`, agentId: agent.agentId, at: yard.clock() };
              return one.do === 'misses'
                ? yard.desk.offerMissed(it.team, { ...about, r: it.r })
                : yard.desk.offerAnswered(it.team, about);
            }
            case 'duty':
              for (const teamId of (await yard.store.setDuty(one.who, one.on ? 'on' : 'off', yard.clock())) ?? [])
                yard.wake(teamId);
              return;
            case 'dies':
              return yard.killAt(one.call, one.happens);
            case 'passes':
              return yard.pass(one.seconds * SECOND);
            case 'wakes':
              yard.wake('support');
              yard.wake('night');
          }
        }
        for (const [index, one] of steps.entries()) {
          await act(one);
          if (index % 3 !== 0) await yard.run();
        }

        // Everything comes to rest: everybody is on duty, refusals are forgotten, and whoever is served ends.
        await yard.run();
        for (const agentId of ['amy', 'ben', 'nat']) await yard.store.setDuty(agentId, 'on', yard.clock());
        for (let round = 0; round <= all.length; round += 1) {
          await yard.pass(11 * MINUTE);
          yard.wake('support');
          yard.wake('night');
          await yard.run();
          // A conversation gives back what it did not want any more when the choice was made.
          for (const { r, over } of all) if (over) await giveBack(r.slice(0, r.indexOf('-')), r);
          for (const [who, it] of asked) {
            const places = await placeOf(it.r);
            expect(places.length).toBeLessThanOrEqual(1);
            if (places.length === 1) await act({ do: 'ends', who });
          }
        }
        await yard.run();
        expect(yard.overClaimed).toEqual(new Set());
        expect(all.filter(({ over }) => !over)).toEqual([]);
        expect(await yard.store.line('support')).toEqual([]);
        expect(await yard.store.line('night')).toEqual([]);
        for (const { r } of all) {
          for (const { record } of await yard.store.decisions(r)) {
            const { agentId, why, step: steps, wait } = record;
            const again = replay(record);
            expect({ ...again, candidates: [] }).toEqual({
              agentId,
              why,
              step: steps,
              candidates: [],
              ...(wait !== undefined && { wait }),
            });
          }
        }
        const offDuty = new Map(yard.published.map((fact) => [fact.id, JSON.stringify(fact)]));
        for (const fact of yard.published) expect(offDuty.get(fact.id)).toBe(JSON.stringify(fact));
        expect(yard.clock()).toBeGreaterThan(NOON);
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);
