import * as z from 'zod';
import { WrittenWay } from '../configuration/written-way.ts';
import { LibraryReply } from '../replies/reply.ts';
import { Observe } from './account-duties.ts';
import { Duty } from './contact-ways.ts';
import { HandOverWish } from './hand-overs.ts';
import { KnowledgeWish } from './knowledge.ts';
import type { Operation } from './operation.ts';
import { PageQuery } from './paging.ts';
import { ServicersWish } from './servicers.ts';
import * as shapes from './shapes.ts';
import * as ways from './way-shapes.ts';

/** A viewer looks, but reads nobody's words. */
const look = { role: 'viewer', scope: 'anybody' } as const;
const list = { ...look, query: PageQuery } as const;
const ofConversation = { role: 'supervisor', scope: 'conversation' } as const;
/** Ways and the library are everybody's, so that only who has all teams changes them. */
const ofHouse = { role: 'supervisor', scope: 'house' } as const;
const operate = { role: 'operator', scope: 'house' } as const;
/** The address says which one it is. */
const optionalId = { id: z.string().optional() };

/** The contract of every address below /admin/v1 and /console/v1. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /health': {
    ...look,
    says: 'Whether the API reaches its tables.',
    answers: { 200: shapes.Health },
    refuses: [503],
  },
  'GET /me': { ...look, says: 'Who asks, and what he may do.', answers: { 200: shapes.Me } },
  'GET /openapi.json': { ...look, says: 'This document.', answers: { 200: z.looseObject({}) } },
  'GET /audit': {
    ...operate,
    says: 'What was changed, by whom; newest first.',
    query: PageQuery,
    answers: { 200: shapes.AuditShown },
  },

  'GET /teams': {
    ...list,
    says: 'The caller’s teams with their agents and who waits.',
    answers: { 200: shapes.Teams },
  },
  'GET /agents/{agentId}/duty': {
    role: 'viewer',
    scope: 'agent',
    says: 'Our own switch of an agent.',
    tagged: true,
    answers: { 200: shapes.DutyShown },
    refuses: [404],
  },
  'PUT /agents/{agentId}/duty': {
    role: 'supervisor',
    scope: 'agent',
    says: 'Switches an agent on or off duty, in all of his teams. His missed offers are forgotten.',
    body: Duty,
    matched: true,
    tagged: true,
    records: ['duty'],
    answers: { 200: shapes.DutyShown },
    refuses: [404],
  },
  'GET /decisions/{r}': {
    role: 'viewer',
    scope: 'request',
    says: 'Why these agents were chosen for a request.',
    query: PageQuery,
    answers: { 200: shapes.Decisions },
    refuses: [404],
  },
  'GET /figures': {
    role: 'viewer',
    scope: 'figures',
    says: 'A day of a team, or of an account that no team serves.',
    query: {
      team: z.string().optional().describe('Whose; this or `account`.'),
      account: z.string().optional(),
      day: z.iso.date().optional().describe('Today, unless said.'),
    },
    answers: { 200: shapes.FiguresShown },
    refuses: [404],
  },

  'GET /conversations/{id}': {
    role: 'viewer',
    scope: 'conversation',
    says: 'A conversation’s state, without what was written. Its id is open_kfid:external_userid.',
    answers: { 200: shapes.ConversationShown },
    refuses: [404],
  },
  'GET /conversations/{id}/history': {
    ...ofConversation,
    says: 'What was written, newest first.',
    query: PageQuery,
    answers: { 200: shapes.History },
    refuses: [404],
  },
  'GET /conversations/{id}/media/{message}': {
    ...ofConversation,
    says: 'An address of five minutes at which the file of a message is.',
    answers: { 200: shapes.MediaLink },
    refuses: [404, 409, 410],
  },
  'POST /conversations/{id}/hand-over': {
    ...ofConversation,
    says: 'Hands a conversation over. Decided by the conversation: hand-over.done.v1 or hand-over.refused.v1 says what became of it.',
    body: HandOverWish,
    records: ['to', 'by', 'id'],
    answers: { 202: shapes.HandOverAccepted },
    refuses: [404, 409],
  },

  'GET /conversations/{id}/standing': {
    role: 'viewer',
    scope: 'conversation',
    says: 'Where a conversation stands: what is unread, its places, its place in line.',
    answers: { 200: shapes.Standing },
    refuses: [404],
  },
  'POST /conversations/{id}/free-places': {
    ...ofConversation,
    says: 'Has places given back that the conversation does not hold; done by itself a moment later.',
    answers: { 202: shapes.PlacesAsked },
    refuses: [404],
  },

  'GET /contact-ways': {
    ...list,
    says: 'The team codes (联系我), in a few words.',
    answers: { 200: ways.WaySummaries },
  },
  'GET /contact-ways/strange-codes': {
    ...list,
    says: 'Codes in WeCom that are none of ours, as last night found them.',
    answers: { 200: ways.StrangeCodes },
  },
  'GET /contact-ways/{id}': {
    ...look,
    says: 'A contact way with each member, who is next, and why everybody else is not.',
    tagged: true,
    answers: { 200: ways.WayShown },
    refuses: [404],
  },
  'PUT /contact-ways/{id}': {
    ...ofHouse,
    says: 'Makes or changes a contact way.',
    body: WrittenWay.extend(optionalId),
    matched: true,
    tagged: true,
    records: ['mode', 'strategy', 'paused'],
    answers: { 200: ways.WaySaved, 201: ways.WaySaved },
    refuses: [422],
  },
  'DELETE /contact-ways/{id}': {
    ...ofHouse,
    says: 'Removes a contact way and its code in WeCom. What was counted stays.',
    matched: true,
    answers: { 204: null },
    refuses: [404],
  },
  'POST /contact-ways/{id}/pause': {
    ...ofHouse,
    says: 'No turns are given until it is resumed.',
    matched: 'if-given',
    tagged: true,
    answers: { 200: ways.WayPaused },
    refuses: [404],
  },
  'POST /contact-ways/{id}/resume': {
    ...ofHouse,
    says: 'Turns are given again.',
    matched: 'if-given',
    tagged: true,
    answers: { 200: ways.WayPaused },
    refuses: [404],
  },
  'GET /contact-ways/{id}/members/{agentId}/duty': {
    ...look,
    says: 'Our own switch of a member of a way.',
    tagged: true,
    answers: { 200: shapes.DutyShown },
    refuses: [404],
  },
  'PUT /contact-ways/{id}/members/{agentId}/duty': {
    ...ofHouse,
    says: 'Switches a member of a way on or off duty; done by the way itself a moment later.',
    body: Duty,
    matched: true,
    records: ['duty'],
    answers: { 202: shapes.DutyShown },
    refuses: [404],
  },
  'GET /contact-ways/{id}/code': { ...look, says: 'The code as WeCom draws it.', ...wecomPicture('image/*') },
  'GET /contact-ways/{id}/code.svg': { ...look, says: 'The code to print.', ...wecomPicture('image/svg+xml') },
  'GET /contact-ways/{id}/code.png': { ...look, says: 'The code to print.', ...wecomPicture('image/png', 406) },

  'GET /entries': { ...list, says: 'The ways into the accounts.', answers: { 200: ways.Entries } },
  'GET /entries/{id}': {
    ...look,
    says: 'A way into an account; its link is made when it is first asked for.',
    answers: { 200: ways.EntryShown },
    refuses: [404, 503],
  },
  'GET /entries/{id}/code.svg': { ...look, says: 'Its code to print.', ...wecomPicture('image/svg+xml') },
  'GET /entries/{id}/code.png': { ...look, says: 'Its code to print.', ...wecomPicture('image/png') },

  'GET /quick-replies': { ...list, says: 'The library, by folder.', answers: { 200: ways.QuickReplies } },
  'GET /quick-replies/{id}': {
    ...look,
    says: 'A quick reply, how often it was said, and who says it.',
    tagged: true,
    answers: { 200: ways.QuickReplyShown },
    refuses: [404],
  },
  'PUT /quick-replies/{id}': {
    ...ofHouse,
    says: 'Makes or changes a quick reply. Rule sets keep their words until a configuration is applied.',
    body: LibraryReply.extend(optionalId),
    matched: true,
    tagged: true,
    records: ['folder'],
    answers: { 200: ways.QuickReplyShown, 201: ways.QuickReplyShown },
    refuses: [422],
  },
  'DELETE /quick-replies/{id}': {
    ...ofHouse,
    says: 'Removes a quick reply. What rule sets have copied they go on saying.',
    matched: true,
    answers: { 200: ways.QuickReplyRemoved },
    refuses: [404],
  },

  'GET /accounts': {
    ...operate,
    says: 'The customer service accounts that the app sees.',
    query: PageQuery,
    ...wecom(shapes.Accounts),
  },
  'GET /accounts/{openKfId}/servicers': {
    ...operate,
    says: 'Who serves an account in WeCom, beside who should.',
    ...wecom(shapes.Servicers),
  },
  'POST /accounts/{openKfId}/servicers': {
    ...operate,
    says: 'Adds in WeCom who is missing, and takes out whom `remove` names.',
    body: ServicersWish,
    mayBeEmpty: true,
    records: ['remove'],
    ...wecom(shapes.ServicersChanged, 404),
  },
  'GET /accounts/{openKfId}/duty': {
    ...operate,
    says: 'Whether an account is served, observed, taken over or released.',
    answers: { 200: shapes.AccountDutyShown },
  },
  'POST /accounts/{openKfId}/observe': {
    ...operate,
    says: 'Watches an account without saying or moving anything, or ends that. `*` is every account.',
    body: Observe,
    records: ['on'],
    answers: { 200: shapes.AccountDutyShown },
    refuses: [409],
  },
  'POST /accounts/{openKfId}/adopt': {
    ...operate,
    says: 'Takes an account over, with whoever its customers are with now; goes on by itself.',
    answers: { 202: shapes.AccountDutyShown },
    refuses: [400],
  },
  'POST /accounts/{openKfId}/release': {
    ...operate,
    says: 'Gives an account back to WeCom; goes on by itself.',
    answers: { 202: shapes.AccountDutyShown },
    refuses: [400],
  },
  'GET /knowledge': {
    ...operate,
    says: 'WeCom’s knowledge base (知识库) as frequent questions.',
    ...wecom(shapes.KnowledgeShown),
  },
  'POST /knowledge': {
    ...operate,
    says: 'Brings WeCom’s knowledge base to the stage’s list.',
    body: KnowledgeWish,
    mayBeEmpty: true,
    records: ['dryRun', 'remove'],
    ...wecom(shapes.KnowledgeChanged, 404),
  },
};

/** WeCom does it, which may refuse, or sleep. */
function wecom(answer: z.ZodType, ...more: readonly number[]): Pick<Operation, 'answers' | 'refuses'> {
  return { answers: { 200: answer }, refuses: [...more, 422, 503] };
}

/** WeCom draws it, or gives the link that is drawn. */
function wecomPicture(type: string, ...more: readonly number[]): Pick<Operation, 'answers' | 'refuses'> {
  return { answers: { 200: type }, refuses: [404, ...more, 503] };
}
