import { type Instant, MINUTE, SECOND } from '../platform/clock.ts';

/**
 * What a refusal of WeCom's means for the caller.
 *
 * - `transient`: the same call may succeed a little later.
 * - `token`: the access token; `api.ts` refreshes it once, so callers hardly ever see this.
 * - `frequency`: too many calls; a window has to pass.
 * - `configuration`: a permission, a secret, a trusted address. An operator mends it; until then it is an outage of ours.
 * - `parameter`: this request can never succeed.
 * - `state`: the world is not as the caller thought (a session, a window, a code).
 * - `unknown`: not in the table; trying again is not known to help.
 */
export type WeComErrorClass = 'transient' | 'token' | 'frequency' | 'configuration' | 'parameter' | 'state' | 'unknown';

/**
 * Our reading of WeCom's global error table (https://developer.work.weixin.qq.com/document/path/90313), for the APIs that
 * this project may call: customer service, customer contact, contacts, app messages, media.
 */
const CODES: readonly (readonly [WeComErrorClass, readonly number[]])[] = [
  ['transient', [-1, 6000, 41063, 41079, 45033, 81026]],
  ['token', [40014, 40082, 42001, 42009]],
  ['frequency', [41094, 45009, 85004]],
  [
    'configuration',
    [
      40001, 40013, 40057, 40080, 40083, 40084, 40085, 40091, 40133, 40134, 40141, 41057, 41058, 43009, 43012, 45031,
      48001, 48002, 48003, 48004, 48005, 48006, 48007, 48008, 48009, 50001, 50002, 50003, 50006, 60011, 60020, 60021,
      60030, 60031, 60214, 60217, 60221, 60246, 84072, 84073, 84074, 90206, 90208, 90210, 92000, 92001, 92002, 92003,
      95011, 95012, 95015, 95017, 95021, 95023, 95032, 301002, 301007,
    ],
  ],
  [
    'parameter',
    [
      40003, 40004, 40005, 40006, 40007, 40008, 40009, 40011, 40016, 40029, 40031, 40032, 40033, 40035, 40039, 40050,
      40056, 40058, 40063, 40066, 40068, 40070, 40071, 40072, 40073, 40086, 40094, 40096, 40123, 40125, 40127, 40130,
      40131, 40203, 40206, 41001, 41002, 41004, 41006, 41008, 41009, 41011, 41017, 41019, 41024, 41035, 41036, 41037,
      41038, 41039, 41040, 41041, 41042, 41043, 41044, 41046, 41047, 41049, 41052, 41056, 41059, 41060, 41061, 41064,
      41065, 41066, 41067, 41070, 41072, 41073, 41075, 41080, 41081, 41082, 41088, 41089, 41090, 41091, 42014, 42015,
      42016, 44001, 44004, 45001, 45002, 45004, 45007, 45008, 45022, 45029, 45032, 45034, 46004, 60003, 60110, 60111,
      60123, 60251, 60252, 81012, 81013, 82001, 90200, 90204, 90207, 90501, 90509, 90511, 95000, 95004, 95006, 95008,
      95009, 95022, 95030,
    ],
  ],
  [
    'state',
    [
      40097, 40098, 40099, 40100, 40126, 40128, 40129, 40201, 40204, 40205, 41045, 41048, 41050, 41051, 41053, 41054,
      41055, 41062, 41068, 41069, 41071, 41074, 41078, 41093, 41095, 41096, 42003, 42013, 42022, 42052, 43004, 43016,
      45024, 46003, 49008, 60253, 84061, 84071, 84084, 90500, 90502, 90507, 90508, 92599, 95001, 95002, 95003, 95005,
      95007, 95013, 95014, 95016, 95018, 95019, 95026, 95027, 95031,
    ],
  ],
];

const CLASS_OF: ReadonlyMap<number, WeComErrorClass> = new Map(
  CODES.flatMap(([name, codes]) => codes.map((code) => [code, name] as const)),
);

/** The class of an errcode; `unknown` for codes outside the table. */
export function classify(errcode: number): WeComErrorClass {
  return CLASS_OF.get(errcode) ?? 'unknown';
}

