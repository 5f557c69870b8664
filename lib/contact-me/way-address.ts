/**
 * The printed address of a `link` way. `configured` is the company's own (e.g. `https://contact.example.com`); without one it is the name under
 * which the gateway was reached.
 */
export function wayAddress(wayId: string, configured: string | undefined, domain: string): string {
  const base = configured ? configured.replace(/\/+$/, '') : `https://${domain}`;
  return `${base}/contact/${wayId}`;
}
