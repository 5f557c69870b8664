import type { IncomingMessage, ServerResponse } from 'node:http';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import { readAwsRequest } from './aws-request.ts';
import type { Clock } from './clock.ts';
import { type Answer, createEventBus, type EventBus } from './event-bus.ts';
import { listen, readBody } from './http-server.ts';
import { createMetricSums, type MetricSums } from './metric-sums.ts';
import { createParameters } from './parameters.ts';
import { PLACE } from './template.ts';

/** AWS on this machine: one address for all services, nothing on disk. */
export interface Emulators {
  readonly url: string;
  readonly bus: EventBus;
  /** What functions counted; told by whoever sees what they print. */
  readonly metrics: MetricSums;
  stop(): Promise<void>;
}

/** Starts tables (dynalite), queues (fauxqs), the event bus and the parameter stores behind one local address. */
export async function startEmulators(options: {
  clock: Clock;
  parameters: Readonly<Record<string, string>>;
}): Promise<Emulators> {
  const tables = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // startFauxqs would listen on every address of the machine; its app alone needs no port of its own.
  const queues = buildApp({ logger: false, defaultRegion: PLACE.region });
  await queues.ready();
  const bus = createEventBus(options.clock);
  const parameters = createParameters(options.parameters, options.clock);
  const metrics = createMetricSums();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readAwsRequest(request, '');
    switch (call?.service) {
      case 'dynamodb':
        tables.emit('request', request, response);
        return;
      case 'sqs':
        // SQS also takes calls at a queue's own path; the emulator only at the root.
        request.url = '/';
        queues.routing(request, response);
        return;
      // Buckets and the caller's identity come with the emulator of queues; objects have paths.
      case 's3':
      case 'sts':
        queues.routing(request, response);
        return;
      case 'events':
        return answer(response, bus.handle(call.action, JSON.parse((await readBody(request)).toString())));
      case 'ssm':
      case 'secretsmanager': {
        const body = JSON.parse((await readBody(request)).toString());
        return answer(response, parameters.handle(call.action, body));
      }
      case 'monitoring': {
        const xml = metrics.handle(new URLSearchParams((await readBody(request)).toString()));
        response.writeHead(xml === undefined ? 400 : 200, { 'content-type': 'text/xml' });
        response.end(xml ?? '<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>');
        return;
      }
      default: {
        const message = `There is no ${call?.service ?? 'unsigned service'} on this machine.`;
        return answer(response, { status: 400, body: { __type: 'UnknownServiceException', message } });
      }
    }
  }

  const door = await listen((request, response) => {
    handle(request, response).catch((error: unknown) =>
      answer(response, { status: 400, body: { __type: 'SerializationException', message: String(error) } }),
    );
  });
  return {
    url: door.url,
    bus,
    metrics,
    async stop() {
      // Closing the queues lets everyone who waits for a message go first.
      await queues.close();
      await door.stop();
      tables.close();
    },
  };
}

function answer(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