/** WeCom answered, and refused. `errmsg` is not kept: it is free text and may quote what was sent. */
export class WeComError extends Error {
  override readonly name = 'WeComError';
  readonly errcode: number;
  readonly api: string;
  readonly class: WeComErrorClass;
  /** WeCom's `hint: […]`, which its support asks for. */
  readonly hint: string | undefined;
  /** The address that WeCom saw; for 60020 it belongs on the app's list of trusted addresses. */
  readonly fromIp: string | undefined;
  /** The app in whose name WeCom was called, where that is known. */
  readonly app: string | undefined;

  constructor(refusal: { api: string; errcode: number; errmsg?: string; class?: WeComErrorClass; app?: string }) {
    super(`WeCom refused ${refusal.api} with errcode ${refusal.errcode}.`);
    this.errcode = refusal.errcode;
    this.api = refusal.api;
    this.class = refusal.class ?? classify(refusal.errcode);
    this.app = refusal.app;
    this.hint = /hint: ?\[([\w.:-]{1,64})\]/.exec(refusal.errmsg ?? '')?.[1];
    this.fromIp = /from ip: ?([0-9a-fA-F.:]{3,45})/.exec(refusal.errmsg ?? '')?.[1];
  }
}

/** No answer that we can read. Unless `mayHaveActed` is false, WeCom may have done what was asked: the outcome is unknown. */
export class WeComUnreachable extends Error {
  override readonly name = 'WeComUnreachable';
  readonly api: string;
  /** `time-out`, `connection`, `http 502`, `unreadable`, `token`: words of ours, for the log. */
  readonly reason: string;
  /** False only where no connection was made, so that WeCom cannot have heard of the call. */
  readonly mayHaveActed: boolean;

  constructor(failure: { api: string; reason: string; mayHaveActed: boolean }) {
    super(`No readable answer from WeCom to ${failure.api}: ${failure.reason}.`);
    this.api = failure.api;
    this.reason = failure.reason;
    this.mayHaveActed = failure.mayHaveActed;
  }
}

/** We do not call this API now, because calling it again at once would make things worse. Nothing was sent. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
  readonly app: string;
  readonly api: string;
  readonly reason: string;
  /** When calling makes sense again. */
  readonly until: Instant;

  constructor(gate: { app: string; api: string; reason: string; until: Instant }) {
    super(`Calls of app "${gate.app}" to ${gate.api} rest for a moment: ${gate.reason}.`);
    this.app = gate.app;
    this.api = gate.api;
    this.reason = gate.reason;
    this.until = gate.until;
  }
}

/** The app has callbacks but no secret yet, so nothing can be called in its name. */
export class MissingAppSecret extends Error {
  override readonly name = 'MissingAppSecret';
  readonly app: string;

  constructor(app: string) {
    super(
      `WECOM_SECRETS has no secret for app "${app}". Copy it from WeCom's console (the app's page, Secret) to ` +
        `apps.${app}.secret, or name in apps.${app}.secretOf the app whose secret it shares.`,
    );
    this.app = app;
  }
}

/**
 * Whether the other side sleeps: the call is to be parked and made again, because time or an operator mends this.
 * When, says `parkedUntil`.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof WeComUnreachable || error instanceof GateClosed || error instanceof MissingAppSecret)
    return true;
  return error instanceof WeComError && OUTAGES.has(error.class);
}

const OUTAGES: ReadonlySet<WeComErrorClass> = new Set(['transient', 'token', 'frequency', 'configuration']);

/**
 * When to try again after an outage: not before its gate opens, later with every try, and spread, so that thousands of
 * parked calls do not come back at the same moment.
 *
 * @param tries how often this call was parked before; 0 the first time
 * @param random a number in [0, 1)
 */
export function parkedUntil(error: unknown, now: Instant, tries: number, random: number): Instant {
  const backOff = Math.min(MINUTE, 2 * SECOND * 2 ** Math.min(tries, 10));
  const earliest = error instanceof GateClosed ? Math.max(error.until, now) : now + restAfter(error, backOff);
  return Math.round(earliest + random * backOff);
}

/** An operator needs minutes to mend a configuration, and WeCom's own minute limits last 60 s. */
function restAfter(error: unknown, backOff: number): number {
  if (error instanceof MissingAppSecret) return MINUTE;
  if (!(error instanceof WeComError)) return backOff;
  return error.class === 'configuration' || error.class === 'frequency' ? MINUTE : backOff;
}
