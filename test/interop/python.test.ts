/** Python's urllib through the proxy to nginx. */
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import type { Waylay } from '../../fixtures/standalone.js';
import { requireTool, run } from '../tools.js';
import { startNginx } from './nginx.js';
import { bareEnvironment, startProxy } from './proxy.js';

const program = fileURLToPath(new URL('clients/fetch.py', import.meta.url));

beforeEach((ctx) => {
  requireTool(ctx, 'python3');
  requireTool(ctx, 'nginx');
});

async function fetchAll(waylay: Waylay, caFile: string, ...urls: string[]): Promise<unknown[]> {
  const { code, stdout, stderr } = await run('python3', [program, waylay.url, caFile, ...urls], {
    env: bareEnvironment,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('Python goes through over HTTP, HTTPS by name and HTTPS by address', async () => {
  const nginx = await startNginx();
  const { waylay, caFile } = await startProxy({
    hosts: { 'shop.test:80': `127.0.0.1:${nginx.httpPort}`, 'shop.test:443': `127.0.0.1:${nginx.httpsPort}` },
    trustedRoots: nginx.root,
  });
  const address = `127.0.0.1:${nginx.httpsPort}`;
  const urls = ['http://shop.test/a?b=1', 'https://shop.test/a?b=1', `https://${address}/`];
  expect(await fetchAll(waylay, caFile, ...urls)).toEqual([
    { status: 200, body: 'http HTTP/1.1 [] shop.test /a?b=1\n' },
    { status: 200, body: 'https HTTP/1.1 [shop.test] shop.test /a?b=1\n' },
    { status: 200, body: `https HTTP/1.1 [] ${address} /\n` },
  ]);
  const finished = await Promise.all(waylay.exchanges.map((exchange) => exchange.finished()));
  expect(finished.map(({ request, response, source }) => [request.url, response.status, source])).toEqual(
    urls.map((url) => [url, 200, 'upstream']),
  );
});

test('Python reads a stub, and the explanations of the proxy, as any response', async () => {
  const { waylay, caFile } = await startProxy({ upstreamErrors: 'respond' });
  waylay.stubResponse('https://api.invalid/**', { status: 402, json: { error: 'declined' } });
  const [stubbed, failed] = await fetchAll(waylay, caFile, 'https://api.invalid/v1', 'https://shop.invalid/');
  expect(stubbed).toEqual({ status: 402, body: '{"error":"declined"}' });
  expect(failed).toEqual({ status: 502, body: expect.stringMatching(/^WAYLAY_UPSTREAM_DNS: /) });
});

test('Python refuses the leaf without the CA, and a mirrored failure is an error to it', async () => {
  const nginx = await startNginx();
  const { waylay, caFile } = await startProxy({
    hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` },
    trustedRoots: nginx.root,
  });
  const { caFile: other } = await startProxy();
  expect(await fetchAll(waylay, other, 'https://shop.test/')).toEqual([
    { error: expect.stringContaining('CERTIFICATE_VERIFY_FAILED') },
  ]);
  expect(await fetchAll(waylay, caFile, 'https://nowhere.invalid/')).toEqual([
    { error: expect.stringContaining('502 Bad Gateway') },
  ]);
});
