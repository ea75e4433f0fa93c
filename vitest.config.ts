// The test projects: unit (pure and property tests), integration (a real API server or real processes), e2e (the story on a whole cluster).
import { defineConfig } from 'vitest/config';

// Module mocks stay behind where files share a process, so the few files that mock modules have one each.
const mocking = ['cli/enc/*Command.test.ts', 'crypto/blsFallback.test.ts', 'policy/ruleIndex.test.ts'];
const everywhere = ['api', 'crypto', 'receipts', 'policy', 'chain', 'operator', 'webhooks', 'services', 'cli', 'e2e', 'bench', 'scripts', 'model'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: everywhere.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/*.integration.test.ts', 'e2e/cases/**', 'e2e/mainnet/**', 'node_modules/**', ...mocking],
          // One process for many files: loading every module anew for each file took longer than the tests.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      { test: { name: 'unit-mocked', include: mocking, testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: everywhere.map((folder) => `${folder}/**/*.integration.test.ts`),
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/cases/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 1_500_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'mainnet',
          include: ['e2e/mainnet/**/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 2_400_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
