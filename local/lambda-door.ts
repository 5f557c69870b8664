import type { RequestListener, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { readBody } from './http-server.ts';

/** A function as Lambda describes it. */
export interface LambdaFunction {
  readonly name: string;
  /** Lambda's name: `wecom-concierge-dev-sync-messages`. */
  readonly fullName: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface LambdaDoor {
  readonly functions: readonly LambdaFunction[];
  readonly clock: Pick<Clock, 'now'>;
  /** From now on invocations begin in new environments. */
  restart(functionName: string): void;
}

const FUNCTIONS = /^\/2015-03-31\/functions\/?(\?.*)?$/;
const CONFIGURATION = /^\/2015-03-31\/functions\/([\w-]+)\/configuration$/;

/**
 * The part of Lambda's API by which an operator makes functions read their settings anew: ListFunctions, GetFunctionConfiguration and
 * UpdateFunctionConfiguration, of which the description alone may be changed. All else goes on to `next`.
 */
export function lambdaDoor({ functions, clock, restart }: LambdaDoor, next: RequestListener): RequestListener {
  const descriptions = new Map(functions.map(({ fullName, description }) => [fullName, description]));
  const modified = new Map(functions.map(({ fullName }) => [fullName, timeOf(clock)]));
  const described = ({ fullName, environment }: LambdaFunction) => ({
    FunctionName: fullName,
    Description: descriptions.get(fullName),
    LastModified: modified.get(fullName),
    Environment: { Variables: withoutContent(environment) },
  });

  return (request, response) => {
    const path = request.url ?? '';
    if (FUNCTIONS.test(path)) return send(response, 200, { Functions: functions.map(described) });
    const name = CONFIGURATION.exec(path)?.[1];
    if (name === undefined) return next(request, response);
    const one = functions.find(({ fullName }) => fullName === name);
    if (!one) return send(response, 404, { Message: `Function not found: ${name}` }, 'ResourceNotFoundException');
    const answer = () => send(response, 200, { ...described(one), State: 'Active', LastUpdateStatus: 'Successful' });
    if (request.method !== 'PUT') return answer();
    readBody(request)
      .then((body) => {
        const { Description, ...others }: Readonly<Record<string, unknown>> = Object(JSON.parse(body.toString()));
        if (Object.keys(others).length > 0) {
          const Message = 'On this machine only Description can be changed.';
          return send(response, 400, { Message }, 'InvalidParameterValueException');
        }
        descriptions.set(name, String(Description));
        modified.set(name, timeOf(clock));
        restart(one.name);
        answer();
      })
      .catch(() => response.destroy());
  };
}

/** A setting that holds something itself, instead of naming its place, is nobody's to read here. */
const withoutContent = (environment: LambdaFunction['environment']): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.startsWith('{') ? '{…}' : value]));

/** As Lambda writes it, by whole seconds: `2026-11-22T06:30:00.000+0000`. */
const timeOf = (clock: LambdaDoor['clock']): string =>
  new Date(clock.now()).toISOString().replace(/\.\d+Z$/, '.000+0000');

function send(response: ServerResponse, status: number, body: object, error?: string): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(error && { 'x-amzn-errortype': error }) });
  response.end(`${JSON.stringify(body)}\n`);
}
