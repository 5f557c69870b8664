import * as z from 'zod';
import { readModelAnswer } from './model-answer.ts';
import type { ModelMessage } from './model-prompt.ts';
import type { ModelOutcome, NoAnswer } from './model-terms.ts';

/** Where the operator's model is. */
export interface ModelLine {
  /** The whole address, e.g. `https://api.example.com/v1/chat/completions`. */
  readonly url: string;
  /** The endpoint's name for the model. */
  readonly model: string;
  /** Absent where the endpoint asks for none. */
  readonly key?: string | undefined;
  readonly fetch: typeof fetch;
}

/** The stage's model cannot be used. Names the mend, and quotes nothing. */
export class WrongModel extends Error {
  constructor(problem: string) {
    super(`The model cannot be used: ${problem}. docs/operations/settings.md shows how it is set.`);
    this.name = 'WrongModel';
  }
}

const Secrets = z.object({ key: z.string().min(1).optional() });

/**
 * The stage's model. `secrets` is the JSON with its key.
 *
 * @throws WrongModel where customers' words would leave the house in the open, or the JSON is none
 */
export function modelLine(url: string, model: string, secrets: string, fetching: typeof fetch): ModelLine {
  const address = URL.parse(url);
  const isHere = address?.hostname === '127.0.0.1' || address?.hostname === 'localhost';
  if (address?.protocol !== 'https:' && !(isHere && address?.protocol === 'http:')) {
    throw new WrongModel('modelUrl has to be an https address');
  }
  if (model === '') throw new WrongModel('modelName is empty; write the name that the endpoint has for the model');
  let read: z.infer<typeof Secrets>;
  try {
    read = Secrets.parse(JSON.parse(secrets));
  } catch {
    throw new WrongModel('its secret has to be JSON like {"key":"…"}, or {} where the endpoint asks for no key');
  }
  return { url, model, fetch: fetching, key: read.key };
}

/** Nobody reads more; an answer of 2048 bytes is long. */
const LARGEST_BODY_BYTES = 64 * 1024;
/** An answer of 2048 bytes, and some room for what is around it. */
const LARGEST_ANSWER_TOKENS = 1200;

const noAnswer = (why: NoAnswer): ModelOutcome => ({ said: 'hand-over', why });

/**
 * Asks once (OpenAI: POST /v1/chat/completions, `response_format` json_object). Whatever goes wrong is an outcome. Never throws, and
 * logs nothing.
 *
 * @param timeoutMs until the whole answer is there
 */
export async function askEndpoint(
  line: ModelLine,
  messages: readonly ModelMessage[],
  timeoutMs: number,
): Promise<ModelOutcome> {
  if (timeoutMs <= 0) return noAnswer('slow');
  const signal = AbortSignal.timeout(timeoutMs);
  const body = {
    model: line.model,
    messages,
    response_format: { type: 'json_object' },
    max_tokens: LARGEST_ANSWER_TOKENS,
    stream: false,
  };
  try {
    const response = await line.fetch(line.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(line.key !== undefined && { authorization: `Bearer ${line.key}` }),
      },
      body: JSON.stringify(body),
      // A redirect would carry the key and the customer's words to somebody else.
      redirect: 'manual',
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      return noAnswer(response.status === 429 ? 'limited' : 'failed');
    }
    const text = await readSome(response);
    return text === undefined ? noAnswer('too-long') : readModelAnswer(text);
  } catch {
    return noAnswer(signal.aborted ? 'slow' : 'failed');
  }
}

/** The body, or undefined where it is too large: then the rest is not even read. */
async function readSome(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (!response.body) return '';
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
