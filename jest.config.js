// Three kinds of test, told apart by folder. `unit` needs nothing running; the others share one real stack on free ports,
// started by the global set-up and stopped by the tear-down.
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
  // Data of running stacks: Postgres has *.snap files there, which Jest would take for its own.
  modulePathIgnorePatterns: ['<rootDir>/.stack/'],
};
const onTheStack = {
  ...shared,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

export default {
  // The default of 5 s is too short for a rebalance or a connector's start; each wait inside a test has its own deadline.
  testTimeout: 300_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...onTheStack, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    { ...onTheStack, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
    { ...onTheStack, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.test.ts'] },
    // Each file brings up a stack of its own kind: with a standby, several brokers, encrypted.
    { ...shared, displayName: 'topologies', testMatch: ['<rootDir>/test/topologies/**/*.test.ts'] },
  ],
};
