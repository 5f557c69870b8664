import { errorFields, log } from '../platform/log.ts';
import { CodeImageUnavailable, type Download, dataUrl, readCodeImage } from '../wecom/code-image.ts';

/** An item of the table has at most 400 KB. */
const AT_MOST_KEPT = 280_000;

/** The address of an `<img>` for WeCom's picture: the picture itself, or where it lies when it cannot be had or is too large. */
export async function pictureAddress(qrCodeUrl: string, download: Download): Promise<string> {
  try {
    const image = await readCodeImage(qrCodeUrl, download);
    return image.bytes.length > AT_MOST_KEPT ? qrCodeUrl : dataUrl(image);
  } catch (error) {
    if (!(error instanceof CodeImageUnavailable)) throw error;
    log.warn('picture not kept', { ...errorFields(error) });
    return qrCodeUrl;
  }
}
