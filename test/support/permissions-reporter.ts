import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageStack } from '../../local/package-stack.ts';
import { createResolver, readFunctions } from '../../local/template.ts';
import { USED_GRANTS_FILE } from '../../local/used-grants.ts';
import { EXCUSED_GRANTS } from '../contract/excused-grants.ts';
import { findUnused } from './unused-grants.ts';

/** What Jest tells of a whole run, as far as it matters here: https://jestjs.io/docs/configuration#custom-reporters */
interface Run {
  readonly rootDir: string;
  readonly testNamePattern?: string;
}
interface Results {
  readonly testResults: readonly { readonly testFilePath: string }[];
  readonly numRuntimeErrorTestSuites: number;
  numFailedTests: number;
}

/**
 * After all tests: fails the run when a function may do something that no journey needed. Every stack of the run, whichever process it is
 * in, notes in one file what its roles were used for. Where that file is named from outside, several runs add up in it, and nothing
 * fails.
 */
export default class PermissionsReporter {
  readonly #run: Run;
  #own: string | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Before the workers start: they inherit the variable. */
  onRunStart(): void {
    if (process.env[USED_GRANTS_FILE]) return;
    const folder = join(this.#run.rootDir, '.local');
    mkdirSync(folder, { recursive: true });
    this.#own = join(folder, `used-grants-${process.pid}.txt`);
    writeFileSync(this.#own, '');
    process.env[USED_GRANTS_FILE] = this.#own;
  }

  async onRunComplete(_: unknown, results: Results): Promise<void> {
    try {
      const reason = this.#own && this.#whyNot(results);
      if (reason) return say(`checked nothing, because ${reason}.`);
      const { grants, unused, emptyExcuses } = findUnused(await this.#functions(), this.#used(), EXCUSED_GRANTS);
      if (unused.length + emptyExcuses.length === 0)
        return say(`each of the roles' ${grants} grants was used, or has an excuse.`);
      for (const one of unused) say(`nobody used ${one}`);
      for (const one of emptyExcuses) say(`nobody may do what is excused: ${one}`);
      say('take them out of serverless.yml, or write into test/contract/excused-grants.ts why no journey needs them.');
      // A failed test like another, for the exit code and the closing line.
      if (this.#own) results.numFailedTests += 1;
    } finally {
      if (this.#own) rmSync(this.#own, { force: true });
    }
  }

  #whyNot({ testResults, numFailedTests, numRuntimeErrorTestSuites }: Results): string | undefined {
    const all = globSync('test/**/*.test.ts', { cwd: this.#run.rootDir }).length;
    if (this.#run.testNamePattern || testResults.length < all) return 'only a part of the tests ran';
    if (numFailedTests + numRuntimeErrorTestSuites > 0) return 'a test failed';
    return undefined;
  }

  #used(): Set<string> {
    return new Set(readFileSync(process.env[USED_GRANTS_FILE] ?? '', 'utf8').split('\n'));
  }

  async #functions() {
    const { template } = await packageStack({ stage: 'dev', root: this.#run.rootDir });
    return readFunctions(
      template,
      createResolver(template, (queue) => queue),
    );
  }
}

function say(words: string): void {
  process.stdout.write(`Permissions: ${words}\n`);
}
