import { describe, expect, test } from '@jest/globals';
import { type ContactYard, inContactYard, teamCorp } from './wecom-contacts-yard.ts';
import { type Answer, SECOND } from './wecom-yard.ts';

const ANN = 'wmAnn';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Lets Ann add alice, and returns the welcome code of the last event. */
async function added(yard: ContactYard): Promise<string> {
  await yard.wecom.phone(ANN).scan(await yard.code(['alice']));
  return codeOf(yard);
}

async function codeOf(yard: ContactYard): Promise<string> {
  return (await yard.told()).at(-1)?.WelcomeCode ?? 'none';
}

function welcome(yard: ContactYard, code: string, more: object = {}, app = 'main'): Promise<Answer> {
  const message = { welcome_code: code, text: { content: 'Hello, I am Alice.' }, ...more };
  return yard.post('externalcontact/send_welcome_msg', message, app);
}

async function upload(yard: ContactYard, path: string): Promise<Answer> {
  const form = new FormData();
  form.append('media', new Blob([PNG]), 'hello.png');
  const { access_token } = await tokenOf(yard);
  const answer = await yard.raw(`/cgi-bin/${path}access_token=${access_token}`, { method: 'POST', body: form });
  const parsed: Answer = JSON.parse(await answer.text());
  return parsed;
}

async function tokenOf(yard: ContactYard): Promise<Answer> {
  const { corpId, apps } = yard.secrets;
  return yard.get('gettoken', { corpid: corpId, corpsecret: apps.main?.secret ?? '' });
}

