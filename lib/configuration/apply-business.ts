import { isDeepStrictEqual } from 'node:util';
import type { ContactWay, WayWelcomes } from '../contact-me/way.ts';
import type { LibraryFile } from '../media/our-file.ts';
import { NO_NOTICES, type NoticeSettings } from '../notices/supervisor.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { Calendar } from '../platform/shifts.ts';
import type { Entrance } from '../replies/entrance.ts';
import type { Faq } from '../replies/faq.ts';
import type { LibraryReply } from '../replies/reply.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import type { Agent, Team } from '../routing/agent.ts';
import type { AgentTerms } from '../routing/terms.ts';
import { type ArrangedAgent, type Arrangement, FAQ_LIST, NOTICES } from './arrangement.ts';
import { type Change, planBusiness } from './plan-business.ts';
import { changedSince, StaleBase } from './stage-base.ts';

/** What configuration needs of the routing room. Every write may be repeated. */
export interface PeopleStore {
  /** What was saved and not removed, consistently read. */
  configured(): Promise<{
    agents: readonly Agent[];
    teams: readonly Team[];
    accounts: readonly { openKfId: string; teamId: string }[];
  }>;
  /** Who waits in a team's line. */
  line(teamId: string): Promise<readonly unknown[]>;
  saveAgent(agent: Pick<Agent, 'agentId' | 'capacity' | 'duty' | 'teams' | 'helps'> & AgentTerms): Promise<void>;
  saveTeam(team: Team): Promise<void>;
  assignAccount(openKfId: string, teamId: string): Promise<void>;
  removeAgent(agentId: string): Promise<void>;
  removeTeam(teamId: string): Promise<void>;
  removeAccount(openKfId: string): Promise<void>;
  calendar(): Promise<Calendar>;
  saveCalendar(calendar: Calendar): Promise<void>;
}

/** What configuration needs of the replies room. */
export interface ReplyStore {
  /** The rule sets that were saved and not removed, consistently read. */
  configured(): Promise<ReadonlyMap<string, RuleSet>>;
  save(openKfId: string, ruleSet: RuleSet): Promise<void>;
  remove(openKfId: string): Promise<void>;
  /** The library, by id, consistently read. */
  quickReplies(): Promise<ReadonlyMap<string, LibraryReply>>;
  saveQuickReply(quickReply: LibraryReply): Promise<void>;
  removeQuickReply(id: string): Promise<void>;
  /** The list of frequent questions, consistently read. */
  faq(): Promise<Faq | undefined>;
  saveFaq(faq: Faq): Promise<void>;
  removeFaq(): Promise<void>;
  /** Lets go of every version of the list that is neither the last nor one of these. */
  keepFaqs(versions: ReadonlySet<string>, now: Instant): Promise<void>;
  /** Consistently read. */
  entrances(): Promise<readonly Entrance[]>;
  /** All in one write. */
  saveEntrances(entrances: readonly Entrance[]): Promise<void>;
}

/** What configuration needs of the contact-me room. Whoever writes has to wake the ways that it concerns. */
export interface WayStore {
  /** All that are configured, consistently read. */
  ways(): Promise<readonly ContactWay[]>;
  saveWay(way: ContactWay, at: Instant): Promise<void>;
  removeWay(wayId: string, at: Instant): Promise<void>;
  settings(): Promise<SettingsOfWays>;
  saveSettings(settings: SettingsOfWays, at: Instant): Promise<void>;
}

/** What configuration needs of the notices room. */
export interface NoticeSettingsStore {
  /** Consistently read. */
  settings(): Promise<NoticeSettings>;
  saveSettings(settings: NoticeSettings): Promise<void>;
}

/** What configuration needs of the media room. */
export interface MediaStore {
  /** By id, consistently read. */
  files(): Promise<ReadonlyMap<string, LibraryFile>>;
  /** Keeps a file, its content included. */
  saveFile(file: LibraryFile): Promise<void>;
  removeFile(id: string): Promise<void>;
}

interface SettingsOfWays {
  readonly calendar: Calendar;
  readonly welcome: WayWelcomes;
}

export interface BusinessStores {
  readonly people: PeopleStore;
  readonly replies: ReplyStore;
  readonly ways: WayStore;
  readonly notices: NoticeSettingsStore;
  readonly media: MediaStore;
  readonly clock: Clock;
}

