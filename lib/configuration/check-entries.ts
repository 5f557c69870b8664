import { ANY_ACCOUNT, type Business, type Finding, type Findings } from './business.ts';
import { OPEN_KFID, repeated } from './check-people.ts';

const ENTRY_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** WeCom: kf/add_contact_way. */
const SCENE = /^[0-9a-zA-Z_-]{1,32}$/;
const CHANNEL_BYTES = 128;
/** All of them are one item, which DynamoDB keeps up to 400 KB. */
const MOST = 500;

/** Checks the ways into the accounts: what WeCom takes, and that what they name is there. Pure. */
export function checkEntries({ entries, teams, replies }: Business): Findings {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const teamIds = new Set(teams.map(({ id }) => id));
  const served = new Set(teams.flatMap(({ accounts }) => accounts));
  const ruleSets = new Set(replies.flatMap(({ id }) => id ?? []));
  const origins = new Map<string, number>();
  entries.forEach(({ id, account, scene, channel, team, rules }, index) => {
    const path = `entries[${index}]`;
    const refuse = (field: string, problem: string, mend: string) =>
      problems.push({ path: `${path}.${field}`, problem, mend });
    if (!ENTRY_ID.test(id)) {
      refuse('id', 'is no id', 'write 1 to 32 small letters, digits and - that begin with a letter or a digit');
    }
    if (!OPEN_KFID.test(account)) {
      refuse('account', 'is no customer service account', 'copy its open_kfid (wk…); an entry leads into one account');
    } else if (team === undefined && !served.has(account) && !served.has(ANY_ACCOUNT)) {
      const problem = 'no team serves this account, so nobody can take over';
      warnings.push({ path: `${path}.account`, problem, mend: 'name a team here, or the account in a team' });
    }
    if (!SCENE.test(scene)) {
      refuse('scene', 'is no scene of WeCom', 'write 1 to 32 letters, digits, _ and -');
    }
    if (channel !== undefined) checkChannel(channel, refuse);
    if (team !== undefined && !teamIds.has(team)) {
      refuse('team', `there is no team ${team}`, 'add the team under teams, or correct the id');
    }
    if (rules !== undefined && !ruleSets.has(rules)) {
      refuse('rules', `there is no rule set ${rules}`, `give one under replies the id ${rules}, or correct the name`);
    }
    const origin = JSON.stringify([account, scene, channel]);
    const first = origins.get(origin);
    if (first === undefined) origins.set(origin, index);
    else refuse('scene', `is the way of entries[${first}], channel and all`, 'give it another scene or channel');
  });
  const ids = entries.map(({ id }) => id);
  problems.push(...repeated(ids, 'entries', 'entry'));
  if (entries.length > MOST) {
    problems.push({
      path: 'entries',
      problem: `has more than ${MOST}`,
      mend: 'use channels without an entry of their own',
    });
  }
  return { problems: [...problems, ...checkNames(replies)], warnings };
}

function checkChannel(channel: string, refuse: (field: string, problem: string, mend: string) => void): void {
  if (!channel.isWellFormed() || channel === '') {
    refuse('channel', 'is no text', 'write one, or leave the field out');
    return;
  }
  const bytes = encodeURIComponent(channel).length;
  if (bytes <= CHANNEL_BYTES) return;
  const mend = `shorten it to ${CHANNEL_BYTES}; a Chinese character has nine there`;
  refuse('channel', `has ${bytes} bytes as it stands in the link`, mend);
}

/** The names that rule sets have for entries. */
function checkNames(replies: Business['replies']): Finding[] {
  return replies.flatMap(({ id }, index): Finding[] => {
    if (id === undefined) return [];
    const path = `replies[${index}].id`;
    if (!ENTRY_ID.test(id)) {
      const mend = 'write 1 to 32 small letters, digits and - that begin with a letter or a digit';
      return [{ path, problem: 'is no id', mend }];
    }
    const first = replies.findIndex((other) => other.id === id);
    if (first === index) return [];
    return [{ path, problem: `is at replies[${first}] already`, mend: 'give it another id' }];
  });
}
