// Tests are TypeScript as ES modules; swc only strips the types, so what runs is what is written.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.local', '<rootDir>/.esbuild'],
  // A busy machine may take several times as long as a quiet one.
  testTimeout: 180_000,
  // Journeys mostly wait, for queues and for WeCom.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/slowest-first.js',
  setupFilesAfterEnv: ['<rootDir>/test/support/quiet-output.ts'],
  reporters: ['default', '<rootDir>/test/support/permissions-reporter.ts', '<rootDir>/test/support/closing-line.js'],
};
