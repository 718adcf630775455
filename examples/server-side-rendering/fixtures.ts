import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test as base } from 'waylay/playwright';

export { expect } from 'waylay/playwright';

/** Waylay's `test`, with the application's server started once in each worker. */
export const test = base.extend<object, { app: { address: string } }>({
  app: [
    async ({ waylayWorker }, use) => {
      // The server's own requests go through Waylay as well, to the proxy of the test that runs.
      const server = spawn(process.execPath, [fileURLToPath(new URL('server.mjs', import.meta.url))], {
        env: { ...process.env, ...waylayWorker.env() },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(server.stdout, 'data');
      await use({ address: `127.0.0.1:${/\d+/.exec(String(line))}` });
      server.kill();
      await once(server, 'exit');
    },
    { scope: 'worker' },
  ],
  waylayOptions: async ({ app }, use) => {
    await use({ hosts: { 'tea.test': app.address } });
  },
});
