import { readAwsAccess } from '../../lib/platform/aws-json.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { readSecret } from '../../lib/platform/secret-store.ts';
import type { Table } from '../../lib/store/table.ts';
import { accessTokens } from '../../lib/wecom/access-tokens.ts';
import { weComApi } from '../../lib/wecom/api.ts';
import { type AppCard, type CardChange, changeAppCard, sendAppCard } from '../../lib/wecom/app-cards.ts';
import { type AppMessage, sendAppMessage } from '../../lib/wecom/app-messages.ts';
import { type ContactApi, contactApi } from '../../lib/wecom/contact-api.ts';
import { weComGates } from '../../lib/wecom/gates.ts';
import { kfAccountLink } from '../../lib/wecom/kf-account-link.ts';
import { type KfApi, kfApi } from '../../lib/wecom/kf-api.ts';
import { knowledgeApi } from '../../lib/wecom/knowledge-api.ts';
import { memberOfCode } from '../../lib/wecom/login-api.ts';
import { mediaApi } from '../../lib/wecom/media-api.ts';
import { keyFor, parseSecrets } from '../../lib/wecom/secrets.ts';
import { servicerApi } from '../../lib/wecom/servicer-api.ts';
import { weComStore } from '../../lib/wecom/wecom-store.ts';

/** The WeCom room as the functions that call WeCom need it. Reads the secrets once, at the cold start. */
export async function weComRoom(
  settings: { WECOM_SECRETS: string; WECOM_API_URL: string },
  table: Table,
  env: NodeJS.ProcessEnv,
) {
  const clock = systemClock;
  const store = weComStore(table);
  const secrets = parseSecrets(await readSecret(settings.WECOM_SECRETS, readAwsAccess(env)));
  const baseUrl = settings.WECOM_API_URL;
  const gates = weComGates({ store, clock });
  const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const tokens = accessTokens({ store, gates, secrets, baseUrl, clock, pause });
  const api = weComApi({ baseUrl, clock, tokens, gates });
  const clients = new Map<string, KfApi>();
  const contactClients = new Map<string, ContactApi>();
  return {
    store,
    /** By the app that serves the account. */
    async accountLink(openKfId: string, scene: string): Promise<string> {
      const { app = 'main' } = (await store.readAccount(openKfId)) ?? {};
      return kfAccountLink(api, app, openKfId, scene);
    },
    media: mediaApi(api),
    corpId: secrets.corpId,
    /** The app's AgentId, where `WECOM_SECRETS` has it. */
    agentIdOf: (app: string) => secrets.apps.get(app)?.agentId,
    sendAppMessage: (app: string, message: AppMessage) => sendAppMessage(api, app, message),
    sendAppCard: (app: string, card: AppCard) => sendAppCard(api, app, card),
    changeAppCard: (app: string, change: CardChange) => changeAppCard(api, app, change),
    kfFor(app: string): KfApi {
      const client = clients.get(app) ?? kfApi(api, app);
      clients.set(app, client);
      return client;
    },
    memberOfCode: (app: string, code: string) => memberOfCode(api, app, code),
    /** When a secret of WeCom is changed, everybody logs in again. */
    consoleKey: () => keyFor('sessions of the console', secrets),
    servicersFor: (app: string) => servicerApi(api, app),
    knowledgeFor: (app: string) => knowledgeApi(api, app),
    contactFor(app: string): ContactApi {
      const client = contactClients.get(app) ?? contactApi(api, app);
      contactClients.set(app, client);
      return client;
    },
  };
}
