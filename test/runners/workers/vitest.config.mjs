/** With the package as it is built, where the variable says: a worker thread runs no sources. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'waylay/vitest': `${process.env.WAYLAY_BUILT}/esm/fixtures/vitest.js` } },
  test: { root: import.meta.dirname, include: ['*.run.mjs'], retry: 0, testTimeout: 60_000 },
});
