import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readBody } from './http-server.ts';

/** What a person with curl can have the stack do, which no route of the HTTP API does. */
export interface Play {
  /** Their names in serverless.yml, and those that they have in the account. */
  readonly functions: readonly { readonly name: string; readonly fullName: string }[];
  /** Rejects when the function gives no answer. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
}

const INVOKE = /^\/_\/invoke\/([\w-]+)$/;
/** Lambda's own API (Invoke), for who has it at `AWS_ENDPOINT_URL_LAMBDA`, by their names in the account: those of another stage are not there. */
const LAMBDA_INVOKE = /^\/2015-03-31\/functions\/([\w-]+)\/invocations$/;

/** `POST /_/invoke/{function}`, with the event as JSON ({} when empty): what `aws lambda invoke` is in the cloud. All else goes on to the API. */
export function playDoor({ functions, invoke }: Play, api: RequestListener): RequestListener {
  async function answer(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return send(response, 405, { error: 'POST invokes a function.' });
    const names = functions.map((one) => one.name);
    if (!names.includes(name)) {
      return send(response, 404, { error: `There is no function ${name}.`, functions: names });
    }
    const event = readEvent((await readBody(request)).toString('utf8'));
    if (event === undefined) return send(response, 400, { error: 'The body has to be JSON: the event.' });
    try {
      return send(response, 200, (await invoke(name, event)) ?? null);
    } catch (error) {
      return send(response, 502, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async function answerAsLambda(given: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = functions.find(({ fullName }) => given === fullName)?.name;
    if (request.method !== 'POST' || name === undefined) {
      return send(response, 404, { Message: `Function not found: ${given}`, __type: 'ResourceNotFoundException' });
    }
    const event = readEvent((await readBody(request)).toString('utf8'));
    try {
      return send(response, 200, (await invoke(name, event)) ?? null);
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      return send(response, 200, { errorMessage: error instanceof Error ? error.message : String(error) });
    }
  }

  return (request, response) => {
    const called = LAMBDA_INVOKE.exec(request.url ?? '')?.[1];
    if (called !== undefined) {
      answerAsLambda(called, request, response).catch(() => response.destroy());
      return;
    }
    const name = INVOKE.exec(request.url ?? '')?.[1];
    if (name === undefined) return api(request, response);
    answer(name, request, response).catch(() => response.destroy());
  };
}

/** Undefined for what is no JSON. */
function readEvent(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
