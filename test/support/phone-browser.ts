import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

/** Where systems keep Chromium; undefined where there is none. */
export const chromiumPath: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** A browser with the screen of a phone, which stays on this machine. */
export interface PhoneBrowser {
  /** Opens an address, and answers when it is there with its pictures. */
  open(url: string, screen: Screen): Promise<void>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** A PNG of what is seen. */
  screenshot(): Promise<Buffer>;
  /** What the page complained of since it was opened: refused styles, pictures, scripts. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly userAgent: string;
  readonly language: string;
  readonly dark?: boolean;
}

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];
const Message = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.looseObject({ entry: z.looseObject({ text: z.string() }).optional() }).optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});
const Targets = z.array(z.looseObject({ type: z.string(), webSocketDebuggerUrl: z.string() }));

/** Speaks the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/): a window itself cannot be as narrow as a phone. */
export async function startPhoneBrowser(path: string): Promise<PhoneBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'phone-browser-'));
  const browser = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await portOf(browser);
  const socket = new WebSocket(await pageAt(port));
  const waiting = new Map<number, (answer: z.infer<typeof Message>) => void>();
  const complaints: string[] = [];
  let loaded = (): void => {};
  let last = 0;

  socket.addEventListener('message', ({ data }) => {
    const message = Message.parse(JSON.parse(String(data)));
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.method === 'Page.loadEventFired') loaded();
    if (message.method === 'Log.entryAdded') complaints.push(message.params?.entry?.text ?? '');
  });
  await once(socket, 'open');

  const send = async <Result>(method: string, params: object, result: z.ZodType<Result>): Promise<Result> => {
    last += 1;
    const answer = new Promise<z.infer<typeof Message>>((resolve) => waiting.set(last, resolve));
    socket.send(JSON.stringify({ id: last, method, params }));
    const { result: value, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result.parse(value);
  };
  const tell = (method: string, params: object = {}): Promise<unknown> => send(method, params, z.unknown());
  await tell('Page.enable');
  await tell('Log.enable');

  return {
    async open(url, { width, height, userAgent, language, dark = false }) {
      const metrics = { width, height, deviceScaleFactor: 2, mobile: true };
      await tell('Emulation.setDeviceMetricsOverride', metrics);
      await tell('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: language });
      const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
      await tell('Emulation.setEmulatedMedia', { features });
      complaints.length = 0;
      const isLoaded = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await tell('Page.navigate', { url });
      await isLoaded;
    },
    async evaluate(expression) {
      const Answer = z.looseObject({ result: z.looseObject({ value: z.unknown() }) });
      return (await send('Runtime.evaluate', { expression, returnByValue: true }, Answer)).result.value;
    },
    async screenshot() {
      const { data } = await send('Page.captureScreenshot', { format: 'png' }, z.object({ data: z.string() }));
      return Buffer.from(data, 'base64');
    },
    complaints: () => [...complaints],
    async close() {
      socket.close();
      const gone = once(browser, 'exit');
      browser.kill();
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Where the browser's first page listens; on a busy machine it comes a moment after the browser. */
async function pageAt(port: number): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const targets = Targets.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
    const page = targets.find(({ type }) => type === 'page');
    if (page) return page.webSocketDebuggerUrl;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Chromium opened no page');
}

async function portOf(browser: ChildProcess): Promise<number> {
  let said = '';
  for await (const part of browser.stderr ?? []) {
    said += String(part);
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    // Leaving the loop closes the stream; the browser does not mind.
    if (port !== undefined) return Number(port);
  }
  throw new Error('Chromium did not start');
}
