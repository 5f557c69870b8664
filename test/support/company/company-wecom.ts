import * as z from 'zod';
import type { Instant } from '../../../lib/platform/clock.ts';
import type { WeComApi } from '../../../lib/wecom/api.ts';
import { WeComError } from '../../../lib/wecom/errors.ts';
import type { Gates } from '../../../lib/wecom/gates.ts';
import type { Company } from './plan-company.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A code as WeCom keeps it. */
export interface KeptCode {
  readonly configId: string;
  readonly users: readonly string[];
  readonly remark: string;
  readonly state: string;
  readonly skipVerify: boolean;
}

/** What was asked of one API. `refused`: for its content; `limited`: because there were too many calls (45009). */
export interface ApiCalls {
  done: number;
  refused: number;
  limited: number;
}

export interface CompanyWeCom {
  /** As a function calls it that has these gates. */
  through(gates: Gates): WeComApi;
  readonly codes: ReadonlyMap<string, KeptCode>;
  readonly calls: ReadonlyMap<string, ApiCalls>;
  /** Updates that changed what the code lists or says, and those that left it as it was. */
  readonly updates: { changed: number; wasted: number };
  /** The way's own code, or that of a member of it. */
  codeOf(state: string): KeptCode | undefined;
  leave(agentId: string): void;
  /** Every call within this time is one too many. */
  limit(from: Instant, until: Instant): void;
  forgetCalls(): void;
}

const Content = z.object({
  config_id: z.string().optional(),
  user: z.array(z.string()).min(1).max(100),
  remark: z.string(),
  state: z.string(),
  skip_verify: z.boolean(),
});
const Named = z.object({ config_id: z.string() });

/**
 * WeCom as a company's day meets it: answers take a while, and what is asked happens on the way. `listed` is told of every list that a
 * code was given, and again when the caller has WeCom's answer.
 */
export function companyWeCom(room: {
  readonly time: VirtualTime;
  readonly answerMs: () => number;
  readonly company: Company;
  readonly listed: (code: KeptCode, when: 'given' | 'confirmed') => void;
}): CompanyWeCom {
  const { time, company } = room;
  const codes = new Map<string, KeptCode>();
  const byState = new Map<string, string>();
  const calls = new Map<string, ApiCalls>();
  const updates = { changed: 0, wasted: 0 };
  const left = new Set<string>();
  const limits: { from: Instant; until: Instant }[] = [];

  async function ask<T>(gates: Gates, app: string, api: string, body: object, schema: z.ZodType<T>): Promise<T> {
    await gates.pass(app, api);
    const takes = room.answerMs();
    await time.sleep(takes * 0.6);
    const { errcode = 0, gave, ...answer } = limited() ? { errcode: 45009 } : act(api, body);
    count(api, errcode);
    await time.sleep(takes * 0.4);
    await gates.noteAnswer(app, api, errcode);
    if (errcode !== 0) throw new WeComError({ api, errcode });
    if (gave) room.listed(gave, 'confirmed');
    return schema.parse(answer);
  }

  const limited = (): boolean => limits.some(({ from, until }) => from <= time.now() && time.now() < until);

  function count(api: string, errcode: number): void {
    const known = calls.get(api) ?? { done: 0, refused: 0, limited: 0 };
    calls.set(api, known);
    known[errcode === 0 ? 'done' : errcode === 45009 ? 'limited' : 'refused'] += 1;
  }

  function act(api: string, body: object): Answer {
    switch (api) {
      case 'externalcontact/add_contact_way': {
        const configId = `config${codes.size + 1}`;
        return give(configId, body, { config_id: configId, qr_code: `https://codes.example/${configId}` });
      }
      case 'externalcontact/update_contact_way':
        return give(Named.parse(body).config_id, body, {});
      case 'externalcontact/get_contact_way':
        return read(Named.parse(body).config_id);
      case 'externalcontact/get_follow_user_list':
        return { follow_user: company.members.filter((one) => !left.has(one)) };
      case 'user/get':
        return { status: left.has(z.object({ userid: z.string() }).parse(body).userid) ? 5 : 1 };
      case 'department/simplelist':
        return { department_id: [] };
      case 'user/simplelist': {
        const { department_id: id } = z.object({ department_id: z.coerce.number() }).parse(body);
        const people = company.departments.get(id) ?? [];
        return { userlist: people.filter((one) => !left.has(one)).map((userid) => ({ userid })) };
      }
      case 'externalcontact/send_welcome_msg':
        return {};
      default:
        throw new Error(`This WeCom has no ${api}`);
    }
  }

  function give(configId: string, body: object, answer: object): Answer {
    const { user, remark, state, skip_verify: skipVerify } = Content.parse(body);
    if (user.some((one) => left.has(one))) return { errcode: 60111 };
    const before = codes.get(configId);
    const gave: KeptCode = { configId, users: user, remark, state, skipVerify };
    if (before) updates[isSame(before, gave) ? 'wasted' : 'changed'] += 1;
    codes.set(configId, gave);
    byState.set(state, configId);
    room.listed(gave, 'given');
    return { ...answer, gave };
  }

  function read(configId: string): Answer {
    const code = codes.get(configId);
    if (!code) return { errcode: 41044 };
    const { users, remark, state, skipVerify } = code;
    const way = { config_id: configId, type: 2, scene: 2, remark, state, skip_verify: skipVerify, user: users };
    return { contact_way: { ...way, party: [] } };
  }

  return {
    through: (gates) => ({
      call: (app, api, body, schema) => ask(gates, app, api, body, schema),
      get: (app, api, query, schema) => ask(gates, app, api, query, schema),
    }),
    codes,
    calls,
    updates,
    codeOf: (state) => codes.get(byState.get(state) ?? ''),
    leave: (agentId) => void left.add(agentId),
    limit: (from, until) => void limits.push({ from, until }),
    forgetCalls() {
      calls.clear();
      Object.assign(updates, { changed: 0, wasted: 0 });
    },
  };
}

interface Answer {
  readonly errcode?: number;
  readonly gave?: KeptCode;
  readonly [element: string]: unknown;
}

const isSame = (a: KeptCode, b: KeptCode): boolean => contentOf(a) === contentOf(b);

const contentOf = ({ users, remark, state, skipVerify }: KeptCode): string =>
  JSON.stringify([users.toSorted(), remark, state, skipVerify]);
