import { expect, test } from '@jest/globals';
import { type ContactYard, inContactYard } from './wecom-contacts-yard.ts';

async function play(yard: ContactYard, path: string, body?: object): Promise<{ status: number; answer: unknown }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await yard.raw(`/_/${path}`, init);
  return { status: answer.status, answer: await answer.json() };
}

test('a person with curl can scan a code, accept, welcome, write and part', () =>
  inContactYard({}, async (yard) => {
    const configId = await yard.code(['alice']);
    const alice = { userid: 'alice' };
    expect((await play(yard, 'customers/wmAnn/scan', { configId })).answer).toEqual({
      member: 'alice',
      outcome: 'half',
    });
    const [half] = await yard.told();
    const welcome = { welcome_code: half?.WelcomeCode, text: { content: 'Hello' } };
    await yard.post('externalcontact/send_welcome_msg', welcome);
    expect((await play(yard, 'customers/wmAnn/welcomes')).answer).toMatchObject([{ member: 'alice', text: 'Hello' }]);
    await play(yard, 'agents/alice/accept', { customer: 'wmAnn' });
    await play(yard, 'customers/wmAnn/write-to', alice);
    await play(yard, 'customers/wmAnn/delete', alice);
    await play(yard, 'agents/bob/add', { customer: 'wmAnn' });
    await play(yard, 'agents/bob/delete', { customer: 'wmAnn', byTransfer: true });
    await play(yard, 'agents/carol/leave', {});
    expect((await play(yard, 'contact-ways')).answer).toMatchObject([{ configId, adds: { alice: 1 } }]);
    expect((await play(yard, 'friendships')).answer).toMatchObject([
      { customer: 'wmAnn', member: 'alice', stage: 'full', customerLeft: true },
      { customer: 'wmAnn', member: 'bob', stage: 'over' },
    ]);
    expect((await yard.changes()).toSorted()).toEqual([
      'add_external_contact',
      'add_external_contact',
      'add_half_external_contact',
      'del_external_contact',
      'del_follow_user',
      'unsubscribe',
    ]);
  }));

test('the image of a code and an acquisition link can be opened, and consent can be given', () =>
  inContactYard({}, async (yard) => {
    yard.wecom.console.changeMember('alice', { archived: true });
    const { contact_way } = await yard.post('externalcontact/get_contact_way', {
      config_id: await yard.code(['alice']),
    });
    await play(yard, 'customers/wmAnn/scan', { code: contact_way.qr_code });
    await play(yard, 'customers/wmAnn/agree', { userid: 'alice' });
    expect((await yard.told()).map((one) => one.ChangeType)).toContain('msg_audit_approved');
    const link = { link_name: 'Ad', range: { user_list: ['bob'] } };
    const made = await yard.post('externalcontact/customer_acquisition/create_link', link);
    expect((await play(yard, 'customers/wmBen/open-link', { url: made.link.url })).answer).toMatchObject({
      member: 'bob',
    });
  }));

test('what cannot be is refused with a reason', () =>
  inContactYard({}, async (yard) => {
    expect(await play(yard, 'customers/wmAnn/scan', { configId: 'unknown' })).toMatchObject({
      status: 409,
      answer: { error: expect.stringContaining('no longer works') },
    });
    expect((await play(yard, 'customers/wmAnn/scan', {})).status).toBe(400);
    expect((await play(yard, 'agents/alice/accept', { customer: 'wmAnn' })).status).toBe(409);
    expect((await play(yard, 'agents/nobody/leave', {})).status).toBe(409);
  }));
