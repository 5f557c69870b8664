import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NotPossible } from '../../local/wecom/simulator.ts';
import { type ContactYard, fieldsOf, inContactYard, TEAM, teamCorp } from './wecom-contacts-yard.ts';
import { HOUR, openDoor } from './wecom-yard.ts';

const ANN = 'wmAnn';
const HALF = 'add_half_external_contact';
const FULL = 'add_external_contact';
const GONE = 'del_follow_user';

async function scanMany(yard: ContactYard, configId: string, count: number): Promise<string[]> {
  const members: string[] = [];
  for (let index = 0; index < count; index += 1) {
    members.push((await yard.wecom.phone(`wm${index}`).scan(configId)).member);
  }
  return members;
}

describe('a scan', () => {
  test('without approval is half an add at once, and the other half when the member accepts', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      expect(await yard.wecom.phone(ANN).scan(configId)).toEqual({ member: 'alice', outcome: 'half' });
      yard.move(3 * HOUR);
      await yard.wecom.client('alice').accept(ANN);
      const [half, full] = await yard.told();
      expect(half).toEqual({
        ToUserName: yard.secrets.corpId,
        FromUserName: 'sys',
        CreateTime: String((yard.now() - 3 * HOUR) / 1000),
        MsgType: 'event',
        Event: 'change_external_contact',
        ChangeType: HALF,
        UserID: 'alice',
        ExternalUserID: ANN,
        State: 'c_1',
        WelcomeCode: expect.any(String),
      });
      expect(full).toMatchObject({ ChangeType: FULL, UserID: 'alice', ExternalUserID: ANN, State: 'c_1' });
      expect(full?.WelcomeCode).not.toBe(half?.WelcomeCode);
      await expect(yard.wecom.client('alice').accept(ANN)).rejects.toThrow('nothing to accept');
    }));

  test('with approval tells nothing until the member accepts', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice'], { skip_verify: false });
      expect(await yard.wecom.phone(ANN).scan(configId)).toMatchObject({ outcome: 'requested' });
      expect(await yard.changes()).toEqual([]);
      await yard.wecom.client('alice').accept(ANN);
      expect(await yard.told()).toMatchObject([{ ChangeType: FULL, State: 'c_1', WelcomeCode: expect.any(String) }]);
      expect(yard.wecom.contacts.ways()).toMatchObject([{ adds: { alice: 1 } }]);
    }));

  test.each([
    ['full', [FULL]],
    ['halfThenFull', [FULL, HALF]],
    ['fullThenHalf', [HALF, FULL]],
  ] as const)('is told as %s by switch, and is a friendship in the end', (skipVerifyAdds, changes) =>
    inContactYard({ switches: { skipVerifyAdds } }, async (yard) => {
      // Two callbacks at once race each other; this fault makes the second arrive first for sure.
      yard.wecom.faults.callbacks.reorder();
      await yard.wecom.phone(ANN).scan(await yard.code(['alice']));
      expect(await yard.changes()).toEqual(changes);
      expect(yard.wecom.phone(ANN).friends()).toEqual([{ member: 'alice', stage: 'full' }]);
      expect(yard.wecom.contacts.ways()).toMatchObject([{ adds: { alice: 1 } }]);
    }),
  );

  test('can be told twice, late, out of order, or not at all, like any callback', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      yard.wecom.faults.callbacks.repeat(2);
      await yard.wecom.phone(ANN).scan(configId);
      expect(await yard.changes()).toEqual([HALF, HALF, HALF]);
      yard.wecom.faults.callbacks.drop();
      await yard.wecom.client('alice').accept(ANN);
      expect(await yard.changes()).toEqual([HALF, HALF, HALF]);
      expect(yard.wecom.callbacks.at(-1)).toMatchObject({ changeType: FULL, status: 'dropped' });
      yard.wecom.faults.callbacks.reorder();
      await yard.wecom.phone('wmBen').scan(configId);
      await yard.wecom.client('alice').accept('wmBen');
      expect((await yard.changes()).slice(3)).toEqual([FULL, HALF]);
    }));

  test('by the address of the image is the same as by config_id', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      const { contact_way } = await yard.post('externalcontact/get_contact_way', { config_id: configId });
      expect(await yard.wecom.phone(ANN).scan(String(contact_way.qr_code))).toMatchObject({ member: 'alice' });
      await yard.post('externalcontact/del_contact_way', { config_id: configId });
      await expect(yard.wecom.phone(ANN).scan(configId)).rejects.toThrow('no longer works');
    }));

  test('of a friend makes no event, and no add', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      await yard.wecom.phone(ANN).scan(configId);
      expect(await yard.wecom.phone(ANN).scan(configId)).toEqual({ member: 'alice', outcome: 'alreadyFriend' });
      expect(await yard.changes()).toEqual([HALF]);
      expect(yard.wecom.contacts.ways()).toMatchObject([{ adds: { alice: 1 } }]);
    }));

  test("of a member at WeCom's own limit shows the profile, adds nobody and says nothing", () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      yard.wecom.console.changeMember('alice', { customerLimit: 1 });
      await yard.wecom.phone('wmBen').scan(configId);
      expect(await yard.wecom.phone(ANN).scan(configId)).toEqual({ member: 'alice', outcome: 'refused' });
      expect(await yard.changes()).toEqual([HALF]);
      yard.wecom.switches.fullMembersSkipped = true;
      await yard.post('externalcontact/update_contact_way', { config_id: configId, user: TEAM });
      expect((await yard.wecom.phone(ANN).scan(configId)).member).not.toBe('alice');
    }));

  test('that stays open can add long after the code changed', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      const profile = await yard.wecom.phone(ANN).look(configId);
      await yard.post('externalcontact/update_contact_way', { config_id: configId, user: ['bob'] });
      yard.move(5 * HOUR);
      expect(await yard.wecom.phone(ANN).add(profile)).toEqual({ member: 'alice', outcome: 'half' });
      expect(await yard.told()).toMatchObject([{ UserID: 'alice', State: 'c_1' }]);
    }));

  test('passes over who has left, and shows nobody when all have', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice', 'bob']);
      yard.wecom.console.removeMember('alice');
      expect(new Set(await scanMany(yard, configId, 5))).toEqual(new Set(['bob']));
      yard.wecom.console.removeMember('bob');
      await expect(yard.wecom.phone(ANN).scan(configId)).rejects.toThrow('nobody');
    }));
});

