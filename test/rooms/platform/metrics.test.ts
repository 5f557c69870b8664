import { expect, test } from '@jest/globals';
import { metricLine } from '../../../lib/platform/metrics.ts';

test('one line of the log is a metric for each set of dimensions', () => {
  const line = metricLine({
    namespace: 'WeComConcierge/prod',
    at: 1_700_000_000_000,
    metric: 'WeComCalls',
    dimensions: { api: 'kf/send_msg', errcode: '0', outcome: 'ok' },
    value: 1,
    unit: 'Count',
    sets: [['api', 'errcode'], ['outcome'], []],
  });
  expect(line).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'WeComConcierge/prod',
          Dimensions: [['api', 'errcode'], ['outcome'], []],
          Metrics: [{ Name: 'WeComCalls', Unit: 'Count' }],
        },
      ],
    },
    api: 'kf/send_msg',
    errcode: '0',
    outcome: 'ok',
    WeComCalls: 1,
  });
  // The house's limit for a log line.
  expect(JSON.stringify(line).length).toBeLessThan(300);
});
