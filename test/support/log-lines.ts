import * as z from 'zod';

/** In bytes. */
const LONGEST = 300;

/** What every line has, and what it may have besides: ids, states, counts, reasons of our own. No field is for what people write. */
const ON_EVERY_LINE = ['level', 'message', 'service'];
const FIELDS: ReadonlySet<string> = new Set([
  ...ON_EVERY_LINE,
  ...['part', 'trace', 'errcode', 'error', 'app', 'api', 'reason', 'kind', 'outcome', 'fromIp', 'hint'],
  ...['conversationId', 'openKfId', 'customerId', 'wayId', 'teamId', 'agentId', 'effectId', 'entry', 'state'],
  ...['count', 'tries', 'ms', 'credential', 'messageId', 'stack'],
]);
/** By what metrics are told apart: words of our own, names of apps, WeCom's codes. */
const DIMENSIONS: ReadonlySet<string> = new Set([
  ...[
    'api',
    'app',
    'cause',
    'credential',
    'ending',
    'errcode',
    'fault',
    'kind',
    'later',
    'mode',
    'outcome',
    'purpose',
    'queue',
  ],
  ...['reason', 'service', 'step', 'what'],
]);
/** What Lambda itself writes of a function that ran out of time, or threw. What it may say is test/support/markers.ts's affair. */
const OF_LAMBDA = /^(Task timed out after \d+\.\d\d seconds|Invoke Error \{.*\})$/;
/** Told as news, and yet about what went wrong: with the ids of conversation, effect and trace there is no room left. */
const COMPLAINTS: readonly string[] = ['effect not done'];

const Told = z.looseObject({
  level: z.string(),
  message: z.string(),
  service: z.string(),
  part: z.string().optional(),
});
const Counted = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.number(),
    CloudWatchMetrics: z.tuple([
      z.strictObject({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.tuple([z.strictObject({ Name: z.string(), Unit: z.string() })]),
      }),
    ]),
  }),
});

/** What is wrong with lines that functions wrote, each with the line itself; none where all is well. */
export function wrongLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => wrongIn(line).map((wrong) => `${wrong}: ${line}`));
}

function wrongIn(line: string): string[] {
  const bytes = Buffer.byteLength(line);
  return [...(bytes > LONGEST ? [`${bytes} bytes`] : []), ...wrongFields(line)];
}

function wrongFields(line: string): string[] {
  if (OF_LAMBDA.test(line)) return [];
  const read = parsed(line);
  const told = Told.safeParse(read).data;
  if (told) return wrongNews(told);
  const counted = Counted.safeParse(read).data;
  if (!counted) return ['neither a log line nor a metric'];
  const { _aws, ...rest } = counted;
  const names = new Set(_aws.CloudWatchMetrics[0].Metrics.map(({ Name }) => Name));
  return Object.entries(rest).flatMap(([name, value]) => {
    if (names.has(name)) return typeof value === 'number' ? [] : [`${name} is no number`];
    return DIMENSIONS.has(name) && typeof value === 'string' ? [] : [`${name} is not allowed`];
  });
}

function wrongNews(told: z.infer<typeof Told>): string[] {
  const fields = Object.entries(told).flatMap(([name, value]) => {
    if (!FIELDS.has(name)) return [`${name} is not allowed`];
    // Of a stack the innermost places are enough; an id that is cut leads nowhere.
    return String(value).endsWith('…') && name !== 'stack' ? [`${name} is cut`] : [];
  });
  const isNews = told.level === 'info' && !COMPLAINTS.includes(told.message);
  return isNews && told.part !== undefined ? [...fields, 'news in several lines'] : fields;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
