/**
 * Words as customers mean them: full-width and half-width, upper and lower case and runs of spaces are the same.
 * 「１２３」 is "123", "Opening　Hours" is "opening hours".
 */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** The same for a whole message, without the marks around it: "Hello！" is "hello". A message of marks alone keeps them. */
export function foldWhole(text: string): string {
  const folded = fold(text);
  // Square brackets stay: WeChat writes its own emoji as [强].
  const bare = folded.replace(/^(?:(?![[\]])[\p{P}\s])+|(?:(?![[\]])[\p{P}\s])+$/gu, '');
  return bare === '' ? folded : bare;
}
