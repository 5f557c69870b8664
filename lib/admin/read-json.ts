import type { HttpRequest } from '../platform/http-door.ts';

/** A request's body; undefined for what is no JSON, which is never undefined itself. */
export function readJson(body: HttpRequest['body']): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