/** What an apply changed, and whom to wake because of it. */
export interface Applied {
  readonly changes: readonly Change[];
  /** Their lines may move now. */
  readonly teamsToWake: readonly string[];
  /** Their turns or lists may be others now. */
  readonly waysToWake: readonly string[];
}

/** A team would disappear while customers wait in its line and none of its agents stays. Nothing was written. */
export class LineWouldStrand extends Error {
  readonly teamId: string;
  constructor(teamId: string, waiting: number) {
    super(
      `${waiting} conversations wait in the line of team ${teamId}, and none of its agents stays on duty. ` +
        'Keep one of them on duty until the line is empty, then remove the team.',
    );
    this.name = 'LineWouldStrand';
    this.teamId = teamId;
  }
}

/** Changes of these kinds move nobody's line. */
const NO_TEAMS_KINDS: ReadonlySet<Change['kind']> = new Set([
  'contactWays',
  'waySettings',
  'supervisors',
  'notices',
  'entries',
  'media',
]);

/** What the stores hold now. */
export async function readArrangement({ people, replies, ways, notices, media }: BusinessStores): Promise<Arrangement> {
  const [
    { agents, teams, accounts },
    calendar,
    ruleSets,
    quickReplies,
    faq,
    contactWays,
    settings,
    noticeSettings,
    files,
  ] = await Promise.all([
    people.configured(),
    people.calendar(),
    replies.configured(),
    replies.quickReplies(),
    replies.faq(),
    ways.ways(),
    ways.settings(),
    notices.settings(),
    media.files(),
  ]);
  // Two rooms keep the calendar. Where they do not hold the same, an apply ended in between, and there is none yet.
  const { calendar: ofWays, ...others } = settings;
  const waySettings = { ...others, ...(isDeepStrictEqual(calendar, ofWays) && { calendar }) };
  return {
    agents: new Map(agents.map((agent) => [agent.agentId, arrangedAgent(agent)])),
    teams: new Map(teams.map(({ teamId, ...team }) => [teamId, { ...team, agents: team.agents.toSorted() }])),
    accounts: new Map(accounts.map(({ openKfId, teamId }) => [openKfId, { team: teamId }])),
    quickReplies,
    faq: new Map(faq ? [[FAQ_LIST, { entries: faq }]] : []),
    ruleSets,
    supervisors: new Map(noticeSettings.supervisors.map((one) => [one.id, one])),
    notices: new Map([[NOTICES, noticeSettings.terms]]),
    contactWays: new Map(contactWays.map((way) => [way.wayId, way])),
    waySettings,
    entries: new Map((await replies.entrances()).map((entry) => [entry.id, entry])),
    media: files,
  };
}

/** His duty as the file said it: he may have been switched since, which is nothing to plan. */
function arrangedAgent(agent: Agent): ArrangedAgent {
  const { capacity, duty, dutyInFile = duty, teams, helps, skills, languages, weight, shifts } = agent;
  return {
    capacity,
    duty: dutyInFile,
    teams: teams.toSorted(),
    ...(helps && { helps: helps.toSorted() }),
    ...(skills && { skills }),
    ...(languages && { languages }),
    ...(weight !== undefined && { weight }),
    ...(shifts && { shifts }),
  };
}

/**
 * Makes the stores hold what is wanted, and writes only what differs, so that it can be repeated after a crash. Agents that
 * disappear go off duty and keep the places of the customers whom they serve; a team that disappears gets no new
 * customers, and its agents still serve who waits in its line. A contact way that disappears gives no turns any more; what it counted stays.
 * With a `base`, only where the stage is still what it was then. Throws `LineWouldStrand`, `StaleBase`; nothing was written then.
 */
