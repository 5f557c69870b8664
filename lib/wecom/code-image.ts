/** A picture of a code as WeCom draws it, with its colours and the member's face. */
export interface CodeImage {
  readonly type: 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** GETs an address; gives up by itself after some seconds. The answer's body is read here. */
export type Download = (url: string) => Promise<Response>;

/** The picture could not be had, or is none. `reason` is a word of ours for the log. The code itself works all the same. */
export class CodeImageUnavailable extends Error {
  override readonly name = 'CodeImageUnavailable';
  readonly reason: string;

  constructor(reason: string) {
    super(`WeCom's picture of the code cannot be used: ${reason}. Try again, or print another form of the code.`);
    this.reason = reason;
  }
}

/** WeCom's pictures have some ten thousand bytes; nothing larger is worth keeping or showing to a telephone. */
const AT_MOST_BYTES = 1_000_000;

/**
 * WeCom's original picture of a code, from the `qrCodeUrl` of `createWay` or `readWay`. Throws `CodeImageUnavailable`. It is told
 * from other things by its first bytes: WeCom's host of pictures says little about them.
 */
export async function readCodeImage(qrCodeUrl: string, download: Download): Promise<CodeImage> {
  if (!/^https?:\/\/./i.test(qrCodeUrl)) throw new CodeImageUnavailable('no web address');
  let bytes: Uint8Array;
  try {
    const response = await download(qrCodeUrl);
    if (!response.ok) throw new CodeImageUnavailable(`http ${response.status}`);
    bytes = await bodyOf(response);
  } catch (error) {
    if (error instanceof CodeImageUnavailable) throw error;
    throw new CodeImageUnavailable('no answer');
  }
  const type = typeOf(bytes);
  if (!type) throw new CodeImageUnavailable('no picture');
  return { type, bytes };
}

/** As the address of an `<img>` in a page that loads nothing from elsewhere. */
export function dataUrl(image: CodeImage): string {
  return `data:${image.type};base64,${Buffer.from(image.bytes).toString('base64')}`;
}

/** WeCom's picture in an SVG of any size, for print programs that want one. It is as sharp as the picture. */
export function imageAsSvg(image: CodeImage): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">' +
    `<image width="1" height="1" href="${dataUrl(image)}"/></svg>`
  );
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early ends the download.
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > AT_MOST_BYTES) throw new CodeImageUnavailable('too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function typeOf(bytes: Uint8Array): CodeImage['type'] | undefined {
  const first = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  if (first === '89504e470d0a1a0a') return 'image/png';
  return first.startsWith('ffd8ff') ? 'image/jpeg' : undefined;
}
