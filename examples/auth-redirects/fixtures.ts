import { test as base } from 'waylay/playwright';
import { startServer } from './server.js';

export { expect } from 'waylay/playwright';

type Server = Awaited<ReturnType<typeof startServer>>;

/** Waylay's `test`, with the servers started once in each worker. */
export const test = base.extend<object, { server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      server.close();
    },
    { scope: 'worker' },
  ],
  // Where the names are dialled, and whose certificates are trusted there: Waylay verifies them as a browser would.
  waylayOptions: async ({ server }, use) => {
    const { address, cert } = server;
    await use({ hosts: { 'app.test': address, 'login.test': address }, trustedRoots: cert });
  },
});
