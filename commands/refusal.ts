import type { Finding } from '../lib/configuration/business.ts';

/** What the person has to know to get it right; printed without a stack. */
export class Refusal extends Error {
  readonly problems: readonly Finding[];
  constructor(message: string, problems: readonly Finding[] = []) {
    super(message);
    this.problems = problems;
  }
}

export const findingText = ({ path, problem, mend }: Finding): string => `${path}: ${problem}; ${mend}`;

/** A line for each. */
export const warningsText = (warnings: readonly Finding[]): string =>
  warnings.map((warning) => `warning: ${findingText(warning)}\n`).join('');

export const print = (text: string): boolean => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
