import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../lib/platform/clock.ts';
import { exportCustomer, type Sink } from '../../lib/privacy/export-customer.ts';
import { openArchive, readCustomer } from '../customer-archive.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';

export const help = `导出一位客户的全部数据 · exports everything that is kept of a customer

npm run ops -- export CUSTOMER [--to FOLDER] [--stage S] [--json]

  CUSTOMER     客户的 external_userid，或其某个会话编号     An external_userid, or the id of one of his conversations
  --to FOLDER  目标文件夹，默认 export-CUSTOMER             Where to; a folder export-CUSTOMER unless named
${COMMON_HELP}

  写入 items.json、media/ 与 manifest.json；最后写 manifest.json，没有它的导出不完整，重新运行即可。
  Writes items.json, media/ and manifest.json. The manifest comes last: without it the export is not complete; run it again.
  文件含客户的消息，请妥善保管。  It holds what the customer wrote: keep it safe.
  退出码 / Exit codes: 0 · 1 错误 error · 2 没有这位客户的数据 nothing is kept of this customer`;

export async function run(args: string[], io: OpsIo): Promise<number> {
  const options = { ...COMMON_OPTIONS, to: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const customerId = readCustomer(positionals, help);
  const folder = resolve(values.to ?? `export-${customerId}`);
  const { archive, close } = await openArchive(values.stage, io);
  try {
    const manifest = await exportCustomer(archive, customerId, folderSink(folder), systemClock(), (total) =>
      io.progress(`${total} …`),
    );
    io.progress('');
    const total = Object.values(manifest.items).reduce((sum, count) => sum + count, 0);
    if (values.json) io.print(JSON.stringify({ folder, ...manifest }, null, 2));
    else {
      const counts = Object.entries(manifest.items).map(([place, count]) => `  ${place}: ${count}`);
      io.print([`${total} items in ${folder} 已导出 ${total} 项`, ...counts].join('\n'));
    }
    return total === 0 ? 2 : 0;
  } finally {
    close();
  }
}

/** Files in a folder that nobody else may read. */
function folderSink(folder: string): Sink {
  return {
    remove: (name) => rm(join(folder, name), { force: true }),
    async open(name) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const stream = createWriteStream(path, { mode: 0o600 });
      const ended = finished(stream);
      // A disk that is full is told to whoever writes or ends, not to nobody.
      ended.catch(() => undefined);
      return {
        write: (part) => new Promise((done, failed) => stream.write(part, (error) => (error ? failed(error) : done()))),
        async end() {
          stream.end();
          await ended;
        },
      };
    },
  };
}
