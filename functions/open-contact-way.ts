import { linkStore } from '../lib/contact-me/link-store.ts';
import { openWay } from '../lib/contact-me/open-way.ts';
import { openingStore } from '../lib/contact-me/opening-store.ts';
import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { HOUR, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics, count } from '../lib/platform/metrics.ts';
import { remember } from '../lib/platform/remember.ts';
import { readSecret } from '../lib/platform/secret-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape } from '../lib/store/tables.ts';
import { keyFor, parseSecrets } from '../lib/wecom/secrets.ts';

const config = readConfig(process.env, ['CONCIERGE_STAGE', 'WECOM_SECRETS', 'CONTACT_WAYS_TABLE']);
configureLog({ level: process.env.LOG_LEVEL, service: 'open-contact-way' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
// A customer looks at an empty screen meanwhile, and what is tried twice has to fit into the function's time.
const answerMs = 3 * SECOND;
const shape = contactWaysShape(config.CONTACT_WAYS_TABLE);
const table = dynamoTable(dynamoClient({ answerMs }), shape);
// A count that the SDK repeats by itself would give a turn to nobody, unseen (consistency rule 18).
const counting = dynamoTable(dynamoClient({ attempts: 1, answerMs }), shape);
const store = openingStore(table);
const secrets = parseSecrets(await readSecret(config.WECOM_SECRETS, readAwsAccess(process.env)));

export const handler = httpDoor(
  openWay({
    stage: config.CONCIERGE_STAGE,
    now: clock,
    contactAddress: process.env.CONTACT_ADDRESS,
    // When a secret of WeCom is changed, visitors of before may get another member: no more than if they had another telephone.
    cookieKey: keyFor('visits of link ways', secrets),
    find: remember(2 * SECOND, clock, store.view, { most: 500 }),
    // Pictures never change under their name; one that is not there yet may come at any moment.
    image: remember(24 * HOUR, clock, store.image, { most: 200, keep: (address) => address !== undefined }),
    turns: linkStore(table, counting),
    report: (outcome) => count('Openings', { outcome }),
  }),
);
