import { test as base } from 'waylay/playwright';
import { startServer } from './server.js';

export { expect } from 'waylay/playwright';

type Server = Awaited<ReturnType<typeof startServer>>;

/** Waylay's `test`, with the server started once in each worker. */
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
  // Where the name is dialled, and whose certificate is trusted there: Waylay verifies it as a browser would.
  waylayOptions: async ({ server }, use) => {
    const { address, cert } = server;
    await use({ hosts: { 'reader.test': address }, trustedRoots: cert });
  },
});
