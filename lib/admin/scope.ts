import type { Conversation } from '../conversations/conversation.ts';
import type { HttpRequest } from '../platform/http-door.ts';
import type { AdminRouting } from './routing-routes.ts';

/**
 * Whose something is. `anybody`: of every team, like the library; `house`: for those who have all teams; the others are of the teams of what
 * the address names.
 */
export type Scope = 'anybody' | 'house' | 'conversation' | 'request' | 'agent' | 'figures';

/** The teams that an address is about; empty: of none. */
export type TeamsOf = (
  scope: Exclude<Scope, 'anybody' | 'house'>,
  variables: Readonly<Record<string, string>>,
  query: HttpRequest['query'],
) => Promise<readonly string[]>;

export function teamsOf(
  routing: Pick<AdminRouting, 'configured' | 'decisions'>,
  find: (conversationId: string) => Promise<Conversation | undefined>,
): TeamsOf {
  /** Of the account, and of the team that was asked for a person; both may look. */
  async function ofConversation(conversationId: string): Promise<readonly string[]> {
    const conversation = await find(conversationId);
    if (!conversation) return [];
    const { accounts } = await routing.configured();
    const teamOf = (account: string) => accounts.find(({ openKfId }) => openKfId === account)?.teamId;
    const ofAccount = teamOf(conversation.openKfId) ?? teamOf('*');
    return [ofAccount, conversation.request?.teamId].filter((team) => team !== undefined);
  }

  return async (scope, { id = '', r = '', agentId = '' }, query) => {
    switch (scope) {
      case 'conversation':
        return ofConversation(id);
      case 'request':
        // Its name says nothing about whose it is; what was decided of it does.
        return (await routing.decisions(r)).map(({ record }) => record.teamId);
      case 'agent': {
        const { teams } = await routing.configured();
        const named = agentId.trim().toLowerCase();
        return teams.filter(({ agents }) => agents.includes(named)).map(({ teamId }) => teamId);
      }
      case 'figures':
        return query.team ? [query.team] : [];
    }
  };
}
