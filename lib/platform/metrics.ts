/** What CloudWatch keeps metrics under; a stage each, since several stacks may live in one account. */
let namespace = 'WeComConcierge';

/** Called once by the door. The alarms of `stack/` look for metrics under the same name. */
export function configureMetrics(settings: { stage: string | undefined }): void {
  namespace = settings.stage === undefined ? 'WeComConcierge' : `WeComConcierge/${settings.stage}`;
}

/**
 * Metrics ride in log lines (CloudWatch's embedded metric format), so counting costs no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @param sets which dimensions CloudWatch adds up by; all together, unless said otherwise. `[]` is the sum of everything
 */
export function count(
  metric: string,
  dimensions: Readonly<Record<string, string>> = {},
  value = 1,
  sets: readonly (readonly string[])[] = [Object.keys(dimensions)],
): void {
  write(metric, dimensions, value, 'Count', sets);
}

/** As `count`, in milliseconds. */
export function duration(
  metric: string,
  dimensions: Readonly<Record<string, string>>,
  milliseconds: number,
  sets: readonly (readonly string[])[] = [Object.keys(dimensions)],
): void {
  write(metric, dimensions, milliseconds, 'Milliseconds', sets);
}

function write(
  metric: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  unit: string,
  sets: readonly (readonly string[])[],
): void {
  const line = metricLine({ namespace, at: Date.now(), metric, dimensions, value, unit, sets });
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** What CloudWatch reads of a log line. `sets` says by which dimensions it adds up; each makes a metric of its own. */
export function metricLine(one: {
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: string;
  readonly sets: readonly (readonly string[])[];
}): object {
  const { namespace: Namespace, at: Timestamp, metric: Name, unit: Unit, sets: Dimensions } = one;
  return {
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace, Dimensions, Metrics: [{ Name, Unit }] }] },
    ...one.dimensions,
    [Name]: one.value,
  };
}
