import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';

/**
 * The names of WeCom's files of proof with what is in them: `WW_verify_AbCd.txt` says `AbCd`. What has another form is none.
 *
 * @param names separated by commas; `none` and an empty text: no file
 */
export function readProofs(names: string): ReadonlyMap<string, string> {
  const found = names.split(',').map((name) => /^(WW_verify_([A-Za-z0-9]+)\.txt)$/.exec(name.trim()));
  return new Map(found.flatMap((match) => (match?.[1] && match[2] ? [[match[1], match[2]] as const] : [])));
}

/** Shows WeCom that the domain is the corp's: the app's page, 网页授权及JS-SDK, 可信域名 asks for such a file at the root. */
export function showProof(proofs: ReadonlyMap<string, string>) {
  return async function show(request: HttpRequest): Promise<HttpAnswer> {
    const proof = proofs.get(request.params.file ?? '');
    return proof === undefined ? { status: 404 } : { status: 200, body: proof };
  };
}
