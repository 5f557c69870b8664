import { type Alarm, alarmsOf, type Busiest, type Metric, type Share } from './alarm-list.ts';
import { dashboard } from './dashboard.ts';
import type { Place, StackSettings } from './settings.ts';
import { adding, type Change, type CloudResource, logicalId, ref } from './template.ts';

/** The page that has a section for each alarm, under the alarm's id. */
export const RUNBOOK = 'docs/operations/alarms.md';

/** Alarms, the topic that carries them, and a dashboard of what they look at. */
export function watched({ alarmAddress }: StackSettings, { stage }: Place, prefix: string): Change {
  return (template) => {
    if (alarmAddress === undefined) return template;
    const alarms = alarmsOf(template, stage);
    return adding({
      Resources: {
        AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${prefix}-alarms` } },
        AlarmSubscription: {
          Type: 'AWS::SNS::Subscription',
          Properties: {
            TopicArn: ref('AlarmTopic'),
            Protocol: alarmAddress.startsWith('https://') ? 'https' : 'email',
            Endpoint: alarmAddress,
          },
        },
        ...Object.fromEntries(alarms.map((one) => [`Alarm${logicalId(nameOf(one))}`, resourceOf(one, prefix)])),
        Dashboard: dashboard(prefix, alarms),
      },
      Outputs: {
        AlarmTopicArn: { Description: 'Alarms are told here; more may subscribe.', Value: ref('AlarmTopic') },
      },
    })(template);
  };
}

const nameOf = ({ id, of }: Alarm): string => (of === undefined ? id : `${id}-${of}`);

function resourceOf(alarm: Alarm, prefix: string): CloudResource {
  const { says, metric, over, periodMinutes, periods, silence } = alarm;
  const period = periodMinutes * 60;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${prefix}-${nameOf(alarm)}`,
      AlarmDescription: `${says} Runbook: ${RUNBOOK}#${alarm.id}`,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: over,
      EvaluationPeriods: periods,
      TreatMissingData: silence === 'wrong' ? 'breaching' : 'notBreaching',
      AlarmActions: [ref('AlarmTopic')],
      OKActions: [ref('AlarmTopic')],
      ...watchedIn(metric, period),
    },
  };
}

function watchedIn(metric: Alarm['metric'], period: number): object {
  if ('part' in metric) return { Metrics: shareOf(metric, period) };
  if ('busiest' in metric) return { Metrics: busiestOf(metric, period) };
  return { ...statOf(metric), Period: period };
}

const dimensionsOf = ({ dimensions }: Metric) => Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const statOf = (metric: Metric) => ({
  Namespace: metric.namespace,
  MetricName: metric.name,
  Statistic: metric.statistic,
  ...(dimensionsOf(metric).length > 0 && { Dimensions: dimensionsOf(metric) }),
});

/** What an expression reads under this name. */
const termOf = (Id: string, metric: Metric, period: number): object => ({
  Id,
  ReturnData: false,
  MetricStat: {
    Metric: { Namespace: metric.namespace, MetricName: metric.name, Dimensions: dimensionsOf(metric) },
    Stat: metric.statistic,
    Period: period,
  },
});

function busiestOf({ busiest, most }: Busiest, period: number): object[] {
  const all = busiest.map((_, index) => `FILL(calls${index}, 0)`).join(', ');
  return [
    { Id: 'used', ReturnData: true, Expression: `100 * MAX([${all}]) / ${most}` },
    ...busiest.map((one, index) => termOf(`calls${index}`, one, period)),
  ];
}

function shareOf({ part, whole, least }: Share, period: number): object[] {
  const parts = part.map((_, index) => `FILL(part${index}, 0)`).join(' + ');
  return [
    { Id: 'share', ReturnData: true, Expression: `IF(whole >= ${least}, 100 * (${parts}) / whole, 0)` },
    termOf('whole', whole, period),
    ...part.map((one, index) => termOf(`part${index}`, one, period)),
  ];
}
