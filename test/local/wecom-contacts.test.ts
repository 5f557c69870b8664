import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inContactYard, TEAM, teamCorp } from './wecom-contacts-yard.ts';
import { type Answer, HOUR, inYard, MINUTE, SECOND, type Yard } from './wecom-yard.ts';

const DAY = 24 * HOUR;
const inTeam = (play: (yard: Yard) => Promise<void>) => inYard({ corp: teamCorp }, play);

function add(yard: Yard, more: object = {}, app = 'main'): Promise<Answer> {
  return yard.post('externalcontact/add_contact_way', { type: 2, scene: 2, user: TEAM, ...more }, app);
}

function update(yard: Yard, configId: string, more: object): Promise<Answer> {
  return yard.post('externalcontact/update_contact_way', { config_id: configId, ...more });
}

async function read(yard: Yard, configId: string): Promise<Answer['contact_way']> {
  return (await yard.post('externalcontact/get_contact_way', { config_id: configId })).contact_way;
}

describe('a contact way', () => {
  test('is created with an image, and reads back as it was given', () =>
    inTeam(async (yard) => {
      const words = { remark: 'spring', state: 'c_8f31k2', skip_verify: false };
      const made = await add(yard, words);
      expect(made).toMatchObject({
        errcode: 0,
        config_id: expect.any(String),
        qr_code: expect.stringMatching(/^http/),
      });
      expect(await read(yard, made.config_id)).toMatchObject({
        ...words,
        config_id: made.config_id,
        type: 2,
        scene: 2,
        user: TEAM,
        party: [],
        is_temp: false,
        is_exclusive: false,
        mark_source: true,
        qr_code: made.qr_code,
      });
      const image = await fetch(made.qr_code);
      expect(image.headers.get('content-type')).toBe('image/png');
      const bytes = Buffer.from(await image.arrayBuffer());
      expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
      await yard.post('externalcontact/del_contact_way', { config_id: made.config_id });
      expect((await fetch(made.qr_code)).status).toBe(404);
    }));

  test('lets customers in without approval unless told otherwise', () =>
    inTeam(async (yard) => {
      expect(await read(yard, (await add(yard)).config_id)).toMatchObject({ skip_verify: true, remark: '', state: '' });
    }));

  test('as a button has a style and no image', () =>
    inTeam(async (yard) => {
      const made = await add(yard, { scene: 1, style: 2 });
      expect(made).not.toHaveProperty('qr_code');
      expect(await read(yard, made.config_id)).toMatchObject({ scene: 1, style: 2 });
    }));

  test.each([
    [{ type: undefined }, 41037],
    [{ type: 3 }, 41039],
    [{ type: '2' }, 41039],
    [{ scene: undefined }, 41038],
    [{ scene: 0 }, 41040],
    [{ scene: 1, style: 9 }, 41042],
    [{ remark: 'x'.repeat(31) }, 40058],
    [{ state: '路'.repeat(31) }, 40058],
    [{ skip_verify: 'yes' }, 40058],
    [{ user: [] }, 40058],
    [{ user: undefined }, 40058],
    [{ user: 'alice' }, 60011],
    [{ user: [7] }, 40058],
    [{ user: ['nobody'] }, 60111],
    [{ user: ['a|b'] }, 40003],
    [{ party: [99] }, 60123],
    [{ type: 1 }, 40058],
    [{ type: 1, user: ['alice'], party: [1] }, 40058],
    [{ is_temp: true }, 40058],
    [{ is_temp: true, user: ['alice'], expires_in: 15 * 24 * 3600 }, 40058],
    [{ is_temp: true, user: ['alice'], conclusions: {} }, 40058],
  ])('is refused with %j (%d)', (wrong, errcode) =>
    inTeam(async (yard) => {
      expect((await add(yard, wrong)).errcode).toBe(errcode);
      expect(yard.wecom.contacts.ways()).toEqual([]);
    }),
  );

  test('takes thirty characters of state and remark, whatever their bytes', () =>
    inTeam(async (yard) => {
      expect((await add(yard, { remark: '路'.repeat(30), state: '路'.repeat(30) })).errcode).toBe(0);
    }));

  test.each([
    [{ activated: false }, 41054],
    [{ disabled: true }, 41054],
    [{ verified: false }, 40098],
    [{ contacts: false }, 84074],
    [{ visible: false }, 60011],
  ])('is refused as a whole for one member with %j (%d)', (traits, errcode) =>
    inTeam(async (yard) => {
      const { config_id } = await add(yard);
      yard.wecom.console.changeMember('bob', traits);
      expect((await add(yard)).errcode).toBe(errcode);
      expect((await update(yard, config_id, { user: ['alice', 'bob'] })).errcode).toBe(errcode);
      expect(await read(yard, config_id)).toMatchObject({ user: TEAM });
      expect((await update(yard, config_id, { user: ['alice', 'carol'] })).errcode).toBe(0);
    }),
  );

  test('is refused for who has left', () =>
    inTeam(async (yard) => {
      yard.wecom.console.removeMember('bob');
      expect((await add(yard)).errcode).toBe(60111);
    }));

  test('is refused for a member by a fault, as often as it says', () =>
    inTeam(async (yard) => {
      const fault = yard.wecom.faults.refuseMember('Bob', 84074, 2);
      expect((await add(yard)).errcode).toBe(84074);
      expect((await add(yard, { user: ['alice'] })).errcode).toBe(0);
      expect((await add(yard)).errcode).toBe(84074);
      expect((await add(yard)).errcode).toBe(0);
      expect(fault.hits).toBe(2);
    }));

  test('holds a hundred members, departments counted out, and each once', () => {
    const people = Array.from({ length: 101 }, (_, index) => `m${index}`);
    const departments = { 2: { members: people.slice(0, 60) }, 3: { members: people.slice(60, 100), parent: 2 } };
    return inYard({ corp: { accounts: [], members: people, departments } }, async (yard) => {
      expect((await add(yard, { user: people })).errcode).toBe(41041);
      expect((await add(yard, { user: people.slice(1) })).errcode).toBe(0);
      expect((await add(yard, { user: [], party: [2] })).errcode).toBe(0);
      expect((await add(yard, { user: ['M7', 'm7'], party: [2] })).errcode).toBe(0);
      expect((await add(yard, { user: ['m100'], party: [2] })).errcode).toBe(41041);
    });
  });

  test('is limited in number for the whole corp, temporary ones apart', () =>
    inYard({ corp: teamCorp, switches: { contactWaysPerCorp: 1 } }, async (yard) => {
      expect((await add(yard)).errcode).toBe(0);
      expect((await add(yard)).errcode).toBe(41045);
      expect((await add(yard, { is_temp: true, user: ['alice'] })).errcode).toBe(0);
    }));
});

