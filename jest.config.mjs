// Three kinds of test, told apart by the file's suffix (see README.md, "Tests").
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
  testTimeout: 60_000,
};
