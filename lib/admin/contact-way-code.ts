import type { ContactWay } from '../contact-me/way.ts';
import type { HttpAnswer } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { codeAsPng, codeAsSvg } from '../wecom/code-drawing.ts';
import { type CodeImage, CodeImageUnavailable, type Download, imageAsSvg, readCodeImage } from '../wecom/code-image.ts';

/** What a way's code is drawn from. */
export interface CodeSource {
  readonly way: ContactWay;
  /** Where WeCom keeps its picture; absent as long as WeCom has made none. */
  readonly qrCodeUrl: string | undefined;
  /** Where a `link` way is opened. */
  readonly address: string;
  readonly download: Download;
}

/** WeCom's own picture, as it is. Of a `link` way it is the code for emergencies. */
export function originalCode(source: CodeSource): Promise<HttpAnswer> {
  return withImage(source, ({ type, bytes }) => picture(type, { bytes }));
}

/** The code that is printed, as SVG of any size. */
export async function codeSvg(source: CodeSource): Promise<HttpAnswer> {
  if (source.way.mode === 'link') return picture('image/svg+xml', { body: codeAsSvg(source.address) });
  return withImage(source, (image) => picture('image/svg+xml', { body: imageAsSvg(image) }));
}

/** The code that is printed, as PNG. What WeCom drew as a JPEG stays one: its seals and faces are not drawn anew here. */
export async function codePng(source: CodeSource): Promise<HttpAnswer> {
  if (source.way.mode === 'link') return picture('image/png', { bytes: codeAsPng(source.address) });
  return withImage(source, ({ type, bytes }) =>
    type === 'image/png'
      ? picture(type, { bytes })
      : problem(406, 'WeCom drew this code as a JPEG: take code or code.svg.'),
  );
}

async function withImage(
  { way, qrCodeUrl, download }: CodeSource,
  show: (image: CodeImage) => HttpAnswer,
): Promise<HttpAnswer> {
  if (way.scene === 'mini-program') return NO_PICTURE;
  if (qrCodeUrl === undefined) {
    return problem(404, 'WeCom has made no code for this way yet. Try again in a minute; the way shows what keeps it.');
  }
  try {
    return show(await readCodeImage(qrCodeUrl, download));
  } catch (error) {
    if (error instanceof CodeImageUnavailable) return problem(503, unavailable(way, error));
    throw error;
  }
}

const NO_PICTURE = problem(
  404,
  'A button in a mini program has no picture. It is made with the `configId` that GET /contact-ways/{id} shows.',
);

/** Of other ways than links, WeCom's picture is all there is to print. */
function unavailable({ mode }: ContactWay, { reason }: CodeImageUnavailable): string {
  const others =
    mode === 'link'
      ? 'code.svg and code.png, which are printed, are drawn without it'
      : 'code, code.svg and code.png all need it; what is printed already works all the same';
  return `WeCom's picture of the code cannot be used now: ${reason}. Try again later: ${others}.`;
}

function picture(type: string, content: Pick<HttpAnswer, 'body' | 'bytes'>): HttpAnswer {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  return { status: 200, headers, ...content };
}
