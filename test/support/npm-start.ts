import { once } from 'node:events';
import { startScript } from './run-command.ts';

/** `npm start` as a newcomer runs it, in a process of its own. */
export function npmStart(args: readonly string[], env: Record<string, string> = {}) {
  const child = startScript('local/start.ts', args, { HOME: process.env.HOME ?? '', ...env });
  let printed = '';
  child.stdout.on('data', (text) => (printed += text));
  child.stderr.on('data', (text) => (printed += text));
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
