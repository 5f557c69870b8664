import { RE2JS } from 're2js';
import { type Distinction, fold } from './normalize.ts';
import { simplify } from './simplify.ts';

/** RE2 takes time in proportion to both: the steps of a pattern, and the length of the text that it looks at. */
const MOST_STEPS = 1000;
const LONGEST_TEXT = 1000;
const LONGEST_PATTERN = 500;
/** All patterns of a rule set together: the worst ones of so many steps read the longest text in about a second. */
export const MOST_STEPS_TOGETHER = 20_000;

/** A regular expression of RE2, which has no pattern and no text that makes it slow (no look-around, no back-references). */
export interface Pattern {
  /** Whether it is found anywhere in a text that was folded by `foldForPatterns`; long texts are looked at in their beginning. */
  foundIn(folded: string): boolean;
  readonly steps: number;
}

/** What a pattern's author would have to mend; `error` is for people. */
export class WrongPattern extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongPattern';
  }
}

/** A text as patterns read it: case is left to the pattern, since folding one would turn `\D` into `\d`. */
export function foldForPatterns(text: string, distinguish: readonly Distinction[]): string {
  return fold(text, [...distinguish, 'case']).slice(0, LONGEST_TEXT);
}

/** Throws `WrongPattern`. */
export function compilePattern(source: string, distinguish: readonly Distinction[] = []): Pattern {
  if (source.length > LONGEST_PATTERN) {
    throw new WrongPattern(`has more than ${LONGEST_PATTERN} characters`);
  }
  if (!distinguish.includes('width') && source.normalize('NFKC') !== source.normalize('NFC')) {
    throw new WrongPattern('has full-width characters or marks, and messages are read in half width');
  }
  const written = distinguish.includes('script') ? source : simplifyPattern(source);
  const expression = compile(written, distinguish.includes('case') ? 0 : RE2JS.CASE_INSENSITIVE);
  const steps = expression.programSize();
  if (steps > MOST_STEPS) throw new WrongPattern(`takes ${steps} steps, more than ${MOST_STEPS}; shorten its repeats`);
  return { steps, foundIn: (folded) => expression.test(folded) };
}

function compile(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new WrongPattern(`does not compile: ${reason.replace(/^error parsing regexp: /, '')}`);
  }
}

/** The ends of a range such as [一-龥] stay: it means all that lies between them. */
function simplifyPattern(source: string): string {
  return source.replace(/(?<!-)\p{Script=Han}(?!-)/gu, (character) => simplify(character));
}
