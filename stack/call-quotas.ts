import type { Alarm, Ours } from './alarm-list.ts';

/**
 * How often one corp may call one API (WeCom: 访问频率限制, page 90312). The quota of one address is twice and four times that, so the
 * corp's is reached first. Whoever reaches one is blocked for as long as it counts: a minute, an hour.
 */
const QUOTAS = [
  { of: 'minute', minutes: 1, most: 10_000 },
  { of: 'hour', minutes: 60, most: 150_000 },
] as const;

/** Some time to act in; an API's calls grow with customers, not at a stroke. */
const PERCENT = 80;

/**
 * The APIs that are called more often the more customers write or scan, nine of them in an alarm (CloudWatch takes ten metrics and
 * expressions in one). Left out: what only operators and the night call, and message/send, which does not count for these quotas.
 */
export const GROWING = {
  'customer-service': [
    'kf/sync_msg',
    'kf/send_msg',
    'kf/send_msg_on_event',
    'kf/service_state/get',
    'kf/service_state/trans',
    'kf/customer/batchget',
    'kf/servicer/list',
    'media/get',
    'media/upload',
  ],
  contacts: [
    'externalcontact/get',
    'externalcontact/send_welcome_msg',
    'externalcontact/update_contact_way',
    'externalcontact/get_contact_way',
    'externalcontact/remark',
    'externalcontact/mark_tag',
    'externalcontact/batch/get_by_user',
    'externalcontact/list',
    'user/get',
  ],
} as const;

/**
 * Alarms on the API that is nearest to its quota. They are on the calls that succeeded, which CloudWatch has by API already: refused ones
 * count for WeCom, too, but where they are more than a fifth, `wecom-refuses` says so.
 */
export function ofCallQuotas(ours: Ours): Alarm[] {
  return Object.entries(GROWING).flatMap(([group, apis]) =>
    QUOTAS.map(
      ({ of, minutes, most }): Alarm => ({
        id: 'calls-near-quota',
        of: `${group}-${of}`,
        says: `We call an API of WeCom (${group}) more than ${PERCENT} % as often as it allows in a ${of} (${most} calls).`,
        metric: { busiest: apis.map((api) => ours('WeComCalls', 'Sum', { api, errcode: '0' })), most },
        over: PERCENT,
        periodMinutes: minutes,
        periods: 1,
        silence: 'fine',
      }),
    ),
  );
}
