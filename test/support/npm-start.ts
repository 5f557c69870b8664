import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** `npm start` as a newcomer runs it, in a process of its own. */
export function npmStart(args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, ['local/start.ts', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout?.on('data', (text) => (printed += text));
  child.stderr?.on('data', (text) => (printed += text));
  const ended = once(child, 'close').then(([code]) => Number(code));

  return {
    printed: () => printed,
    ended,
    /** The address of the line `ready http://…`. Fails with everything that was printed when it ends before. */
    async ready(): Promise<string> {
      for (;;) {
        const found = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(printed)?.[1];
        if (found) return found;
        const over = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50, 'up'))]);
        if (over !== 'up') throw new Error(`npm start ended with ${over}:\n${printed}`);
      }
    },
    async stop(): Promise<number> {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
