import type { Clock } from '../platform/clock.ts';
import { weComApi } from '../wecom/api.ts';
import { contactApi } from '../wecom/contact-api.ts';
import type { Gates } from '../wecom/gates.ts';
import { kfApi } from '../wecom/kf-api.ts';
import type { WeComSecrets } from '../wecom/secrets.ts';
import type { CheckSetup } from './check-setup.ts';
import type { CheckTraffic } from './check-traffic.ts';
import { freshTokens } from './fresh-tokens.ts';

/** A check makes each call once and wants to hear the refusal itself; nor may it close a gate for everybody. */
const NO_GATES: Gates = {
  pass: async () => undefined,
  noteAnswer: async () => undefined,
  noteUnreachable: async () => undefined,
  close: async () => undefined,
};

const TIMEOUT_MS = 8000;

type Evidence = Omit<CheckTraffic, 'clock' | 'kfFor' | 'contactFor'>;

/** WeCom as checks ask it: with a token of its own, past the gates, and with an eye on WeCom's clock. */
export function setupApi({
  baseUrl,
  clock,
  fetch = globalThis.fetch,
}: {
  baseUrl: string;
  clock: Clock;
  fetch?: typeof globalThis.fetch;
}): {
  with(secrets: WeComSecrets, evidence: Evidence): ReturnType<CheckSetup['apiFor']>;
  skew: CheckSetup['skew'];
} {
  let skew: number | undefined;
  const watching: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const theirs = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(theirs)) skew = theirs - clock();
    return response;
  };
  return {
    skew: () => skew,
    with(secrets, evidence) {
      const tokens = freshTokens({ baseUrl, fetch: watching, timeoutMs: TIMEOUT_MS }, secrets);
      const api = weComApi({ baseUrl, clock, tokens, gates: NO_GATES, fetch: watching, timeoutMs: TIMEOUT_MS });
      const traffic: CheckTraffic = {
        ...evidence,
        clock,
        kfFor: (app) => kfApi(api, app),
        contactFor: (app) => contactApi(api, app),
      };
      return { api, traffic };
    },
  };
}
