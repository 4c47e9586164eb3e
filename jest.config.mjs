// The file's suffix says the kind of test (README.md, "Tests"); contract tests need engines, so they run with the component tests.
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', '/.ebuy/'],
  modulePathIgnorePatterns: ['<rootDir>/.ebuy/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  ...extra,
});

export default {
  projects: [
    project('fast', ['**/*.test.ts', '!**/*.component.test.ts', '!**/*.contract.test.ts']),
    project('component', ['**/*.component.test.ts', '**/*.contract.test.ts']),
    project('e2e', ['<rootDir>/e2e/**/*.e2e.ts']),
  ],
  // For a machine that is five times slower than a developer's: what hangs fails later, and what is only slow does not fail.
  testTimeout: 120_000,
};