describe('who is shown', () => {
  test.each([
    ['first', [6, 0, 0]],
    ['least', [2, 2, 2]],
  ] as const)('is chosen by the policy %s', (wayPicks, shares) =>
    inContactYard({ switches: { wayPicks } }, async (yard) => {
      const shown = await scanMany(yard, await yard.code(TEAM), 6);
      expect(TEAM.map((one) => shown.filter((member) => member === one).length)).toEqual(shares);
    }),
  );

  test('is always somebody of the list, and the same for the same seed', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (seed) => {
        const runs: string[][] = [];
        const play = async (yard: ContactYard) => {
          runs.push(await scanMany(yard, await yard.code(TEAM), 8));
        };
        await inContactYard({ seed }, play);
        await inContactYard({ seed }, play);
        expect(runs[0]).toEqual(runs[1]);
        expect(runs[0]?.every((one) => TEAM.includes(one))).toBe(true);
      }),
      { numRuns: 5 },
    ));

  test('comes from departments as they are now', () => {
    const departments = { 2: { members: ['alice'] }, 3: { members: ['bob'], parent: 2 } };
    return inContactYard({ corp: { ...teamCorp, departments } }, async (yard) => {
      const configId = await yard.code([], { party: [2] });
      expect(new Set(await scanMany(yard, configId, 12))).toEqual(new Set(['alice', 'bob']));
      yard.wecom.console.setDepartment(2, ['carol']);
      yard.wecom.console.setDepartment(3, []);
      expect(await yard.wecom.phone(ANN).scan(configId)).toMatchObject({ member: 'carol' });
    });
  });

  test('is the known member again, by switch', () =>
    inContactYard({ switches: { friendsGoBack: true } }, async (yard) => {
      const { member } = await yard.wecom.phone(ANN).scan(await yard.code(TEAM));
      const second = await yard.code(TEAM, { state: 'c_2' });
      for (const _ of TEAM) {
        expect(await yard.wecom.phone(ANN).scan(second)).toEqual({ member, outcome: 'alreadyFriend' });
      }
    }));

  test('stays the same for people of one company when the code is exclusive', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(TEAM, { is_exclusive: true });
      const members = new Set<string>();
      for (const id of ['wmA', 'wmB', 'wmC', 'wmD', 'wmE', 'wmF']) {
        yard.wecom.phone(id).workFor('Example Trading');
        members.add((await yard.wecom.phone(id).scan(configId)).member);
      }
      expect(members.size).toBe(1);
    }));
});

