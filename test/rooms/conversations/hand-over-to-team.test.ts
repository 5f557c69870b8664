import { describe, expect, test } from '@jest/globals';
import { houseRules } from '../../../lib/conversations/house-rules.ts';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { DEFAULT_ZONE } from '../../../lib/platform/wall-clock.ts';
import { Rule, RuleSet } from '../../../lib/replies/rule-set.ts';
import { memoryWorld, TEAM } from '../../support/memory-world.ts';

const BILLING = 'billing';
const rules = [
  { id: 'bill', contains: ['bill', '账单'], handOver: { team: BILLING, priority: 3, skills: { invoices: 2 } } },
  { id: 'english', contains: ['foreign'], handOver: { language: 'en' } },
  { id: 'urgent', contains: ['urgent', '急'], handOver: { priority: 5 } },
].map((rule) => Rule.parse(rule));

/** The account's team with amy, who serves one, and a team for bills with its own terms. */
async function twoTeams(terms: { offerSeconds?: number; endAfterSilenceSeconds?: number } = {}) {
  const world = await memoryWorld({ agents: { amy: 1, bob: 1, cem: 1 }, rules: { rules } });
  const { offerSeconds, endAfterSilenceSeconds = 600 } = terms;
  await world.routing.saveTeam({ teamId: TEAM, agents: ['amy'], endAfterSilenceSeconds: 1800 });
  await world.routing.saveTeam({
    teamId: BILLING,
    agents: ['bob', 'cem'],
    endAfterSilenceSeconds,
    ...(offerSeconds !== undefined && { offer: { seconds: offerSeconds, offDutyAfter: 3 } }),
  });
  await world.routing.saveAgent({ agentId: 'amy', capacity: 1, duty: 'on', teams: [TEAM] });
  for (const agentId of ['bob', 'cem'])
    await world.routing.saveAgent({ agentId, capacity: 1, duty: 'on', teams: [BILLING], skills: { invoices: 3 } });
  const write = async (customer: string, text: string) => {
    world.wecom.says(customer, text);
    await world.callback();
  };
  return { world, write };
}

describe('what a rule asks of routing', () => {
  test('team, priority and skills come to the team as the rule says them, with the language that was seen', async () => {
    const { world, write } = await twoTeams();
    for (const agentId of ['bob', 'cem'])
      await world.routing.saveAgent({ agentId, capacity: 0, duty: 'on', teams: [BILLING] });
    await write('eve', '我的账单');

    expect(await world.routing.line(BILLING)).toEqual([
      expect.objectContaining({ priority: 3, skills: { invoices: 2 }, seenLanguage: 'zh' }),
    ]);
  });

  test('a language that the rule names is wanted, and none is seen beside it', async () => {
    const { world, write } = await twoTeams();
    await world.routing.saveAgent({ agentId: 'amy', capacity: 0, duty: 'on', teams: [TEAM] });
    await write('eve', 'foreign 电话');

    const [request] = await world.routing.line(TEAM);
    expect(request).toMatchObject({ language: 'en' });
    expect(request).not.toHaveProperty('seenLanguage');
  });

  test('who is urgent is served before who waits longer', async () => {
    const { world, write } = await twoTeams();
    await write('first', 'agent');
    await write('second', 'agent');
    await write('third', 'urgent');
    world.wecom.agentEnds('first');
    await world.callback();

    expect((await world.conversation('third')).session).toMatchObject({ state: 'person', agentId: 'amy' });
    expect((await world.conversation('second')).session.state).toBe('bot');
  });

  test('whoever has the customer as a contact serves him first', async () => {
    const { world, write } = await twoTeams();
    for (const customer of ['a', 'b']) world.owners.set(customer, 'cem');
    await write('a', 'bill');

    expect((await world.conversation('a')).session.agentId).toBe('cem');
    expect(world.decisions[0]).toMatchObject({ agentId: 'cem', why: 'owns-relation' });
  });
});

describe("a team's own terms hold for whom it serves", () => {
  test('its silence ends the session, not that of the team of the account', async () => {
    const { world, write } = await twoTeams({ endAfterSilenceSeconds: 600 });
    await write('eve', 'bill');
    const { agentId = '' } = (await world.conversation('eve')).session;
    world.wecom.agentAnswers('eve', agentId, 'paid');
    await world.callback();
    await world.pass(9 * MINUTE);
    expect((await world.conversation('eve')).session.state).toBe('person');
    await world.pass(2 * MINUTE);

    expect((await world.conversation('eve')).session.state).toBe('ended');
  });

  test('its offers expire, and the next one is asked for what the rule wanted, in the same team', async () => {
    const { world, write } = await twoTeams({ offerSeconds: 60 });
    await write('eve', 'bill');
    const { agentId: first = '' } = (await world.conversation('eve')).session;
    await world.pass(2 * MINUTE, 10 * SECOND);

    const { agentId: second = '' } = (await world.conversation('eve')).session;
    expect([first, second].sort()).toEqual(['bob', 'cem']);
    const asked = world.decisions.map(({ teamId, skills }) => ({ teamId, skills }));
    expect(asked.slice(0, 2)).toEqual(Array(2).fill({ teamId: BILLING, skills: [['invoices', 2]] }));
    expect(world.events('offer.expired.v1')[0]?.data).toMatchObject({ teamId: BILLING, agentId: first });
  });

  test('its figures are its own', async () => {
    const { world, write } = await twoTeams();
    await write('eve', 'bill');
    const { agentId = '' } = (await world.conversation('eve')).session;
    world.wecom.agentAnswers('eve', agentId, 'paid');
    world.wecom.agentAnswers('eve', agentId, 'really');
    await world.callback();

    const noted = (await world.figures(BILLING)).map(({ what }) => what);
    expect(noted).toEqual(expect.arrayContaining(['assigned', 'person-answer']));
  });
});

test('what a rule wants of a person is said beside the language of the message', () => {
  const house = houseRules({ ruleSet: RuleSet.parse({ rules }), version: 1 }, undefined, DEFAULT_ZONE);
  const answerTo = (text: string) => house.answer([{ id: 'm', at: 0, type: 'text', text }], {}, 0);
  expect(answerTo('a bill')).toMatchObject({
    do: 'hand-over',
    team: BILLING,
    wanted: { priority: 3, skills: { invoices: 2 }, seenLanguage: 'en' },
  });
  expect(answerTo('转人工')).toEqual({ do: 'hand-over', because: 'customer', wanted: { seenLanguage: 'zh' } });
});
