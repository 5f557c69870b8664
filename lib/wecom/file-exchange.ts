import { WeComUnreachable } from './errors.ts';
import { type Answer, type Line, readAnswer, whyNoAnswer } from './http-exchange.ts';

export interface DownloadedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** As WeCom names it, where it does. */
  readonly name?: string | undefined;
}

/** The file has more bytes than were asked for at most; the rest was not read. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`The file has more than ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/**
 * Downloads a file by GET. WeCom answers with the bytes, or with JSON where it refuses, and documents no HTTP status for that: what came
 * says its content type. Reads no more than `maxBytes`. Throws `WeComUnreachable`, `FileTooLarge`.
 */
export async function exchangeFile(
  line: Line,
  api: string,
  query: Readonly<Record<string, string>>,
  maxBytes: number,
): Promise<Answer & { readonly file?: DownloadedFile }> {
  const url = `${line.baseUrl.replace(/\/+$/, '')}/cgi-bin/${api}?${new URLSearchParams(query)}`;
  try {
    const response = await line.fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(line.timeoutMs) });
    const contentType = response.headers.get('content-type') ?? '';
    const disposition = response.headers.get('content-disposition');
    // A JSON file that a customer sent has a disposition as every file; a refusal has none.
    if (disposition === null && /^(application\/json|text\/plain)\b/i.test(contentType)) {
      return readAnswer(api, response.status, await response.text());
    }
    if (!response.ok) throw new WeComUnreachable({ api, reason: `http ${response.status}`, mayHaveActed: true });
    const bytes = await readUpTo(response, maxBytes);
    return { errcode: 0, errmsg: '', body: {}, file: { bytes, contentType, name: nameIn(disposition) } };
  } catch (error) {
    if (error instanceof WeComUnreachable || error instanceof FileTooLarge) throw error;
    throw new WeComUnreachable({ api, ...whyNoAnswer(error) });
  }
}

async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new FileTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function nameIn(disposition: string | null): string | undefined {
  return /filename="?([^";]{1,255})"?/i.exec(disposition ?? '')?.[1];
}
