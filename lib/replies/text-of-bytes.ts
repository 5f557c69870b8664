/**
 * The text of a file that people saved with whatever program: UTF-8, UTF-16 with its mark, or GB18030 (of which GBK, Excel's choice
 * in China, is a part). UTF-8 is tried first, because Chinese in GBK is hardly ever valid UTF-8. Without its byte order mark.
 */
export function textOfBytes(bytes: Uint8Array): string | { problem: string; mend: string } {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return { problem: 'the file is a workbook, not a CSV file', mend: 'save it as "CSV UTF-8"' };
  }
  const marked = { fffe: 'utf-16le', feff: 'utf-16be' }[Buffer.from(bytes.subarray(0, 2)).toString('hex')];
  for (const encoding of marked ? [marked] : ['utf-8', 'gb18030']) {
    const text = decoded(bytes, encoding);
    // What is not text decodes as well now and then.
    if (text !== undefined && !text.includes('\0')) return text;
  }
  return { problem: 'the file is neither UTF-8 nor GBK', mend: 'save it as "CSV UTF-8"' };
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
