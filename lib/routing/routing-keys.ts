/** Where things lie in the routing room's table. */
export const teamKey = (teamId: string) => ({ id: `team#${teamId}`, entry: 'team' });
export const paceKey = (teamId: string) => ({ id: `team#${teamId}`, entry: 'pace' });
export const agentKey = (agentId: string) => ({ id: `agent#${agentId}`, entry: 'agent' });
export const accountKey = (openKfId: string) => ({ id: `account#${openKfId}`, entry: 'team' });
export const SETTINGS_KEY = { id: 'settings', entry: 'settings' };

/** The list of what configuration has made: `entry` is the `id` of the thing. Written before the thing and removed after it. */
export const listKey = (id: string) => ({ id: 'configuration', entry: id });
