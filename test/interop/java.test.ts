/** Java's HttpClient through the proxy to nginx. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { requireTool, run } from '../tools.js';
import { startNginx } from './nginx.js';
import { bareEnvironment, startProxy } from './proxy.js';

const program = fileURLToPath(new URL('clients/Fetch.java', import.meta.url));

// The JVM compiles the program first.
const TIMEOUT = 60_000;

test('Java goes through over HTTP and HTTPS, each with HTTP/1.1 and HTTP/2, and meets a stub', {
  timeout: TIMEOUT,
}, async (ctx) => {
  requireTool(ctx, 'java');
  requireTool(ctx, 'nginx');
  const nginx = await startNginx();
  const { waylay, caFile } = await startProxy({
    hosts: { 'shop.test:80': `127.0.0.1:${nginx.httpPort}`, 'shop.test:443': `127.0.0.1:${nginx.httpsPort}` },
    trustedRoots: nginx.root,
  });
  waylay.stubResponse('https://api.invalid/**', { status: 402, json: { error: 'declined' } });
  const address = `127.0.0.1:${nginx.httpsPort}`;
  const requests = [
    ['HTTP_1_1', 'http://shop.test/a?b=1', '200 HTTP_1_1 http HTTP/1.1 [] shop.test /a?b=1'],
    // It offers h2c by Upgrade, which the proxy declines.
    ['HTTP_2', 'http://shop.test/a?b=1', '200 HTTP_1_1 http HTTP/1.1 [] shop.test /a?b=1'],
    ['HTTP_1_1', 'https://shop.test/a?b=1', '200 HTTP_1_1 https HTTP/1.1 [shop.test] shop.test /a?b=1'],
    ['HTTP_2', 'https://shop.test/a?b=1', '200 HTTP_2 https HTTP/2.0 [shop.test] shop.test /a?b=1'],
    ['HTTP_2', `https://${address}/`, `200 HTTP_2 https HTTP/2.0 [] ${address} /`],
    ['HTTP_1_1', 'https://api.invalid/v1', '402 HTTP_1_1 {"error":"declined"}'],
    ['HTTP_2', 'https://api.invalid/v1', '402 HTTP_2 {"error":"declined"}'],
  ] as const;
  const { code, stdout, stderr } = await run(
    'java',
    // Quick to start: one collector, one compiler.
    [
      ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', program, String(waylay.port), caFile],
      ...requests.flatMap(([version, url]) => [version, url] as string[]),
    ],
    { env: bareEnvironment, timeout: TIMEOUT - 5_000 },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toEqual(requests.map(([, , line]) => line));
  const finished = await Promise.all(waylay.exchanges.map((exchange) => exchange.finished()));
  expect(finished.map(({ request, source }) => [request.url, source])).toEqual(
    requests.map(([, url]) => [url, url.includes('api.invalid') ? 'stub' : 'upstream']),
  );
});
