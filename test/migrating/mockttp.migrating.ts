import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProxyAgent } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest';
import { useWaylay } from '../../fixtures/vitest.js';
import { sections } from './sections.js';

// Not among the types of this project: it is installed beside these tests only.
const { getLocal, generateCACertificate } = await import('mockttp' as string);

let port = 0;
const origin = createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"items":[]}');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  port = (origin.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => origin.close(resolve)));

describe.each(sections('mockttp'))('$title', ({ before, after }) => {
  describe('before', () => {
    const ca = generateCACertificate();
    let server: { start(): Promise<void>; stop(): Promise<void>; url: string };
    beforeEach(async () => {
      server = getLocal({ https: await ca });
      await server.start();
    });
    afterEach(() => server.stop());

    test('with mockttp', async () => {
      const dispatcher = new ProxyAgent({
        uri: server.url,
        requestTls: { ca: (await ca).cert },
        proxyTls: { ca: (await ca).cert },
      });
      const through: typeof fetch = (url, init) => fetch(url, { ...init, dispatcher } as unknown as RequestInit);
      try {
        await before({ server, port, fetch: through });
      } finally {
        await dispatcher.destroy();
      }
    });
  });

  describe('after', () => {
    const waylay = useWaylay();

    test('with Waylay', () => after({ waylay, port }));
  });
});
