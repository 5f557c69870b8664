/**
 * Metrics ride in log lines (CloudWatch's embedded metric format), so counting costs no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function count(metric: string, dimensions: Readonly<Record<string, string>> = {}, value = 1): void {
  write(metric, dimensions, value, 'Count');
}

export function duration(metric: string, dimensions: Readonly<Record<string, string>>, milliseconds: number): void {
  write(metric, dimensions, milliseconds, 'Milliseconds');
}

function write(metric: string, dimensions: Readonly<Record<string, string>>, value: number, unit: string): void {
  const line = {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        { Namespace: 'WeComConcierge', Dimensions: [Object.keys(dimensions)], Metrics: [{ Name: metric, Unit: unit }] },
      ],
    },
    ...dimensions,
    [metric]: value,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
