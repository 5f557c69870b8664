export interface Random {
  /** A whole number from 0 up to, and without, `below`. */
  int(below: number): number;
  /** Letters and digits. */
  text(length: number): string;
  digits(length: number): string;
  bytes(length: number): Buffer;
}

const DIGITS = '0123456789';
const LETTERS_AND_DIGITS = `${DIGITS}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`;

/** Everything that looks random in one run comes from one seed, so that a failing run can be played again. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32: 32 bits of state are plenty for ids that only have to differ.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number) => Math.floor(next() * below);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet.charAt(int(alphabet.length))).join('');
  return {
    int,
    text: (length) => pick(LETTERS_AND_DIGITS, length),
    digits: (length) => `${1 + int(9)}${pick(DIGITS, length - 1)}`,
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}
