import * as z from 'zod';
import type { Conversation, HandOverTo } from '../conversations/conversation.ts';
import type { OwnEntry } from '../conversations/entries.ts';
import { type HandOverRefusal, impossible } from '../conversations/hand-over.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { Caller, HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { readJson } from './read-json.ts';
import type { AdminRouting } from './routing-routes.ts';
import { wrongBody } from './wrong-body.ts';

/** What handing over needs of the conversations room. */
export interface AdminHandOvers {
  knowsHandOver(conversationId: string, id: string): Promise<boolean>;
  saveNote(conversationId: string, note: { id: string; by: string; text: string; at: Instant }): Promise<void>;
  /** Puts the entry into the conversation's inbox, and wakes it. */
  tell(conversationId: string, entry: Extract<OwnEntry, { kind: 'hand-over' }>): Promise<unknown>;
  /** Another one for every request that brings none. */
  newId(): string;
}

/** In bytes: the receiver gets it in an app message, which takes 2048 (WeCom: message/send) with all the rest. */
export const NOTE_BYTES = 1000;
/** Who asked, where nobody says. */
const SOMEBODY = 'supervisor';

const Userid = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9_.@-]{0,63}$/, { error: 'is no userid' });
const ID = /^[A-Za-z0-9_-]{1,64}$/;

export const HandOverWish = z.strictObject({
  to: z.union([z.literal('bot'), z.strictObject({ agentId: Userid }), z.strictObject({ teamId: z.string().min(1) })], {
    error: 'has to be "bot", {"agentId":"…"} or {"teamId":"…"}',
  }),
  note: z
    .string()
    .trim()
    .min(1, { error: 'is empty; leave it out' })
    .refine((text) => Buffer.byteLength(text) <= NOTE_BYTES, { error: `takes ${NOTE_BYTES} bytes; shorten it` })
    .optional(),
  by: Userid.optional(),
  id: z.string().regex(ID, { error: 'has to be 1 to 64 letters, digits, - and _' }).optional(),
});

const WHY: Readonly<Partial<Record<HandOverRefusal, string>>> = {
  'no-session': 'The session is over: nobody can be handed over before the customer writes again.',
  'already-there': 'The conversation is there already.',
  'one-way': 'WeCom moves a session out of its pool only to a person, never back to the bot.',
  'no-team': 'No team serves this account, so nobody can be asked.',
};

/** Hand-overs by supervisors, and by agents in whose name somebody asks. */
export function handOverRoutes(
  handOvers: AdminHandOvers,
  routing: Pick<AdminRouting, 'configured'>,
  find: (conversationId: string | undefined) => Promise<Conversation | undefined>,
  clock: Clock,
): Readonly<Record<string, Route>> {
  return {
    /** Accepted here, decided by the conversation itself: `hand-over.done.v1` or `hand-over.refused.v1` says what became of it. */
    'POST /conversations/{id}/hand-over': async (request, { id: named }) => {
      const read = readWanted(request);
      if ('status' in read) return read;
      const conversation = await find(named);
      if (!conversation) return NO_CONVERSATION;
      const { conversationId, openKfId } = conversation;
      const placed = await place(read.to, openKfId);
      if ('status' in placed) return placed;
      const { to, ofAccount } = placed;
      const { id = handOvers.newId(), note } = read;
      const by = askedBy(request.caller, read.by);
      if (by === undefined) return NOT_AS_ANOTHER;
      // A repeat is the same hand-over, whatever has become of it since.
      const known = read.id !== undefined && (await handOvers.knowsHandOver(conversationId, id));
      const reason = known ? undefined : impossible(conversation, to, ofAccount);
      if (reason) return problem(409, WHY[reason] ?? 'This is not possible now.', { reason });
      const at = clock();
      // The note first: whoever hears of it must find it.
      if (note !== undefined && !known) await handOvers.saveNote(conversationId, { id, by, text: note, at });
      const noteId = note !== undefined && { noteId: id };
      await handOvers.tell(conversationId, { kind: 'hand-over', id, by, to, at, ...noteId });
      // The first one's words stand, so a repeat's are not said back.
      return jsonAnswer({ id, conversationId, ...(known ? { repeated: true } : { to: read.to }) }, 202);
    },
  };

  /** Where the conversation would stand in line, as the configuration is. */
  async function place(
    to: HandOverTo,
    openKfId: string,
  ): Promise<HttpAnswer | { to: HandOverTo; ofAccount: string | undefined }> {
    const { teams, agents, accounts } = await routing.configured();
    const teamOf = (account: string) => accounts.find((one) => one.openKfId === account)?.teamId;
    const ofAccount = teamOf(openKfId) ?? teamOf('*');
    if (to === 'bot') return { to, ofAccount };
    if ('agentId' in to) {
      const { agentId } = to;
      const agent = agents.find((one) => one.agentId === agentId);
      if (!agent) return wrong('to.agentId', 'names no agent', 'take one of GET /teams');
      if (agent.left) return wrong('to.agentId', 'has left', 'name somebody else, or put him on duty again');
      const his = teams.filter((team) => team.agents.includes(agentId)).map(({ teamId }) => teamId);
      const teamId = his.find((team) => team === ofAccount) ?? his[0];
      return teamId === undefined
        ? wrong('to.agentId', 'is in no team', 'add him to one in the business configuration')
        : { to: { agentId, teamId }, ofAccount };
    }
    return teams.some(({ teamId }) => teamId === to.teamId)
      ? { to, ofAccount }
      : wrong('to.teamId', 'names no team', 'take one of GET /teams');
  }
}

/**
 * A member is himself, whatever the body says; undefined: it says somebody else. A system asks in the name of those who work with it, and who it
 * is itself stands in the record of changes; where it names nobody, the last part of its ARN does, if it could be a name.
 */
function askedBy(caller: Caller | undefined, named: string | undefined): string | undefined {
  if (caller?.kind === 'member') return named === undefined || named === caller.name ? caller.name : undefined;
  return named ?? Userid.safeParse(caller?.name.split(/[/:]/).at(-1)).data ?? SOMEBODY;
}

/** The body, with the id that a header may bring. */
function readWanted({ body, headers }: HttpRequest): HttpAnswer | z.infer<typeof HandOverWish> {
  const read = HandOverWish.safeParse(readJson(body));
  if (!read.success) return wrongBody(read.error, '{"to":{"teamId":"sales"},"note":"…"}');
  const key = headers['idempotency-key'];
  if (key === undefined || read.data.id !== undefined) return read.data;
  return ID.test(key)
    ? { ...read.data, id: key }
    : wrong('Idempotency-Key', 'is no id', 'write 1 to 64 letters, digits, - and _');
}

function wrong(path: string, trouble: string, mend: string): HttpAnswer {
  return problem(400, `${path} ${trouble}: ${mend}.`, { errors: [{ path, problem: trouble, mend }] });
}

const NO_CONVERSATION = problem(
  404,
  'There is no such conversation. Its id is the account and the customer: open_kfid:external_userid.',
);
const NOT_AS_ANOTHER = problem(403, 'You are logged in as somebody else than `by` says: leave it out.');
