import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { readProofs, showProof } from '../lib/wecom/domain-proof.ts';

const config = readConfig(process.env, ['VERIFICATION_FILES']);
configureLog({ level: process.env.LOG_LEVEL, service: 'verify-domain' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

export const handler = httpDoor(showProof(readProofs(config.VERIFICATION_FILES)));
