import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { metricLine, metricLines } from '../../../lib/platform/metrics.ts';

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

const counted = {
  namespace: 'WeComConcierge/staging',
  at: 1_700_000_000_000,
  metric: 'WeComCalls',
  dimensions: { api: 'externalcontact/customer_acquisition_quota', errcode: '84074', outcome: 'configuration' },
  value: 1,
  unit: 'Count',
  sets: [['api', 'errcode'], ['outcome'], []],
};

test('a metric for which one line is too short has one for each set of dimensions', () => {
  const short = { ...counted, dimensions: { ...counted.dimensions, api: 'gettoken' } };
  expect(metricLines(short)).toEqual([JSON.stringify(metricLine(short))]);
  const { api, errcode, outcome } = counted.dimensions;
  expect(metricLines(counted)).toEqual(
    [
      { ...counted, sets: [['api', 'errcode']], dimensions: { api, errcode } },
      { ...counted, sets: [['outcome']], dimensions: { outcome } },
      { ...counted, sets: [[]], dimensions: {} },
    ].map((one) => JSON.stringify(metricLine(one))),
  );
});

test('no metric has a line of more than 300 bytes, whatever it is told apart by', () => {
  const value = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(value, value, value, fc.double(), (api, errcode, outcome, some) => {
      const lines = metricLines({ ...counted, dimensions: { api, errcode, outcome }, value: some });
      expect(lines.filter((line) => Buffer.byteLength(line) > 300)).toEqual([]);
    }),
  );
});
