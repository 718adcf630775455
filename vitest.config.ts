import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/e2e/**'],
    pool: 'forks',
    // Most of them wait for other programs and for sockets.
    maxWorkers: '100%',
    // So that a test ends that hangs. A test that does not may wait for a busy machine as long as it takes.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