describe('an end', () => {
  test('by the customer leaves the friendship on the member side', () =>
    inContactYard({}, async (yard) => {
      await befriend(yard);
      await yard.wecom.phone(ANN).deleteMember('alice');
      expect((await yard.told()).at(-1)).toMatchObject({ ChangeType: GONE, UserID: 'alice', ExternalUserID: ANN });
      expect(yard.wecom.phone(ANN).friends()).toEqual([]);
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(0);
      await expect(yard.wecom.phone(ANN).deleteMember('alice')).rejects.toThrow('before');
    }));

  test('by the member is an end for both, and says when it was a transfer', () =>
    inContactYard({}, async (yard) => {
      const configId = await befriend(yard);
      await yard.wecom.client('alice').deleteCustomer(ANN);
      expect((await yard.told()).at(-1)).not.toHaveProperty('Source');
      expect((await yard.get('externalcontact/get', { external_userid: ANN })).errcode).toBe(84061);
      await yard.wecom.phone(ANN).scan(configId);
      await yard.wecom.client('alice').deleteCustomer(ANN, { byTransfer: true });
      expect((await yard.told()).at(-1)).toMatchObject({
        ChangeType: 'del_external_contact',
        Source: 'DELETE_BY_TRANSFER',
      });
    }));

  test.each([
    ['own', 'c_1', 'c_1'],
    ['foreignInGet', 'c_1', expect.stringMatching(/^wb:1:\d+$/)],
    ['foreign', expect.stringMatching(/^wb:1:\d+$/), expect.stringMatching(/^wb:1:\d+$/)],
  ] as const)('and a return brings the state as %s', (stateOnReturn, told, kept) =>
    inContactYard({ switches: { stateOnReturn } }, async (yard) => {
      const configId = await befriend(yard);
      await yard.wecom.phone(ANN).deleteMember('alice');
      expect(await yard.wecom.phone(ANN).scan(configId)).toMatchObject({ outcome: 'full' });
      const [last] = (await yard.told()).filter((one) => one.ChangeType === FULL).slice(-1);
      expect(last).toMatchObject({ State: told, WelcomeCode: expect.any(String) });
      expect(await yard.get('externalcontact/get', { external_userid: ANN })).toMatchObject({
        follow_user: [{ userid: 'alice', state: kept }],
      });
      expect(yard.wecom.phone(ANN).friends()).toEqual([{ member: 'alice', stage: 'full' }]);
      expect(await yard.wecom.phone(ANN).scan(configId)).toMatchObject({ outcome: 'alreadyFriend' });
    }),
  );

  test('of a half friendship leaves nothing', () =>
    inContactYard({}, async (yard) => {
      await yard.wecom.phone(ANN).scan(await yard.code(['alice']));
      await yard.wecom.phone(ANN).deleteMember('alice');
      await expect(yard.wecom.client('alice').accept(ANN)).rejects.toThrow('no contact');
      expect(await yard.changes()).toEqual([HALF, GONE]);
    }));
});

async function befriend(yard: ContactYard): Promise<string> {
  const configId = await yard.code(['alice']);
  await yard.wecom.phone(ANN).scan(configId);
  await yard.wecom.client('alice').accept(ANN);
  return configId;
}

describe('members of their own accord', () => {
  test('add customers without a state, rename them, and fail to take them over', () =>
    inContactYard({}, async (yard) => {
      await yard.wecom.client('alice').addCustomer(ANN);
      await yard.wecom.client('alice').editCustomer(ANN, 'Ann from the fair');
      await yard.wecom.client('alice').failTransfer(ANN, 'customer_refused');
      const [added, edited, failed] = await yard.told();
      expect(added).toMatchObject({ ChangeType: FULL, WelcomeCode: expect.any(String) });
      expect(added).not.toHaveProperty('State');
      expect(edited).toMatchObject({ ChangeType: 'edit_external_contact' });
      expect(failed).toMatchObject({ ChangeType: 'transfer_fail', FailReason: 'customer_refused', UserID: 'alice' });
    }));

  test('leave: the app hears `unsubscribe`, the directory source `delete_user`', () =>
    inContactYard({ corp: { ...teamCorp, apps: { main: {}, directory: helper() } } }, async (yard) => {
      const directory = await openDoor(yard.secrets.apps.directory?.callbacks[0] ?? { encodingAesKey: '' });
      await yard.wecom.setCallbackUrl('directory', directory.url);
      yard.wecom.console.removeMember('bob');
      expect(await yard.told()).toMatchObject([{ Event: 'unsubscribe', FromUserName: 'bob' }]);
      expect(directory.arrived.map((one) => fieldsOf(one.xml))).toMatchObject([
        { Event: 'change_contact', ChangeType: 'delete_user', UserID: 'bob' },
      ]);
      await directory.close();
    }));
});

function helper() {
  return { secretOf: 'main', receivesDirectory: true };
}

