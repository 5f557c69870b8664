import type { App } from './corp.ts';
import { type Fields, requiredText } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** One API call after its token and form were checked. */
export interface Call {
  readonly app: App;
  readonly body: Fields;
  readonly query: URLSearchParams;
  /** For uploads, which are not JSON. */
  readonly raw: Buffer;
  readonly contentType: string;
}

export interface FileAnswer {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly fileName: string;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Whether only apps listed under 可调用接口的应用 may call it. */
  readonly kf: boolean;
  /** The same for 客户联系: apps that are not listed there get 48002. */
  readonly contacts?: true;
  readonly upload?: true;
  /** What is added to `errcode` 0 and `errmsg` "ok", or a file. Refuses by throwing a Refusal. */
  answer(world: World, call: Call): Fields | FileAnswer;
}

export type Endpoints = Readonly<Record<string, Endpoint>>;

export function openKfIdOf(body: Fields): string {
  return requiredText(body, 'open_kfid');
}

/** An external_userid that never came near the corp is 40096. */
export function assertKnown(known: boolean): void {
  if (!known) throw new Refusal(40096);
}
