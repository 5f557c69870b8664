import { expect, test } from '@jest/globals';
import { HouseSettings } from '../../../lib/contact-me/contact-way-store.ts';
import { type CustomerApi, greetContact } from '../../../lib/contact-me/greet-contact.ts';
import { relationStore } from '../../../lib/contact-me/relation-store.ts';
import { DAY, type Instant, SECOND } from '../../../lib/platform/clock.ts';
import { queueDoor } from '../../../lib/platform/queue-door.ts';
import type { ContactNews } from '../../../lib/platform/wakes.ts';
import { customersShape } from '../../../lib/store/tables.ts';
import { ContactNewsWake } from '../../../lib/wecom/contact-events.ts';
import { WeComError } from '../../../lib/wecom/errors.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { anSqsEvent } from '../../support/sqs-events.ts';
import { virtualTime } from '../../support/virtual-time.ts';
import { aWay, NOON, SHANGHAI } from './rotation-facts.ts';

const ADDS = 200;
/** With so many pollers Lambda begins; it would soon add more. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const POLLERS = 5;
const BATCH = 10;
const COLD_START = 1.5 * SECOND;
const WELCOME = { standard: { text: 'Hello {customer}, {agent} here', nameless: 'Hello' } };

/** A WeCom of which every call takes a while, and that refuses too many of one API at once (45033). */
function slowWeCom(
  time: ReturnType<typeof virtualTime>,
  atOnce: number,
  refuses: (agentId: string) => number | undefined,
) {
  const sent = new Map<string, Instant>();
  const busy = new Map<string, number>();
  let calls = 0;
  async function call(api: string): Promise<void> {
    calls += 1;
    const running = (busy.get(api) ?? 0) + 1;
    if (running > atOnce) throw new WeComError({ api, errcode: 45033 });
    busy.set(api, running);
    await time.sleep(150 + ((calls * 37) % 151));
    busy.set(api, (busy.get(api) ?? 0) - 1);
  }
  const api: CustomerApi = {
    async sendWelcome(code) {
      await call('externalcontact/send_welcome_msg');
      const errcode = refuses(code);
      if (errcode !== undefined) throw new WeComError({ api: 'externalcontact/send_welcome_msg', errcode });
      sent.set(code, time.clock());
    },
    async readCustomer(customerId) {
      await call('externalcontact/get');
      return { customerId, name: '小明', from: 'wechat', followers: [] };
    },
    async memberName() {
      await call('user/get');
      return 'Amy';
    },
    async memberStatus() {
      return 'active';
    },
    markTags: () => call('externalcontact/mark_tag'),
    remark: () => call('externalcontact/remark'),
  };
  return { api, sent };
}

/** 200 adds of one second, taken from the queue as Lambda's pollers take them. */
async function burst(settings: { atOnce?: number; refuses?: (code: string) => number | undefined } = {}) {
  const time = virtualTime(NOON);
  const { clock, sleep } = time;
  const wecom = slowWeCom(time, settings.atOnce ?? Number.POSITIVE_INFINITY, settings.refuses ?? (() => undefined));
  const way = aWay({ welcome: WELCOME, tags: ['etSpring'], remark: 'Expo' });
  const facts: { type: string; data: Record<string, unknown> }[] = [];
  const counted: string[] = [];
  const { greet } = greetContact({
    observes: async () => false,
    store: relationStore(memoryTable(customersShape('customers')), 30 * DAY),
    clock,
    stage: 'test',
    zone: SHANGHAI,
    wayOf: async () => way,
    agentLeft: async () => undefined,
    ways: async () => [way],
    recordOf: async () => ({ refused: {} }),
    settings: async () => HouseSettings.parse({}),
    contactFor: () => wecom.api,
    pause: sleep,
    tellWay: async (_wayId, entries) => {
      await sleep(20);
      for (const entry of entries) if (entry.kind === 'counted') counted.push(entry.key);
    },
    publish: async (_subject, events) => {
      await sleep(20);
      for (const { type, data } of events) facts.push({ type, data: { ...data } });
    },
    armLabelTimer: async () => undefined,
  });
  const door = queueDoor(
    ContactNewsWake,
    async ({ messages }) => {
      for (const news of messages) await greet(news);
    },
    { service: 'greet-contact', clock, giveBack: async () => undefined, coalesce: false },
  );

  const waiting = Array.from({ length: ADDS }, (_, n) => n);
  const failed: unknown[] = [];
  const poller = async () => {
    await sleep(COLD_START);
    for (let batch = waiting.splice(0, BATCH); batch.length > 0; batch = waiting.splice(0, BATCH)) {
      const event = anSqsEvent(batch.map((n) => ({ group: `wm${n}`, body: JSON.stringify(anAdd(n)) })));
      const { batchItemFailures } = await door(event, { getRemainingTimeInMillis: () => 30 * SECOND });
      failed.push(...batchItemFailures);
    }
  };
  await time.run(Promise.all(Array.from({ length: POLLERS }, poller)));
  return { sent: [...wecom.sent.values()].map((at) => at - NOON), facts, counted, failed };
}

function anAdd(n: number): ContactNews {
  const ids = {
    UserID: n % 2 === 0 ? 'amy' : 'ben',
    ExternalUserID: `wm${n}`,
    State: 'cc:test:fair',
    WelcomeCode: `CODE${n}`,
  };
  const times = { createdAt: NOON, receivedAt: NOON + 300 };
  return {
    v: 1,
    app: 'main',
    event: 'change_external_contact',
    changeType: 'add_half_external_contact',
    ids,
    ...times,
  };
}

test('200 adds in one second are all welcomed within 20 seconds, and each is counted once', async () => {
  const { sent, facts, counted, failed } = await burst();

  expect(failed).toEqual([]);
  expect(sent).toHaveLength(ADDS);
  expect(Math.max(...sent)).toBeLessThan(10 * SECOND);
  expect(new Set(counted).size).toBe(ADDS);
  const delays = facts.filter(({ type }) => type === 'welcome.sent.v1').map(({ data }) => data.delayMs);
  expect(delays).toHaveLength(ADDS);
  expect(delays.toSorted()).toEqual(sent.toSorted());
});

test('also when WeCom takes only 20 calls of an API at once', async () => {
  const { sent, facts } = await burst({ atOnce: 20 });

  const missed = facts.filter(({ type }) => type === 'welcome.missed.v1');
  expect(missed).toEqual([]);
  expect(sent).toHaveLength(ADDS);
  expect(Math.max(...sent)).toBeLessThan(20 * SECOND);
});

test('whoever is missed of them has his cause, and keeps nobody else waiting', async () => {
  const causes = new Map([
    [0, 41096],
    [1, 41053],
    [2, 92599],
    [3, 41051],
  ]);
  const refuses = (code: string) => causes.get(Number(code.slice(4)) % 10);
  const { sent, facts } = await burst({ refuses });

  expect(sent).toHaveLength(ADDS * 0.6);
  const missed = facts.filter(({ type }) => type === 'welcome.missed.v1').map(({ data }) => data.cause);
  expect(Object.fromEntries([...Map.groupBy(missed, String)].map(([cause, all]) => [cause, all.length]))).toEqual({
    'other-app-first': ADDS / 10,
    'no-archive-consent': ADDS / 10,
    'member-long-absent': ADDS / 10,
    'welcomed-or-chatting': ADDS / 10,
  });
  expect(facts.filter(({ type }) => type === 'contact.added.v1')).toHaveLength(ADDS);
  expect(Math.max(...sent)).toBeLessThan(15 * SECOND);
});
