import type { Server } from 'node:http';
import { type CallbackOptions, type CallbackRecord, postman, type Verification } from './callbacks.ts';
import { type Client, clientOf } from './client.ts';
import { type Console, consoleOf } from './contact-console.ts';
import { type ContactViews, contactViewsOf } from './contact-views.ts';
import { controlOf } from './control.ts';
import { type App, buildCorp, type CorpSetup, readyCorp, secretsOf } from './corp.ts';
import { type Faults, faultBoard } from './faults.ts';
import { type Habit, habitBoard } from './habits.ts';
import { changeGrant } from './happenings.ts';
import { type RequestRecord, wecomServer } from './http.ts';
import { mediaShelf } from './media.ts';
import { type Phone, phoneOf } from './phone.ts';
import { pullQuota } from './pull-quota.ts';
import { seededRandom } from './random.ts';
import { replyCodes } from './reply-codes.ts';
import { REPLY_WINDOW, type State } from './sessions.ts';
import { literalReading, type Switches } from './switches.ts';
import { accessTokens } from './tokens.ts';
import { conversationOf, existingAccount, NotPossible, newWorld, type TranscriptLine } from './world.ts';

export type { ShownCard } from './app-cards.ts';
export type { AppMessage } from './app-messages.ts';
export type { CallbackOptions, CallbackRecord, Verification } from './callbacks.ts';
export type { Client } from './client.ts';
export type { AddOutcome, Invitation } from './contact-adding.ts';
export type { Welcome } from './contact-book.ts';
export type { Console } from './contact-console.ts';
export type { Friend, Scan } from './contact-phone.ts';
export type { ContactViews, RelationView, WayView } from './contact-views.ts';
export type {
  AccountSetup,
  AppSetup,
  CorpSetup,
  DepartmentSetup,
  MemberSetup,
  MemberTraits,
  Reception,
  ServicerSetup,
} from './corp.ts';
export type { Fault, Faults, HowOften, Often } from './faults.ts';
export type { Habit } from './habits.ts';
export type { RequestRecord } from './http.ts';
export type { Entrance, Phone } from './phone.ts';
export type { Switches } from './switches.ts';
export { type Message, NotPossible, type TranscriptLine } from './world.ts';

export interface WeComOptions {
  /** 0 or absent: any. It listens on 127.0.0.1 only. */
  port?: number;
  /** Milliseconds; decides every limit of WeCom's. Only waiting (time-outs, retries, slow answers) takes real time. */
  clock?: () => number;
  seed?: number;
  corp?: CorpSetup;
  switches?: Partial<Switches>;
  callbackTimeoutMs?: number;
  verificationTimeoutMs?: number;
  /** Pauses before the second, third … delivery. WeCom's own are not published. */
  retryDelaysMs?: readonly number[];
}

export interface SessionView {
  state: State;
  servicer?: string;
  /** The end of the reply window, milliseconds; absent before the first message. */
  windowEndsAt?: number;
  repliesLeft: number;
}

