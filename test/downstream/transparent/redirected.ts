/** The setting of tests of redirected clients: a network for each file, servers in it, and a Waylay. */
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { beforeAll, beforeEach, onTestFinished, type TestContext } from 'vitest';
import type { WaylayOptions } from '../../../fixtures/options.js';
import { startWaylay, type Waylay } from '../../../fixtures/standalone.js';
import { temporaryFolder } from '../../interop/proxy.js';
import { publicAuthority, serverLeaf } from '../../servers.js';
import { Network, whyNoNetwork } from './network.js';

/** The file's network; its tests are skipped with the reason where there can be none. */
export function ownNetwork(): { readonly network: Network } {
  let entered: Network | undefined;
  let reason: string | undefined;
  beforeAll(async () => {
    reason = await whyNoNetwork();
    if (reason === undefined) entered = await Network.enter();
  });
  beforeEach((ctx) => skipWithout(ctx, reason));
  return {
    get network() {
      if (entered === undefined) throw new Error('There is no network before the tests.');
      return entered;
    },
  };
}

/** Skips a test for the reason, if there is one; where tools are required, fails it. */
export function skipWithout(ctx: Pick<TestContext, 'skip'>, reason: string | undefined): void {
  if (reason === undefined) return;
  const why = `needs a network of its own: ${reason}`;
  // Without root, unprivileged.test.ts runs these tests where they can be run.
  if (process.env.WAYLAY_REQUIRE_TOOLS && process.getuid?.() === 0)
    throw new Error(`This test ${why}; and WAYLAY_REQUIRE_TOOLS is set.`);
  ctx.skip(why);
}

/** Has a server listen until the test ends. */
export async function serve(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

/** Answers with the text, its own version of HTTP, and the host and the path it was asked for. */
export function http(text: string): Server {
  return createHttpServer((request, response) => {
    response.end(`${text} ${request.httpVersion} ${request.headers.host} ${request.url}`);
  });
}

/** The same over TLS, with a certificate for the name that is shown to everybody. */
export function https(text: string, name: string, leaf = serverLeaf(name)): Server {
  const server = createSecureServer({ allowHTTP1: true, SNICallback: (_, done) => done(null, leaf.context) });
  server.on('request', ({ httpVersion, authority, headers, url }, response) => {
    response.end(`${text} ${httpVersion} ${authority || headers.host} ${url}`);
  });
  return Object.assign(server, { _sharedCreds: leaf.context });
}

/** A Waylay that all of the client's TCP is redirected to; stopped when the test ends. `ca` has curl trust it. */
export async function redirectedWaylay(
  network: Network,
  options: WaylayOptions = {},
): Promise<{ waylay: Waylay; ca: readonly string[]; caFile: string }> {
  const waylay = await startWaylay({
    host: '::',
    transparent: 'kernel',
    trustedRoots: publicAuthority.pem,
    ...options,
  });
  onTestFinished(() => waylay.stop());
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, waylay.ca.pem);
  await network.redirect(waylay.port);
  return { waylay, ca: ['--cacert', caFile], caFile };
}

/** Has curl take a name for an address, as its hosts file would. */
export const at = (name: string, port: number, address: string): string[] => [
  '--resolve',
  `${name}:${port}:${address.includes(':') ? `[${address}]` : address}`,
];

/** Tells all exchanges of the journal, in short. */
export function told({ exchanges }: Waylay) {
  return exchanges.map(({ request, source, destination, error, disagreement }) => ({
    url: request.url,
    source,
    to: `${destination.source} ${destination.host} ${destination.port}`,
    ...(error && { error: error.code }),
    ...(disagreement && { disagreement }),
  }));
}
