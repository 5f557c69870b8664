import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { DAY, HOUR } from '../../lib/platform/clock.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';
import { callsOf, deathsIn } from '../support/outside-calls.ts';

// Once a night we are compared with WeCom: what its callbacks never told is found then.

let yard: ContactYard;
beforeAll(async () => {
  yard = await openContactYard(['amy', 'ben', 'cat', 'dan'], {
    switches: { skipVerifyAdds: 'full', wayPicks: 'least' },
  });
});
afterEach(() => {
  yard.stack.faults.clear();
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

const members = (...agentIds: string[]) => agentIds.map((agentId) => ({ agentId }));
const configIdOf = async (wayId: string) => (await yard.record(wayId)).code?.configId ?? '';
const newOnes = async (wayId: string) =>
  Object.values((await yard.record(wayId)).figures).reduce((sum, { total }) => sum + total.new, 0);

/** Each fact once, however often it was published. */
function facts(type: string): Record<string, unknown>[] {
  const events = yard.stack.events.filter((event) => event['detail-type'] === type).map(({ detail }) => Object(detail));
  return [...new Map(events.map((detail) => [detail.id, detail.data])).values()];
}

/** Scans, adds, and WeCom's callback never comes. */
async function addUnheard(wayId: string, customer: string): Promise<void> {
  yard.wecom.faults.callbacks.drop(1);
  await yard.wecom.phone(customer).scan(await configIdOf(wayId));
  await yard.quiet();
}

/** To half past three in the corp's morning. */
function toTheNight(): void {
  const corpTime = yard.stack.now() + 8 * HOUR;
  yard.travel(DAY - (corpTime % DAY) + 3.5 * HOUR);
}

async function night(): Promise<void> {
  await yard.stack.invoke('reconcile-contacts', {});
  await yard.quiet();
}

/** Makes a code as another system would that shares our app. */
async function makeForeignCode(state: string): Promise<void> {
  const { corpId, apps } = JSON.parse(JSON.stringify(yard.wecom.secrets));
  const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(
      `${yard.wecom.url}/cgi-bin/${path}`,
      body && { method: 'POST', body: JSON.stringify(body) },
    );
    return Object(await answer.json());
  };
  const { access_token } = await ask(`gettoken?corpid=${corpId}&corpsecret=${apps.main.secret}`);
  const way = { type: 2, scene: 2, user: ['amy'], state };
  await ask(`externalcontact/add_contact_way?access_token=${access_token}`, way);
}

// First, while one way alone is told of the night.
test('wherever a function dies in the night, the add is found once', async () => {
  await yard.configure({ wayId: 'killed', mode: 'pool', members: members('amy') });
  let nights = 0;
  const aNight = async () => {
    nights += 1;
    await addUnheard('killed', `wmKilled${nights}`);
    toTheNight();
    await yard.stack.invoke('reconcile-contacts', {}).catch(() => undefined);
    await yard.quiet();
    // What died before it had begun is begun by the next hour's run.
    yard.travel(HOUR);
    await night();
  };
  await aNight();
  const calls = await callsOf(yard, aNight);
  const deaths = deathsIn(
    calls.filter(({ function: name }) => /contact/.test(name) && name !== 'rotate-contact-ways'),
    'afterChanges',
  );
  expect(deaths.length).toBeGreaterThan(8);
  const wrong: string[] = [];
  let died = 0;
  for (const death of deaths) {
    const fault = yard.stack.faults.add({ function: death.function, skip: death.nth - 1, fault: death.fault });
    await aNight();
    yard.stack.faults.clear();
    died += fault.hits;
    const found = await newOnes('killed');
    if (found !== nights) wrong.push(`${death.says}: ${found} adds of ${nights}`);
  }
  expect(wrong).toEqual([]);
  // Which call is the n-th varies a little with what is remembered between calls.
  expect(died).toBeGreaterThanOrEqual(deaths.length * 0.8);
}, 120_000);

test('an add whose callback never came is found, counted on its day and told with its missed welcome, once', async () => {
  await yard.configure({ wayId: 'unheard', mode: 'pool', members: members('amy', 'ben'), tags: [] });
  await addUnheard('unheard', 'wmUnheard');
  expect(await newOnes('unheard')).toBe(0);

  toTheNight();
  await night();
  await night();
  toTheNight();
  await night();

  expect(await newOnes('unheard')).toBe(1);
  const mine = (type: string) => facts(type).filter(({ customerId }) => customerId === 'wmUnheard');
  expect(mine('contact.added.v1')).toMatchObject([{ wayId: 'unheard', kind: 'new' }]);
  expect(mine('welcome.missed.v1')).toMatchObject([{ cause: 'event-never-came' }]);
});

test('a member who lost his permission is set aside at night, and is back the night after he has it again', async () => {
  await yard.configure({ wayId: 'leavers', mode: 'pool', members: members('cat', 'dan') });
  yard.wecom.console.changeMember('dan', { contacts: false });
  toTheNight();
  await night();
  expect((await yard.record('leavers')).refused).toMatchObject({ dan: { reason: 'no-permission' } });
  const code = yard.wecom.contacts.ways().find(({ state }) => state === 'cc:dev:leavers');
  expect(code?.users).toEqual(['cat']);

  yard.wecom.console.changeMember('dan', { contacts: true });
  toTheNight();
  await night();
  expect((await yard.record('leavers')).refused).toEqual({});
});

test('codes of others are reported and left as they are, and scratch codes are cleared away', async () => {
  await yard.configure({ wayId: 'audited', mode: 'pool', members: members('amy') });
  for (const state of ['shop_1', 'cc:prod:audited', 'cc:dev:nobody', 'cc-trial:prod', 'cc-trial:dev'])
    await makeForeignCode(state);
  const before = yard.wecom.contacts.ways().filter(({ state }) => state !== 'cc-trial:dev');
  toTheNight();
  await night();

  expect(yard.wecom.contacts.ways()).toEqual(before);
  expect(facts('ways.audited.v1').at(-1)).toEqual({ app: 'main', foreign: 3, orphaned: 1, unread: 0 });
});

test('while WeCom sleeps the night waits, and is made up for in the next hours', async () => {
  await yard.configure({ wayId: 'asleep', mode: 'pool', members: members('amy') });
  await addUnheard('asleep', 'wmAsleep');
  toTheNight();
  yard.wecom.faults.busy('externalcontact/get_follow_user_list', 1);
  await night();
  expect(await newOnes('asleep')).toBe(0);
  yard.travel(HOUR);
  await night();

  expect(await newOnes('asleep')).toBe(1);
});