export interface WeCom {
  /** The base of /cgi-bin/…, such as `http://127.0.0.1:43210`. */
  readonly url: string;
  /** The WECOM_SECRETS setting for this corp. */
  readonly secrets: object;
  readonly faults: Faults;
  /** May be turned at any time. */
  readonly switches: Switches;
  readonly requests: RequestRecord[];
  readonly callbacks: CallbackRecord[];
  /**
   * Saves the console's form: GET verification within a second, the exact echo; only then callbacks go there. With `entered`, the form's Token
   * and EncodingAESKey are these, and are used from then on.
   */
  setCallbackUrl(
    app: string,
    url: string,
    entered?: { readonly token: string; readonly encodingAesKey: string },
  ): Promise<Verification>;
  /** 重新获取 on the app's page: its new Secret. The one before, and the tokens that it got, end at once. */
  renewSecret(app: string): string;
  /** Puts the app's n-th credentials into use, as an administrator does who changes Token and EncodingAESKey. */
  useCredentials(app: string, index: number): void;
  phone(customer: string): Phone;
  client(userid: string): Client;
  /** Lets an employee work by himself: answer, ignore, refuse, forget to end, go off duty. Undefined: only what he is told. */
  habit(userid: string, habit: Habit | undefined): void;
  /** What an administrator changes: members, departments, acquisition links. */
  readonly console: Console;
  /** WeCom's truth about contact ways, friendships and welcome messages, for assertions. */
  readonly contacts: ContactViews;
  /** Gives an account to the app, or takes it away: kf_account_auth_change. Default: the first app. */
  grant(openKfId: string, app?: string): void;
  withdraw(openKfId: string, app?: string): void;
  /** Delivers any plaintext; resolves with the attempts when it was taken or given up. */
  sendCallback(app: string, xml: string, options?: CallbackOptions): Promise<CallbackRecord[]>;
  /** WeCom's truth, for assertions. */
  session(openKfId: string, customer: string): SessionView;
  /** What was said and done, in order. */
  transcript(openKfId: string, customer: string): TranscriptLine[];
  /** Resolves when no delivery or retry is pending. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a WeCom for one machine. It shares no code with the project it plays against. */
export async function startWeCom(options: WeComOptions = {}): Promise<WeCom> {
  const now = options.clock ?? Date.now;
  const random = seededRandom(options.seed ?? 1);
  const switches: Switches = { ...literalReading, ...options.switches };
  const corp = buildCorp(options.corp ?? readyCorp, random);
  const tokens = accessTokens(corp, random, switches);
  const faults = faultBoard(now, (errcode) => tokens.end(errcode));
  const post = postman({
    corp,
    random,
    switches,
    faults,
    now,
    timeoutMs: options.callbackTimeoutMs ?? 5000,
    verifyTimeoutMs: options.verificationTimeoutMs ?? 1000,
    retryDelaysMs: options.retryDelaysMs ?? [1000, 2000, 4000],
  });
  let url = '';
  const world = newWorld({
    now,
    address: () => url,
    random,
    corp,
    switches,
    faults,
    tokens,
    codes: replyCodes(random, switches),
    media: mediaShelf(random),
    quota: pullQuota(),
    postman: post,
  });
  const habits = habitBoard(world);
  const requests: RequestRecord[] = [];
  const server = wecomServer(
    world,
    requests,
    controlOf(() => wecom),
  );
  url = await listen(server, options.port ?? 0);
  const appNamed = (name: string): App => {
    const app = corp.apps.get(name);
    if (app === undefined) throw new NotPossible(`no app ${name}`);
    return app;
  };
  const firstApp = [...corp.apps.keys()][0] ?? '';

  const wecom: WeCom = {
    url,
    secrets: secretsOf(corp),
    faults,
    switches,
    requests,
    callbacks: post.records,
    async setCallbackUrl(name, address, entered) {
      const app = appNamed(name);
      const pair = entered ? { ...entered, receiveIds: app.credentialsInUse.receiveIds } : app.credentialsInUse;
      if (entered && !isPair(pair)) return { ok: false, reason: 'no Token or EncodingAESKey of the right form', ms: 0 };
      const verified = await post.verify(app, address, pair);
      if (verified.ok) {
        app.callbackUrl = address;
        app.credentialsInUse = pair;
      }
      return verified;
    },
    renewSecret(name) {
      const app = appNamed(name);
      if (app.secret === undefined) throw new NotPossible(`${name} has no secret of its own`);
      app.secret = random.text(43);
      tokens.end(40014, app);
      return app.secret;
    },
    useCredentials(name, index) {
      const app = appNamed(name);
      const credentials = app.credentials[index];
      if (credentials === undefined) throw new NotPossible(`${name} has no credentials ${index}`);
      app.credentialsInUse = credentials;
    },
    phone: (customer) => phoneOf(world, customer),
    client: (userid) => clientOf(world, userid),
    habit: (userid, habit) => habits.set(userid, habit),
    console: consoleOf(world),
    contacts: contactViewsOf(world),
    grant: (openKfId, app = firstApp) => changeGrant(world, openKfId, app, true),
    withdraw: (openKfId, app = firstApp) => changeGrant(world, openKfId, app, false),
    sendCallback: (name, xml, how = {}) => post.sendWith(appNamed(name), xml, how),
    session(openKfId, customer) {
      existingAccount(world, openKfId);
      const { state, servicer, lastWroteAt, repliesUsed } = conversationOf(world, openKfId, customer).session;
      return {
        state,
        ...(servicer !== undefined && { servicer }),
        ...(lastWroteAt !== undefined && { windowEndsAt: lastWroteAt + REPLY_WINDOW }),
        repliesLeft: lastWroteAt === undefined ? 0 : Math.max(0, 5 - repliesUsed),
      };
    },
    transcript(openKfId, customer) {
      existingAccount(world, openKfId);
      return [...conversationOf(world, openKfId, customer).transcript];
    },
    idle: () => post.idle(),
    async stop() {
      habits.stop();
      await post.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
  return wecom;
}

/** What the form takes: at most 32 letters and digits, and exactly 43 (回调配置). */
const isPair = ({ token, encodingAesKey }: { token: string; encodingAesKey: string }): boolean =>
  /^[A-Za-z0-9]{1,32}$/.test(token) && /^[A-Za-z0-9]{43}$/.test(encodingAesKey);

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
