import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { watchParent } from '../../local/whose-child.ts';

test('whose parent is gone is told so once', async () => {
  let parent = 7;
  let told = 0;
  const heard = new Promise<void>((resolve) => {
    watchParent(
      () => parent,
      () => {
        told += 1;
        resolve();
      },
      1,
    );
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toBe(0);
  parent = 1;
  await heard;
  parent = 2;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toBe(1);
});

test('a process whose shell is ended ends, too', async () => {
  const source = `
    const { watchParent } = await import('./local/whose-child.ts');
    watchParent(() => process.ppid, () => { process.stdout.write('orphaned\\n'); process.exit(0); }, 10);
    setInterval(() => {}, 1000);
    process.stdout.write('up\\n');`;
  // A shell that stays between, as npm's does.
  const shell = spawn('sh', ['-c', `"$0" --input-type=module -e "$1"; true`, process.execPath, source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.on('data', (text) => {
    said += text;
    if (said === 'up\n') shell.kill('SIGTERM');
  });
  await once(shell.stdout, 'close');
  expect(said).toBe('up\norphaned\n');
});