export async function applyBusiness(
  stores: BusinessStores,
  wanted: Arrangement,
  { base }: { base?: string | undefined } = {},
): Promise<Applied> {
  const current = await readArrangement(stores);
  const stale = base === undefined ? [] : changedSince(base, current);
  if (stale.length > 0) throw new StaleBase(stale);
  const changes = planBusiness(current, wanted);
  const removedTeams = changes.filter((change) => change.kind === 'teams' && change.how === 'removed');
  for (const { id } of removedTeams) await assertServed(stores.people, id, current, wanted);

  // What comes before what points at it, and what goes after it, so that whoever reads in between finds something that works.
  for (const change of changes) if (change.how !== 'removed') await write(stores, change, wanted);
  const settings = changes.some(({ kind }) => kind === 'waySettings');
  if (settings) {
    const { calendar } = wanted.waySettings ?? {};
    if (calendar) await stores.people.saveCalendar(calendar);
    await stores.ways.saveSettings({ ...(await stores.ways.settings()), ...wanted.waySettings }, stores.clock());
  }
  if (changes.some(({ kind }) => kind === 'supervisors' || kind === 'notices')) await saveNotices(stores, wanted);
  // After the rule sets and teams that they name, and before those go that none names any more.
  if (changes.some(({ kind }) => kind === 'entries')) await stores.replies.saveEntrances([...wanted.entries.values()]);
  for (const change of changes.toReversed()) if (change.how === 'removed') await remove(stores, change);
  await letGoOfFaqs(stores);

  const forTeams = changes.some(({ kind, id }) => !NO_TEAMS_KINDS.has(kind) || id === 'calendar');
  const changedWays = changes.filter(({ kind }) => kind === 'contactWays').map(({ id }) => id);
  const allWays = (wanted.contactWays ?? current.contactWays)?.keys() ?? [];
  return {
    changes,
    teamsToWake: forTeams ? [...wanted.teams.keys(), ...removedTeams.map(({ id }) => id)] : [],
    waysToWake: settings ? [...new Set([...allWays, ...changedWays])] : changedWays,
  };
}

/** Also what an apply left that was interrupted, and what another one at the same time made superfluous or needs again. */
async function letGoOfFaqs({ replies, clock }: BusinessStores): Promise<void> {
  const named = [...(await replies.configured()).values()].flatMap(({ faq }) => (faq ? [faq.list] : []));
  await replies.keepFaqs(new Set(named), clock());
}

/** All in one write: nobody is told by half of the settings. */
async function saveNotices(stores: BusinessStores, { supervisors, notices }: Arrangement): Promise<void> {
  const terms = notices.get(NOTICES) ?? NO_NOTICES.terms;
  await stores.notices.saveSettings({ supervisors: [...supervisors.values()], terms });
}

async function assertServed(people: PeopleStore, teamId: string, current: Arrangement, wanted: Arrangement) {
  const agents = current.teams.get(teamId)?.agents ?? [];
  if (agents.some((agentId) => wanted.agents.get(agentId)?.duty === 'on')) return;
  const waiting = (await people.line(teamId)).length;
  if (waiting > 0) throw new LineWouldStrand(teamId, waiting);
}

async function write(
  { people, replies, ways, media, clock }: BusinessStores,
  { kind, id }: Change,
  wanted: Arrangement,
) {
  switch (kind) {
    case 'agents': {
      const agent = wanted.agents.get(id);
      if (agent) await people.saveAgent({ agentId: id, ...agent });
      return;
    }
    case 'teams': {
      const team = wanted.teams.get(id);
      if (team) await people.saveTeam({ teamId: id, ...team });
      return;
    }
    case 'accounts': {
      const account = wanted.accounts.get(id);
      if (account) await people.assignAccount(id, account.team);
      return;
    }
    case 'quickReplies': {
      const quickReply = wanted.quickReplies.get(id);
      if (quickReply) await replies.saveQuickReply(quickReply);
      return;
    }
    case 'faq': {
      const faq = wanted.faq.get(FAQ_LIST);
      if (faq) await replies.saveFaq(faq.entries);
      return;
    }
    case 'ruleSets': {
      const ruleSet = wanted.ruleSets.get(id);
      if (ruleSet) await replies.save(id, ruleSet);
      return;
    }
    case 'contactWays': {
      const way = wanted.contactWays?.get(id);
      if (way) await ways.saveWay(way, clock());
      return;
    }
    case 'media': {
      const file = wanted.media.get(id);
      if (file) await media.saveFile(file);
    }
  }
}

async function remove({ people, replies, ways, media, clock }: BusinessStores, { kind, id }: Change): Promise<void> {
  switch (kind) {
    case 'agents':
      return people.removeAgent(id);
    case 'teams':
      return people.removeTeam(id);
    case 'accounts':
      return people.removeAccount(id);
    case 'quickReplies':
      return replies.removeQuickReply(id);
    case 'faq':
      return replies.removeFaq();
    case 'ruleSets':
      return replies.remove(id);
    case 'contactWays':
      return ways.removeWay(id, clock());
    case 'media':
      return media.removeFile(id);
  }
}
