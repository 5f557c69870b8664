import type { Clock } from './clock.ts';
import type { Answer, BusEvent } from './event-bus.ts';
import { PLACE } from './template.ts';

/**
 * EventBridge's replays. Here the bus itself remembers everything that was put, whatever the template says of an archive, and a replay
 * is over as soon as it was asked for. What comes again is the same event, under its old id, with the replay's name.
 */
export function createReplays({
  clock,
  events,
  deliver,
}: {
  readonly clock: Clock;
  readonly events: readonly (BusEvent & { readonly bus: string })[];
  deliver(bus: string, event: BusEvent): void;
}) {
  const replays = new Map<string, object>();

  function start(request: Readonly<Record<string, unknown>>): Answer {
    const { ReplayName, EventSourceArn, EventStartTime, EventEndTime, Destination } = request;
    const name = String(ReplayName);
    const destination: Readonly<Record<string, unknown>> = Object(Destination);
    if (replays.has(name)) return refusal('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) return refusal('ValidationException', 'ReplayName is malformed.');
    if (!String(EventSourceArn).includes(':archive/'))
      return refusal('ValidationException', 'EventSourceArn is no archive.');
    if (destination.FilterArns !== undefined) return refusal('ValidationException', 'FilterArns are not known here.');
    const [from, to] = [Number(EventStartTime) * 1000, Number(EventEndTime) * 1000];
    if (!(from < to)) return refusal('ValidationException', 'EventStartTime is not before EventEndTime.');
    const bus = String(destination.Arn).split('/').at(-1) ?? '';
    const again = events.filter((event) => event.bus === bus && isWithin(Date.parse(event.time), from, to));
    const now = clock.now() / 1000;
    replays.set(name, {
      ReplayName: name,
      ReplayArn: `arn:aws:events:${PLACE.region}:${PLACE.account}:replay/${name}`,
      State: 'COMPLETED',
      EventStartTime,
      EventEndTime,
      EventLastReplayedTime: EventEndTime,
      ReplayStartTime: now,
      ReplayEndTime: now,
    });
    for (const { bus: _, ...event } of again) deliver(bus, { ...event, 'replay-name': name });
    return {
      status: 200,
      body: { ReplayArn: `arn:aws:events:${PLACE.region}:${PLACE.account}:replay/${name}`, State: 'STARTING' },
    };
  }

  return {
    handle(action: string, request: Readonly<Record<string, unknown>>): Answer {
      if (action === 'StartReplay') return start(request);
      if (action !== 'DescribeReplay') return refusal('UnknownOperationException', action);
      const replay = replays.get(String(request.ReplayName));
      return replay ? { status: 200, body: replay } : refusal('ResourceNotFoundException', 'There is no such replay.');
    },
  };
}

const isWithin = (at: number, from: number, to: number): boolean => at >= from && at < to;
const refusal = (__type: string, message: string): Answer => ({ status: 400, body: { __type, message } });