describe('changing a contact way', () => {
  test('replaces the lists and keeps what was left out, its type and its image', () =>
    inTeam(async (yard) => {
      const { config_id, qr_code } = await add(yard, { state: 'c_1', remark: 'old', party: [1] });
      const changed = { user: ['carol'], party: [], remark: 'new', skip_verify: false };
      expect((await update(yard, config_id, { ...changed, type: 1, scene: 1 })).errcode).toBe(0);
      expect(await read(yard, config_id)).toMatchObject({ ...changed, state: 'c_1', type: 2, scene: 2, qr_code });
    }));

  test('or sets back what was left out, by switch: only the full set is safe', () =>
    inYard({ corp: teamCorp, switches: { omittedWayFields: 'reset' } }, async (yard) => {
      const { config_id } = await add(yard, { state: 'c_1', skip_verify: false });
      expect((await update(yard, config_id, { user: ['carol'] })).errcode).toBe(0);
      expect(await read(yard, config_id)).toMatchObject({ state: '', skip_verify: true });
      expect((await update(yard, config_id, { state: 'c_1' })).errcode).toBe(40058);
    }));

  test.each([
    ['refused', 40058, TEAM],
    ['kept', 0, TEAM],
    ['emptied', 0, []],
  ] as const)('to nobody is %s by switch', (emptyUserList, errcode, left) =>
    inYard({ corp: teamCorp, switches: { emptyUserList } }, async (yard) => {
      const { config_id } = await add(yard);
      expect((await update(yard, config_id, { user: [] })).errcode).toBe(errcode);
      expect(await read(yard, config_id)).toMatchObject({ user: left });
    }),
  );

  test('is seen by scans only after the lag, by switch', () =>
    inYard({ corp: teamCorp, switches: { wayUpdateLagMs: 2000 } }, async (yard) => {
      const { config_id } = await add(yard, { user: ['alice'] });
      await update(yard, config_id, { user: ['bob'] });
      expect(await read(yard, config_id)).toMatchObject({ user: ['bob'] });
      yard.move(1999);
      expect(await yard.wecom.phone('wmAnn').scan(config_id)).toMatchObject({ member: 'alice' });
      yard.move(1);
      expect(await yard.wecom.phone('wmBen').scan(config_id)).toMatchObject({ member: 'bob' });
    }));

  test('needs its config_id', () =>
    inTeam(async (yard) => {
      for (const call of ['get_contact_way', 'update_contact_way', 'del_contact_way']) {
        expect((await yard.post(`externalcontact/${call}`, {})).errcode).toBe(41043);
        expect((await yard.post(`externalcontact/${call}`, { config_id: 'unknown' })).errcode).toBe(41044);
      }
    }));

  test('is over for a temporary way after its time', () =>
    inTeam(async (yard) => {
      const { config_id } = await add(yard, { is_temp: true, user: ['alice'], expires_in: 60 });
      expect((await update(yard, config_id, { remark: 'still' })).errcode).toBe(0);
      yard.move(MINUTE + SECOND);
      expect((await update(yard, config_id, { remark: 'late' })).errcode).toBe(41044);
      await expect(yard.wecom.phone('wmAnn').scan(config_id)).rejects.toThrow('no longer works');
    }));
});

