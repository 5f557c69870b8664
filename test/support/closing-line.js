// Prints the plain line that the build reads, after everything else.
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A suite that could not even load ran no test, and is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.on('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
}
