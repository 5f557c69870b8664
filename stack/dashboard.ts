import type { Alarm, Metric } from './alarm-list.ts';
import type { CloudResource } from './template.ts';

const WIDTH = 24;
const GRAPH = { width: 12, height: 6 } as const;

/** One row for the alarms, and below it a graph of each kind of alarm with the line that it must not cross. */
export function dashboard(prefix: string, alarms: readonly Alarm[]): CloudResource {
  const byId = Object.entries(Object.groupBy(alarms, ({ id }) => id));
  const graphs = byId.flatMap(([id, all = []]) => {
    const metrics = all.flatMap(({ metric, of = id }): [Metric, string][] => {
      if ('part' in metric) return [...metric.part, metric.whole].map((one) => [one, labelOf(one)]);
      return 'busiest' in metric ? metric.busiest.map((one) => [one, labelOf(one)]) : [[metric, of]];
    });
    const once = [...new Map(metrics.map((one) => [one[1], one])).values()];
    const isShare = all.some(({ metric }) => 'part' in metric || 'busiest' in metric);
    return [{ id, metrics: isShare ? once : metrics, over: all[0]?.over ?? 0, isShare }];
  });
  const values = new Map<string, unknown>();
  const widgets = graphs.map(({ id, metrics, over, isShare }, index) => ({
    type: 'metric',
    x: (index % 2) * GRAPH.width,
    y: 4 + Math.floor(index / 2) * GRAPH.height,
    ...GRAPH,
    properties: {
      title: id,
      view: 'timeSeries',
      region: `\${AWS::Region}`,
      period: 300,
      metrics: metrics.map(([metric, label]) => [
        metric.namespace,
        metric.name,
        ...Object.entries(metric.dimensions).flatMap(([name, value]) => [name, placeholder(value, values)]),
        { label, stat: metric.statistic },
      ]),
      ...(!isShare && { annotations: { horizontal: [{ label: 'alarm', value: over }] } }),
    },
  }));
  const overview = {
    type: 'text',
    x: 0,
    y: 0,
    width: WIDTH,
    height: 4,
    properties: {
      markdown: `# ${prefix}\nEach graph is an alarm of the same name; docs/operations/alarms.md says what to do about it.`,
    },
  };
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: prefix,
      DashboardBody: { 'Fn::Sub': [JSON.stringify({ widgets: [overview, ...widgets] }), Object.fromEntries(values)] },
    },
  };
}

const labelOf = ({ name, dimensions }: Metric): string => [name, ...Object.values(dimensions)].join(' ');

/** What CloudFormation knows only when it makes the stack stands in the body as a variable of `Fn::Sub`. */
function placeholder(value: unknown, values: Map<string, unknown>): string {
  if (typeof value === 'string') return value;
  const known = [...values].find(([, one]) => JSON.stringify(one) === JSON.stringify(value));
  const name = known?.[0] ?? `Value${values.size}`;
  values.set(name, value);
  return `\${${name}}`;
}
