import { expect, test } from '@jest/globals';
import { inYard, openDoor, SUPPORT, type Yard } from './wecom-yard.ts';

async function play(yard: Yard, path: string, body?: object): Promise<{ status: number; answer: unknown }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await yard.raw(`/_/${path}`, init);
  return { status: answer.status, answer: await answer.json() };
}

test('a person with curl can play a whole conversation', () =>
  inYard({}, async (yard) => {
    const at = { openKfId: SUPPORT };
    const door = await openDoor(yard.secrets.apps.main?.callbacks[0] ?? { encodingAesKey: '' });
    expect((await play(yard, 'callback-url', { app: 'main', url: door.url })).answer).toMatchObject({ ok: true });
    await play(yard, 'customers/wmAnn/enter', { ...at, scene: 'window', sceneParam: 'p' });
    await play(yard, 'customers/wmAnn/write', { ...at, text: 'hello' });
    const list = [{ type: 'click', click: { id: 'person', content: 'A person, please' } }];
    await yard.post('kf/send_msg', { touser: 'wmAnn', open_kfid: SUPPORT, msgtype: 'msgmenu', msgmenu: { list } });
    await play(yard, 'customers/wmAnn/click', { ...at, menuId: 'person' });
    await yard.trans('wmAnn', 2);
    const ann = { ...at, customer: 'wmAnn' };
    await play(yard, 'agents/lisi/take', ann);
    await play(yard, 'agents/lisi/answer', { ...ann, text: 'Here I am.' });
    await play(yard, 'agents/lisi/transfer', { ...ann, to: 'wangwu' });
    expect((await play(yard, `sessions/${SUPPORT}/wmAnn`)).answer).toMatchObject({ state: 3, servicer: 'wangwu' });
    await play(yard, 'agents/wangwu/end', ann);
    await play(yard, 'agents/wangwu/reception', { ...at, reception: 'stopped' });
    expect((await play(yard, `customers/wmAnn/received?openKfId=${SUPPORT}`)).answer).toMatchObject([
      { from: 'api', msgtype: 'msgmenu', text: 'A person, please' },
      { from: 'servicer', servicer: 'lisi', text: 'Here I am.' },
    ]);
    const { answer } = await play(yard, `transcripts/${SUPPORT}/wmAnn`);
    expect(answer).toMatchObject([
      { from: 'system', text: 'entered' },
      { from: 'customer', text: 'hello' },
      { from: 'api', msgtype: 'msgmenu' },
      { from: 'customer', text: 'A person, please' },
      { from: 'system', text: 'moved to 2' },
      { from: 'system', text: 'taken by lisi' },
      { from: 'servicer', text: 'Here I am.' },
      { from: 'system', text: 'passed on by lisi to wangwu' },
      { from: 'system', text: 'ended by wangwu' },
    ]);
    await yard.wecom.idle();
    expect(door.arrived).toHaveLength(8);
    expect((await play(yard, 'callbacks')).answer).toHaveLength(8);
    await door.close();
  }));

test('what cannot be is refused with a reason', () =>
  inYard({}, async (yard) => {
    const body = { openKfId: SUPPORT, customer: 'wmAnn' };
    expect(await play(yard, 'agents/lisi/take', body)).toMatchObject({
      status: 409,
      answer: { error: expect.stringContaining('pool') },
    });
    expect((await play(yard, 'customers/wmAnn/write', { openKfId: 'wk404', text: 'x' })).status).toBe(409);
    expect((await play(yard, 'customers/wmAnn/write', { openKfId: SUPPORT })).status).toBe(400);
    expect((await play(yard, 'agents/lisi/reception', { ...body, reception: 'napping' })).status).toBe(400);
    expect((await yard.raw('/_/unknown')).status).toBe(404);
  }));

test('the front page says what there is', () =>
  inYard({}, async (yard) => {
    const page = await yard.raw('/_/');
    expect(page.headers.get('content-type')).toContain('text/plain');
    expect(await page.text()).toContain('/_/agents/{userid}/answer');
  }));