describe('listing contact ways', () => {
  test('goes page by page over the permanent ones of the last ninety days', () =>
    inTeam(async (yard) => {
      const old = await add(yard);
      yard.move(91 * DAY);
      const made = [await add(yard), await add(yard), await add(yard)].map((one) => one.config_id);
      await add(yard, { is_temp: true, user: ['alice'] });
      const list = async (more: object) => yard.post('externalcontact/list_contact_way', more);
      const first = await list({ limit: 2 });
      expect(first).toMatchObject({ contact_way: made.slice(0, 2).map((config_id) => ({ config_id })) });
      expect(await list({ limit: 2, cursor: first.next_cursor })).toMatchObject({
        contact_way: [{ config_id: made[2] }],
        next_cursor: '',
      });
      const end = Math.floor(yard.now() / 1000) - 90 * 24 * 3600;
      expect(await list({ start_time: 0, end_time: end })).toMatchObject({
        contact_way: [{ config_id: old.config_id }],
      });
      expect((await list({ limit: 1001 })).errcode).toBe(40058);
      expect((await list({ cursor: 'made up' })).errcode).toBe(40058);
    }));

  test("never shows another app's, which cannot be read or touched either", () =>
    inYard({ corp: { ...teamCorp, apps: { main: {}, other: {} } } }, async (yard) => {
      const { config_id } = await add(yard, {}, 'other');
      expect(await yard.post('externalcontact/list_contact_way', {})).toMatchObject({ contact_way: [] });
      for (const call of ['get_contact_way', 'update_contact_way', 'del_contact_way']) {
        expect((await yard.post(`externalcontact/${call}`, { config_id })).errcode).toBe(41044);
      }
    }));
});

describe('the calls of 客户联系', () => {
  test('are closed to an app that is not listed for them', () =>
    inYard({ corp: { ...teamCorp, apps: { main: { contactApi: false } } } }, async (yard) => {
      expect((await add(yard)).errcode).toBe(48002);
      expect((await yard.get('externalcontact/get_follow_user_list', {})).errcode).toBe(48002);
      expect((await yard.get('user/get', { userid: 'alice' })).errcode).toBe(0);
    }));

  test('are limited by the minute, and then closed for a minute', () =>
    inYard({ corp: teamCorp, switches: { contactCallsPerMinute: 2 } }, async (yard) => {
      const codes = [await add(yard), await add(yard), await add(yard)].map((one) => one.errcode);
      expect(codes).toEqual([0, 0, 45009]);
      expect((await yard.post('externalcontact/list_contact_way', {})).errcode).toBe(0);
      yard.move(MINUTE - 1);
      expect((await add(yard)).errcode).toBe(45009);
      yard.move(1);
      expect((await add(yard)).errcode).toBe(0);
    }));

  test('are all written down', () =>
    inTeam(async (yard) => {
      await add(yard);
      await add(yard, { type: 9 });
      const calls = yard.wecom.requests.filter((one) => one.path === '/cgi-bin/externalcontact/add_contact_way');
      expect(calls.map((one) => one.errcode)).toEqual([0, 41039]);
    }));

  test('can act and lose their answer', () =>
    inContactYard({}, async (yard) => {
      const configId = await yard.code(['alice']);
      yard.wecom.faults.loseAnswer('externalcontact/update_contact_way');
      await expect(update(yard, configId, { user: ['bob'] })).rejects.toThrow();
      expect(await read(yard, configId)).toMatchObject({ user: ['bob'] });
    }));
});

test('any sequence of updates leaves exactly the last list that was taken', () =>
  inTeam(async (yard) => {
    const { config_id } = await add(yard, { user: ['alice'] });
    let taken: string[] = ['alice'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('alice', 'BOB', 'carol', 'nobody', 'a|b'), { maxLength: 4 }),
        async (user) => {
          const { errcode } = await update(yard, config_id, { user });
          if (errcode === 0) taken = [...new Set(user.map((one) => one.toLowerCase()))];
          else expect(user.length === 0 || user.some((one) => !TEAM.includes(one.toLowerCase()))).toBe(true);
          expect(await read(yard, config_id)).toMatchObject({ user: taken });
        },
      ),
      { numRuns: 40 },
    );
  }));