describe('two doors', () => {
  test("hear the same add, also one that came by the other app's code", () =>
    inContactYard({ corp: { ...teamCorp, apps: { main: {}, other: {} } } }, async (yard) => {
      const other = await openDoor(yard.secrets.apps.other?.callbacks[0] ?? { encodingAesKey: '' });
      await yard.wecom.setCallbackUrl('other', other.url);
      const way = { type: 2, scene: 2, user: ['alice'], state: 'theirs' };
      const { config_id } = await yard.post('externalcontact/add_contact_way', way, 'other');
      await yard.wecom.phone(ANN).scan(config_id);
      const [mine] = await yard.told();
      const [theirs] = other.arrived.map((one) => fieldsOf(one.xml));
      expect(mine).toMatchObject({ ChangeType: HALF, State: 'theirs' });
      expect(theirs).toEqual(mine);
      await other.close();
    }));

  test('a source that shares a secret hears of contacts only when it is switched on', () =>
    inContactYard(
      {
        corp: {
          ...teamCorp,
          apps: { main: {}, kf: { secretOf: 'main' }, more: { secretOf: 'main', receivesContacts: true } },
        },
      },
      async (yard) => {
        const doors = await Promise.all(
          ['kf', 'more'].map(async (name) => {
            const door = await openDoor(yard.secrets.apps[name]?.callbacks[0] ?? { encodingAesKey: '' });
            await yard.wecom.setCallbackUrl(name, door.url);
            return door;
          }),
        );
        await yard.wecom.phone(ANN).scan(await yard.code(['alice']));
        await yard.wecom.idle();
        expect(doors.map((one) => one.arrived.length)).toEqual([0, 1]);
        await Promise.all(doors.map((one) => one.close()));
      },
    ));

  test('a member outside the visible range is silence', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      yard.wecom.console.changeMember('alice', { visible: false });
      await yard.wecom.phone(ANN).scan(configId);
      expect(await yard.changes()).toEqual(['unsubscribe']);
    }));

  test.each([{ receivesContacts: false }, { contactApi: false }])('an app with %j hears nothing', (setup) =>
    inContactYard({ corp: { ...teamCorp, apps: { main: setup, other: {} } } }, async (yard) => {
      const way = { type: 2, scene: 2, user: ['alice'] };
      const { config_id } = await yard.post('externalcontact/add_contact_way', way, 'other');
      expect(await yard.wecom.phone(ANN).scan(config_id)).toMatchObject({ outcome: 'half' });
      expect(await yard.changes()).toEqual([]);
    }),
  );
});

test('two hundred adds within one second are two hundred events, each with its own code', () =>
  inContactYard({}, async (yard) => {
    const configId = await yard.code(TEAM);
    const customers = Array.from({ length: 200 }, (_, index) => `wm${index}`);
    await Promise.all(customers.map((one) => yard.wecom.phone(one).scan(configId)));
    const told = await yard.told();
    expect(told.map((one) => one.ExternalUserID).toSorted()).toEqual(customers.toSorted());
    expect(new Set(told.map((one) => one.WelcomeCode)).size).toBe(200);
    expect(new Set(told.map((one) => one.CreateTime)).size).toBe(1);
  }));

test('whatever people do, the API lists the full friendships and the code counts what began there', () =>
  fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(aStep, { minLength: 1, maxLength: 25 }), async (skip_verify, steps) =>
      inContactYard({}, async (yard) => {
        const configId = await yard.code(TEAM, { skip_verify });
        let accepted = 0;
        for (const step of steps) {
          const done = await tryStep(yard, configId, step);
          if (done && step.what === 'accept') accepted += 1;
        }
        const relations = yard.wecom.contacts.relations();
        for (const member of TEAM) {
          const full = relations.filter((one) => one.member === member && one.stage === 'full');
          const listed = await yard.get('externalcontact/list', { userid: member });
          if (full.length === 0) expect(listed.errcode).toBe(84061);
          else expect(listed).toMatchObject({ external_userid: full.map((one) => one.customer) });
        }
        const changes = await yard.changes();
        const half = changes.filter((one) => one === HALF).length;
        const full = changes.filter((one) => one === FULL).length;
        const counts = yard.wecom.contacts.ways().flatMap((one) => Object.values(one.adds));
        // Adding back is no new add where the customer was let in without approval.
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(half + full - (skip_verify ? accepted : 0));
      }),
    ),
    { numRuns: 25 },
  ));

const aStep = fc.record({
  what: fc.constantFrom('scan', 'accept', 'deleteMember', 'deleteCustomer'),
  customer: fc.constantFrom(ANN, 'wmBen', 'wmCat'),
  member: fc.constantFrom(...TEAM),
});

type Step = typeof aStep extends fc.Arbitrary<infer One> ? One : never;

/** Whether it could be done: the screens of phones and clients do not let everything happen. */
async function tryStep(yard: ContactYard, configId: string, { what, customer, member }: Step): Promise<boolean> {
  const phone = yard.wecom.phone(customer);
  const client = yard.wecom.client(member);
  try {
    if (what === 'scan') await phone.scan(configId);
    if (what === 'accept') await client.accept(customer);
    if (what === 'deleteMember') await phone.deleteMember(member);
    if (what === 'deleteCustomer') await client.deleteCustomer(customer);
    return true;
  } catch (error) {
    if (error instanceof NotPossible) return false;
    throw error;
  }
}
