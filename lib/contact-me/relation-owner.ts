import { type CustomerRelations, episodesOf } from './adds.ts';

/** The member who has the customer as a contact: of several the one who has had him longest. Undefined: nobody. */
export function ownerOf(relations: CustomerRelations): string | undefined {
  return episodesOf(relations).find(({ endedAt }) => endedAt === undefined)?.agentId;
}
