import * as z from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { ADMIN_OPTIONS_HELP, readAdminWish } from '../ops-admin.ts';
import type { OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';

export const help = `查看一个会话，或释放其名额、交还机器人 · shows a conversation, or frees what it holds

npm run ops -- conversation show ID [--stage S] [--json]
npm run ops -- conversation release ID [--to-bot] [--yes]

  show      状态、接待人、名额、待执行、未读、排队位置      State, holder, places, pending, unread, line; never what was written
  release   归还无主的名额                              Gives places back that nothing holds
  --to-bot  交还机器人：人工会话结束，客户的下一条消息由机器人回答
            Hands the conversation back to the bot: a session with a person ends, and the customer's next message is the bot's
            Both go through the conversation's own inbox, and may be repeated

  ID        open_kfid:external_userid
${ADMIN_OPTIONS_HELP}

  退出码 / Exit codes: 0 · 1 错误、被拒绝或未确认 error, refused, or not confirmed`;

const TO_BOT = '--to-bot';

interface Wish {
  readonly json: boolean;
  readonly yes: boolean;
}

const Conversation = z.looseObject({
  id: z.string(),
  session: z.object({ state: z.string(), since: z.string(), agentId: z.string().optional() }),
  request: z.object({ teamId: z.string(), because: z.string(), askedAt: z.string() }).optional(),
  place: z.object({ agentId: z.string() }).optional(),
  pendingEffects: z.array(z.object({ id: z.string(), kind: z.string() })),
  unansweredQuestions: z.number(),
  parkedUntil: z.string().optional(),
});
const Standing = z.object({
  unread: z.number(),
  moreUnread: z.boolean(),
  places: z.array(z.object({ agentId: z.string(), held: z.boolean() })),
  line: z.object({ teamId: z.string(), waiting: z.number(), place: z.number().optional() }).optional(),
});
const Asked = z.object({ asked: z.array(z.string()) });
const HandedOver = z.object({ id: z.string() });

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { positionals, json, yes, admin } = await readAdminWish(args.filter((arg) => arg !== TO_BOT));
  const [action, id, ...more] = positionals;
  if ((action !== 'show' && action !== 'release') || id === undefined || more.length > 0) {
    throw new Refusal(`show ID or release ID is missing. 缺少 show ID 或 release ID。\n\n${help}`);
  }
  if (action === 'show') return show(admin, id, json, io);
  return args.includes(TO_BOT) ? toBot(admin, id, { json, yes }, io) : release(admin, id, { json, yes }, io);
}

const pathOf = (id: string): string => `/conversations/${encodeURIComponent(id)}`;

async function look(admin: AdminClient, id: string) {
  const state = await admin.ask('GET', pathOf(id), Conversation);
  return { state, standing: await admin.ask('GET', `${pathOf(id)}/standing`, Standing) };
}

async function show(admin: AdminClient, id: string, json: boolean, io: OpsIo): Promise<number> {
  const { state, standing } = await look(admin, id);
  if (json) {
    io.print(JSON.stringify({ ...state, ...standing }, null, 2));
    return 0;
  }
  const { session, request, pendingEffects, unansweredQuestions, parkedUntil } = state;
  const { places, line, unread, moreUnread } = standing;
  const lines = [
    `session   ${session.state}${session.agentId ? ` with ${session.agentId}` : ''} since ${session.since}`,
    ...(request ? [`request   team ${request.teamId}, ${request.because}, since ${request.askedAt}`] : []),
    ...(line ? [`line      ${line.place ?? 'not in it'} of ${line.waiting}`] : []),
    ...places.map(({ agentId, held }) => `place     ${agentId}${held ? '' : ' (nothing holds it 无主)'}`),
    ...pendingEffects.map(({ id: effect, kind }) => `pending   ${kind} ${effect}`),
    ...(parkedUntil ? [`parked    until ${parkedUntil}`] : []),
    `unread    ${unread}${moreUnread ? ' and more' : ''}, unanswered ${unansweredQuestions}`,
  ];
  io.print(lines.join('\n'));
  return 0;
}

async function release(admin: AdminClient, id: string, { json, yes }: Wish, io: OpsIo): Promise<number> {
  const { standing } = await look(admin, id);
  const loose = standing.places.filter(({ held }) => !held).map(({ agentId }) => agentId);
  if (loose.length === 0) {
    io.print(json ? JSON.stringify({ asked: [] }) : 'Every place is held; --to-bot hands it back. 没有无主名额。');
    return 0;
  }
  const question = `Give back the places that nothing holds, of ${loose.join(', ')}? 归还无主名额？`;
  if (!(await io.confirm(question, { yes }))) return 1;
  const { asked } = await admin.ask('POST', `${pathOf(id)}/free-places`, Asked, {});
  io.print(json ? JSON.stringify({ asked }, null, 2) : `Asked back from ${asked.join(', ')}. 已请求归还。`);
  return 0;
}

async function toBot(admin: AdminClient, id: string, { json, yes }: Wish, io: OpsIo): Promise<number> {
  const { state } = await look(admin, id);
  if (state.session.state !== 'person' && !state.request) {
    io.print(json ? JSON.stringify({ handOver: null }) : 'It is with the bot already, or over. 无需交还。');
    return 0;
  }
  const question = 'Hand it back to the bot? A session with a person ends. 交还机器人？人工会话将结束。';
  if (!(await io.confirm(question, { yes }))) return 1;
  const handed = await admin.ask('POST', `${pathOf(id)}/hand-over`, HandedOver, { to: 'bot', by: 'operator' });
  io.print(json ? JSON.stringify({ handOver: handed.id }, null, 2) : `Handed over (${handed.id}). 已交还。`);
  return 0;
}