describe('a welcome message', () => {
  test('reaches the customer once, within twenty seconds', () =>
    inContactYard({}, async (yard) => {
      const code = await added(yard);
      yard.move(20 * SECOND);
      expect((await welcome(yard, code)).errcode).toBe(0);
      expect((await welcome(yard, code)).errcode).toBe(41050);
      expect(yard.wecom.phone(ANN).welcomes()).toMatchObject([
        { member: 'alice', app: 'main', text: 'Hello, I am Alice.', attachments: [] },
      ]);
      await yard.wecom.client('alice').accept(ANN);
      expect((await yard.told()).at(-1)).not.toHaveProperty('WelcomeCode');
    }));

  test('is too late afterwards, and the full add brings a second chance', () =>
    inContactYard({}, async (yard) => {
      const code = await added(yard);
      yard.move(20 * SECOND + 1);
      expect((await welcome(yard, code)).errcode).toBe(41050);
      await yard.wecom.client('alice').accept(ANN);
      expect((await welcome(yard, await codeOf(yard))).errcode).toBe(0);
    }));

  test('by either code of one friendship is the only one', () =>
    inContactYard({}, async (yard) => {
      const half = await added(yard);
      await yard.wecom.client('alice').accept(ANN);
      const full = await codeOf(yard);
      expect((await welcome(yard, full)).errcode).toBe(0);
      expect((await welcome(yard, half)).errcode).toBe(41051);
    }));

  test('of another app makes ours 41096 while it is under way, and 41051 later', () =>
    inContactYard({ corp: { ...teamCorp, apps: { main: {}, other: {} } } }, async (yard) => {
      const code = await added(yard);
      expect((await welcome(yard, code, {}, 'other')).errcode).toBe(0);
      expect((await welcome(yard, code)).errcode).toBe(41096);
      yard.move(SECOND);
      expect((await welcome(yard, code)).errcode).toBe(41051);
      expect(yard.wecom.contacts.welcomes()).toMatchObject([{ app: 'other' }]);
    }));

  test('cannot follow a message of the customer', () =>
    inContactYard({}, async (yard) => {
      const code = await added(yard);
      await yard.wecom.phone(ANN).writeTo('alice');
      expect((await welcome(yard, code)).errcode).toBe(41051);
    }));

  test('waits for consent where chats are archived', () =>
    inContactYard({}, async (yard) => {
      yard.wecom.console.changeMember('alice', { archived: true });
      expect((await welcome(yard, await added(yard))).errcode).toBe(41053);
      await yard.wecom.phone(ANN).agreeToArchive('alice');
      expect((await yard.told()).at(-1)).toMatchObject({
        ChangeType: 'msg_audit_approved',
        UserID: 'alice',
        ExternalUserID: ANN,
      });
      expect((await welcome(yard, await codeOf(yard))).errcode).toBe(0);
    }));

  test('has its code only with the consent, by switch', () =>
    inContactYard({ switches: { codeBeforeConsent: false } }, async (yard) => {
      yard.wecom.console.changeMember('alice', { archived: true });
      expect(await added(yard)).toBe('none');
      await yard.wecom.phone(ANN).agreeToArchive('alice');
      expect((await welcome(yard, await codeOf(yard))).errcode).toBe(0);
    }));

  test('of a member who has not signed in for long is 92599', () =>
    inContactYard({}, async (yard) => {
      yard.wecom.console.changeMember('alice', { signedIn: false });
      expect((await welcome(yard, await added(yard))).errcode).toBe(92599);
    }));

  test("has no code under a welcome message of the console's, nor for WeCom users", () =>
    inContactYard({}, async (yard) => {
      yard.wecom.console.changeMember('alice', { consoleWelcome: true });
      expect(await added(yard)).toBe('none');
      yard.wecom.console.changeMember('alice', { consoleWelcome: false });
      yard.wecom.phone('wmBen').workFor('Example Trading');
      await yard.wecom.phone('wmBen').scan(await yard.code(['alice']));
      expect(await codeOf(yard)).toBe('none');
    }));

  test('whose answer is lost has been sent', () =>
    inContactYard({}, async (yard) => {
      const code = await added(yard);
      yard.wecom.faults.loseAnswer('externalcontact/send_welcome_msg');
      await expect(welcome(yard, code)).rejects.toThrow();
      expect((await welcome(yard, code)).errcode).toBe(41050);
      expect(yard.wecom.phone(ANN).welcomes()).toHaveLength(1);
    }));

  test.each([
    [{ welcome_code: undefined }, 41049],
    [{ welcome_code: 'made-up' }, 41050],
    [{ text: { content: '' } }, 40058],
    [{ text: { content: '汉'.repeat(1334) } }, 45002],
    [{ attachments: Array.from({ length: 10 }, () => link({})) }, 40058],
    [{ attachments: [link({ title: '' })] }, 40058],
    [{ attachments: [link({ title: 'x'.repeat(129) })] }, 40058],
    [{ attachments: [link({ desc: 'x'.repeat(513) })] }, 40058],
    [{ attachments: [link({ url: undefined })] }, 40058],
    [{ attachments: [{ msgtype: 'image', image: { media_id: 'unknown' } }] }, 40007],
    [{ attachments: [{ msgtype: 'image', image: { pic_url: 'https://a.example/p.png' } }] }, 40058],
    [{ attachments: [{ msgtype: 'video', video: {} }] }, 40058],
    [{ attachments: [{ msgtype: 'voice', voice: { media_id: 'x' } }] }, 40058],
    [{ attachments: [{ msgtype: 'miniprogram', miniprogram: { title: 'x', appid: 'wx1', page: 'p' } }] }, 40058],
  ])('is refused with %j (%d), and the code stays good', (wrong, errcode) =>
    inContactYard({}, async (yard) => {
      const code = await added(yard);
      expect((await welcome(yard, code, wrong)).errcode).toBe(errcode);
      expect((await welcome(yard, code, { text: { content: '汉'.repeat(1333) } })).errcode).toBe(0);
    }),
  );

  test('may be nine attachments and no text, with images that were uploaded', () =>
    inContactYard({}, async (yard) => {
      const { url } = await upload(yard, 'media/uploadimg?');
      const { media_id } = await upload(yard, 'media/upload?type=image&');
      const program = { title: 'Shop', pic_media_id: media_id, appid: 'wx1', page: 'index' };
      const attachments = [
        { msgtype: 'image', image: { pic_url: url } },
        { msgtype: 'image', image: { media_id } },
        { msgtype: 'miniprogram', miniprogram: program },
        ...Array.from({ length: 6 }, () => link({})),
      ];
      const code = await added(yard);
      expect((await welcome(yard, code, { text: undefined, attachments })).errcode).toBe(0);
      expect(yard.wecom.phone(ANN).welcomes()[0]?.attachments).toEqual(attachments);
    }));
});

function link(more: object) {
  return { msgtype: 'link', link: { title: 'Price list', url: 'https://a.example/price', ...more } };
}
