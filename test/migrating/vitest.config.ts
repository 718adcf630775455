import { defineConfig } from 'vitest/config';

/** The tests of what docs/migrating shows, with the tools that are left: `npm run test:migrating` installs these. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.migrating.ts'], pool: 'forks', testTimeout: 30_000 },
});
